import {
    DESKTOP,
    PHONE,
    addTour,
    check,
    click,
    dialogIsClosed,
    edit,
    field,
    inDialog,
    openMenu,
    openRecord,
    saveActivity,
    see,
    seeRecord,
} from "./tour_steps";
import { stopwatch } from "./stopwatch";

const MIN_TITLE_WIDTH = 100;
/** With the keys alone; on a phone, a matter that is not among the recent ones. */
const TARGET = { clicks: 0, seconds: 12, phone: { clicks: 4, seconds: 14 } };

const PLUS = ".o_main_navbar .o_timebill_entry_systray";
const TITLE = ".o_form_view .o_field_widget[name=name] textarea";
const chip = (text) => inDialog(`.o_timebill_chip:contains(${text})`);
const tab = (text) => inDialog(`[role=radio]:text(${text})`);

/** A lawyer enters a call without a click, over a form that she was filling in. */
addTour("timebill_entry_from_anywhere", () => [
    see(".o_breadcrumb:contains(Ma journée)"),

    // a form with unsaved changes
    ...openMenu("timebill_legal.menu_matters", "timebill_legal.menu_matters_mine"),
    ...openRecord("Abadie v. Insurer"),
    see(TITLE),
    {
        ...check(".o_main_navbar .o_breadcrumb", "The title has no room beside the icons", (title) => {
            return title.getBoundingClientRect().width >= MIN_TITLE_WIDTH;
        }),
        ...PHONE,
    },
    edit(TITLE, "Titre en cours"),
    ...stopwatch("Un appel de 15 min, de n’importe où", TARGET, [
        { trigger: TITLE, run: "press Alt+Shift+s", ...DESKTOP },
        click(PLUS, PHONE),

        // the matter is searched without accent, by a title with a slip of the keyboard
        see(tab("Temps") + ".active"),
        see(field("day_total", ":contains(Aujourd'hui 0 min)")),
        { trigger: field("matter_id", "input:focus"), run: "edit abadei", ...DESKTOP },
        { trigger: ".o-autocomplete--dropdown-item:contains(Abadie v. Insurer)", ...DESKTOP },
        { trigger: field("matter_id", "input"), run: "press Enter", ...DESKTOP },
        click(field("matter_id", "input"), PHONE),
        click(inDialog(".o_kanban_view .o_kanban_record:contains(Abadie v. Insurer)"), PHONE),
        see(field("matter_id", "input:value(/Abadie v. Insurer/)")),
        { trigger: field("matter_id", "input:focus"), run: "press Tab", ...DESKTOP },
        { trigger: field("type_id", "input:focus"), run: "press Tab", ...DESKTOP },
        { trigger: field("duration", "input:focus"), run: "edit 15", ...DESKTOP },
        { trigger: field("duration", "input"), run: "press Control+Enter", ...DESKTOP },
        see(field("duration", 'input:value("15 min")'), PHONE), // as the category proposes
        click(inDialog("button[name=action_save]"), PHONE),
        dialogIsClosed(),
    ]),
    see(`${TITLE}:value(Titre en cours)`),
    click(".o_form_button_cancel"),

    // again, with chips, and going from kind to kind
    click(PLUS),
    see(field("day_total", ":contains(Aujourd'hui 15 min)")),
    click(chip("Abadie v. Insurer")),
    see(field("matter_id", "input:value(/Abadie v. Insurer/)")),
    click(inDialog(".o_timebill_duration_chip:text(45 min)")),
    edit(field("description", "textarea"), "Relecture"),
    click(tab("Frais")),
    see(field("price_unit", "input")),
    see(field("description", "textarea:value(Relecture)")),
    click(tab("Temps")),
    see(field("duration", "input:value(45 min)")),
    see(field("description", "textarea:value(Relecture)")),
    ...saveActivity(),

    // the list below shows it
    ...openMenu("timebill_legal.menu_activities", "timebill_legal.menu_activities_mine"),
    ...seeRecord("Relecture", "Abadie v. Insurer"),
    click(PLUS),
    click(chip("Abadie v. Insurer")),
    click(tab("Prestation")),
    edit(field("price_unit", "input"), "150"),
    edit(field("description", "textarea"), "Consultation écrite"),
    ...saveActivity(),
    ...seeRecord("Consultation écrite", "Abadie v. Insurer"),

    // and so does the calendar, where a click on a day enters more
    click(".o_switch_view.o_calendar", DESKTOP),
    see(".fc-event:contains(45 min · Abadie v. Insurer)", DESKTOP),
    click(".fc-day-today", DESKTOP),
    see(field("day_total", ":contains(Aujourd'hui 1 h 00)"), DESKTOP),
    click(inDialog("button[special=cancel], .btn-close"), DESKTOP),
    dialogIsClosed(),
]);
