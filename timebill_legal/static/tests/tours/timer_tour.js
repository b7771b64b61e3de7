import { addTour, check, click, dialogIsClosed, edit, field, inDialog, see } from "./tour_steps";
import { stopwatch } from "./stopwatch";

const CLOCK = ".o_menu_systray .o_timebill_timer_stop .o_timebill_timer_clock";
const ROW = ".o_timebill_timer_row";

/** A lawyer starts on a matter, types while it runs, pauses, resumes, stops and saves. */
addTour("timebill_timer", () => [
    ...stopwatch("Chronomètre : démarrer, arrêter, enregistrer", { clicks: 3, seconds: 12 }, [
        click(".o_form_view .o_timebill_timer_button:has(.fa-play)"),
        see(".o_form_view .o_timebill_timer_button .fa-pause"),
        click(".o_menu_systray .o_timebill_timer_stop"),
        see(field("matter_id", "input:value(/Abadie v. Insurer/)")),
        see(field("duration", 'input:value("1 min")')),
        click(inDialog("button[name=action_save]")),
        dialogIsClosed(),
        see(".o_menu_systray .o_timebill_timer:not(:has(.o_timebill_timer_stop))"),
    ]),

    // the whole way
    click(".o_form_view .o_timebill_timer_button:has(.fa-play)"),
    see(CLOCK),
    check(".o_main_navbar", "The title has too little room", () => {
        const breadcrumb = document.querySelector(".o_main_navbar .o_breadcrumb");
        return !breadcrumb || breadcrumb.getBoundingClientRect().width >= 100;
    }),
    click(".o_timebill_timer_toggle"),
    see(`${ROW}.o_running .o_record_selector input:value(/Abadie v. Insurer/)`),
    edit(`${ROW} .o_timebill_timer_text`, "Appel du greffe"),
    {
        trigger: `${ROW} .o_timebill_timer_type:has(option:contains(Rédaction))`,
        run: "selectByLabel Rédaction",
    },
    click(`${ROW} .o_timebill_timer_run:has(.fa-pause)`),
    click(`${ROW}:not(.o_running) .o_timebill_timer_run:has(.fa-play)`),
    click(`${ROW}.o_running .o_timebill_timer_enter`),
    see(field("matter_id", "input:value(/Abadie v. Insurer/)")),
    see(field("type_id", "input:value(Rédaction)")),
    see(field("description", 'textarea:value("Appel du greffe")')),
    click(inDialog("button[name=action_save]")),
    dialogIsClosed(),

    // a new one, thrown away
    click(".o_timebill_timer_toggle"),
    see(".o_timebill_timer_list:not(:has(.o_timebill_timer_row))"),
    click(".o_timebill_timer_new"),
    click(`${ROW} .o_timebill_timer_discard`),
    click(inDialog(".modal-footer .btn-danger")),
    dialogIsClosed(),
    see(".o_menu_systray .o_timebill_timer:not(:has(.o_timebill_timer_stop))"),
]);
