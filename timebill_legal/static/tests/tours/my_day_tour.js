import {
    DESKTOP,
    PHONE,
    addTour,
    check,
    click,
    dialogIsClosed,
    edit,
    field,
    goBack,
    inDialog,
    openMenu,
    see,
} from "./tour_steps";
import { stopwatch } from "./stopwatch";

const PAGE = ".o_timebill_my_day_page";
const ROW = ".o_timebill_candidate";
const MATTER = ".o_form_view .o_field_widget[name=matter_id] input";
const row = (text, inside = "") => `${ROW}:contains("${text}") ${inside}`;

/** At the end of the day, a lawyer enters her five appointments, and what else she did. */
addTour("timebill_my_day", () => [
    // she lands on it; three presses are counted from another page
    see(`${PAGE}:contains("il manque 7 h 00 sur 7 h 00"):contains("6 rendez-vous")`),
    ...openMenu("timebill_legal.menu_matters", "timebill_legal.menu_matters_mine"),
    see(".o_breadcrumb:contains(Mes dossiers)"),
    ...stopwatch("Cinq rendez-vous", { clicks: 3, seconds: 8 }, [
        click(".o_menu_sections [data-menu-xmlid='timebill_legal.menu_my_day']", DESKTOP),
        click(".o_main_navbar .o_menu_toggle", PHONE),
        click(".o_app_menu_sidebar [data-menu-xmlid='timebill_legal.menu_my_day']", PHONE),
        see(`${ROW} input:checked`),
        click('.o_timebill_convert:text("Convertir 5 · 5 h 00")'),
        see(`.o_timebill_entered .o_timebill_activity:contains("Rendez-vous 5")`),
    ]),
    see('.o_notification:contains("5 saisies")'),
    see(`${PAGE}:contains("il manque 2 h 00 sur 7 h 00"):contains("1 rendez-vous")`),
    see('.o_timebill_week_total:contains("5 h 00 / 49 h 00")'),

    // of the sixth, she says the matter, the category and how long it took
    see(row("Déjeuner", '.o_timebill_reason:contains("quel dossier")')),
    edit(row("Déjeuner", ".o_record_selector input"), "abadie"),
    click(".o-autocomplete--dropdown-item:contains(Abadie v. Insurer)"),
    see(row("Déjeuner", "input:checked")),
    { trigger: row("Déjeuner", "select"), run: "selectByLabel Correspondance" },
    { trigger: row("Déjeuner", ".o_timebill_candidate_minutes"), run: "edit 1h30 && press Enter" },
    click('.o_timebill_convert:text("Convertir 1 · 1 h 30")'),
    see(`.o_timebill_all_entered`),

    // what is on no calendar
    click(".o_timebill_new_activity"),
    click('.o-dropdown--menu .o-dropdown-item:text("Temps")'),
    click(inDialog(".o_timebill_chip:contains(Abadie v. Insurer)")),
    edit(field("duration", "input"), "30"),
    edit(field("description", "textarea"), "Relecture"),
    click(inDialog("button[name=action_save]")),
    dialogIsClosed(),
    see(`${PAGE}:contains("7 h 00 saisies sur 7 h 00")`),
    see(".o_timebill_activity:contains(Relecture)"),

    // another day, and back; nothing of it is hidden by the bar of a phone
    click(".o_timebill_previous"),
    see(".o_timebill_empty"),
    check(PAGE, "The page is wider than the screen", (page) => page.scrollWidth <= window.innerWidth),
    click(".o_timebill_today"),
    click(".o_timebill_activity:contains(Relecture)"),

    // of another matter after all
    see(`${MATTER}:value(/Abadie v. Insurer/)`),
    ...stopwatch("Un temps sur le mauvais dossier (le bon est récent)", { clicks: 3, seconds: 6 }, [
        click(".o_form_view .o_timebill_chip:contains(Lys v. Martin)"),
        see(`${MATTER}:value(/Lys v. Martin/)`),
        click(".o_form_button_save"),
        see(".o_form_view:has(.o_form_status_indicator_buttons.invisible)"),
    ]),
    goBack(),
    see(".o_timebill_activity:contains(Lys v. Martin)"),
]);
