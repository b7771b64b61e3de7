import { registry } from "@web/core/registry";
import {
    DESKTOP,
    PHONE,
    choose,
    click,
    dialogIsClosed,
    edit,
    field,
    inDialog,
    openMenu,
    see,
    seeRecord,
} from "./tour_steps";
import { stopwatch } from "./stopwatch";

/** For eight entries, one press and 80 seconds; the menu costs a press more. */
const TARGET = { clicks: 1, seconds: 30, missed: 2 };
const openPage = openMenu("timebill_legal.menu_activities", "timebill_legal.menu_activities_quick");

const cell = (name) => `.o_selected_row [name=${name}] input`;
const chosen = (label) => `.o-autocomplete--dropdown-item .ui-state-active:contains("${label}")`;

/** Steps that type in the cell that has the focus, and go on to the next one. */
function type(name, text) {
    return [{ trigger: `${cell(name)}:focus`, run: `edit ${text}` }, press(name, "Tab")];
}

function typeChoice(name, text, label) {
    return [
        { trigger: `${cell(name)}:focus`, run: `edit ${text}` },
        see(chosen(label)),
        press(name, "Tab"),
        see(`${cell(name)}:value(/${label}/)`),
    ];
}

function press(name, key) {
    return { trigger: `${cell(name)}:focus`, run: `press ${key}` };
}

/** All with the keys: no click between the menu and the end. */
const withTheKeys = [
    ...typeChoice("matter_id", "abadei", "Abadie v. Insurer"),
    ...typeChoice("type_id", "téléph", "Téléphone"),
    ...type("duration", "15"),
    { trigger: `${cell("description")}:focus`, run: "edit Appel du client" },
    press("description", "Enter"),

    // for the lawyer, on the same matter
    see(".o_data_row:contains(Appel du client):contains(15 min)"),
    see(`${cell("matter_id")}:focus:value(/Abadie v. Insurer/)`),
    see(".o_timebill_day_total:contains(Aujourd'hui 15 min)"),
    press("matter_id", "Shift+Tab"),
    ...typeChoice("user_id", "lawyer", "Claire Lawyer"),
    see(".o_timebill_day_total:contains(Aujourd'hui 0 min)"),
    press("matter_id", "Tab"),
    press("type_id", "Tab"),
    ...type("duration", "1h30"),
    { trigger: `${cell("description")}:focus`, run: "edit Conclusions" },
    press("description", "Tab"),

    // and again for her, on another matter
    see(".o_data_row:contains(Conclusions):contains(1 h 30)"),
    see(`${cell("user_id")}:value(Claire Lawyer)`),
    ...typeChoice("matter_id", "morel durand", "Lys and Morel v. Durand"),
    press("type_id", "Tab"),
    ...type("duration", "12"),
    { trigger: `${cell("description")}:focus`, run: "edit Message" },
    press("description", "Enter"),
    see(".o_list_footer :contains(1 h 57)"),
    see(".o_timebill_day_total:contains(Aujourd'hui 1 h 42)"),
].map((step) => ({ ...step, ...DESKTOP }));

/** A card at a time, where the dialog keeps what the list does. */
const withTheThumb = [
    click(".o-kanban-button-new"),
    ...choose(field("matter_id", "input"), "Abadie v. Insurer"),
    ...choose(field("type_id", "input"), "Téléphone"),
    edit(field("duration", "input"), "15"),
    edit(field("description", "textarea"), "Appel du client"),
    click(inDialog("button[name=action_save_and_new]")),

    see(field("description", "textarea:not(:value(/Appel/))")),
    see(field("matter_id", "input:value(/Abadie v. Insurer/)")),
    see(field("day_total", ":contains(Aujourd'hui 15 min)")),
    edit(field("duration", "input"), "1h30"),
    edit(field("description", "textarea"), "Conclusions"),
    click(inDialog(".nav-link[name=more]")),
    ...choose(field("user_id", "input"), "Claire Lawyer"),
    click(inDialog("button[name=action_save_and_new]")),

    see(field("description", "textarea:not(:value(/Conclusions/))")),
    see(field("day_total", ":contains(Aujourd'hui 1 h 30)")),
    ...choose(field("matter_id", "input"), "Lys and Morel v. Durand"),
    edit(field("duration", "input"), "12"),
    edit(field("description", "textarea"), "Message"),
    click(inDialog("button[name=action_save]")),
    dialogIsClosed(),
    ...seeRecord("Message", "Lys and Morel"),
    ...seeRecord("Appel du client", "15 min"),
].map((step) => ({ ...step, ...(step.isActive ? {} : PHONE) }));

/** An assistant enters her own work, and that of the lawyer. */
registry.category("web_tour.tours").add("timebill_quick_entry", {
    steps: () => [
        ...stopwatch("Trois saisies à la suite", TARGET, [...openPage, ...withTheKeys])
            .filter((step) => !step.isActive?.includes("mobile"))
            .map((step) => ({ ...step, ...DESKTOP })),
        ...openPage.filter((step) => step.isActive.includes("mobile")),
        ...withTheThumb.filter((step) => !step.isActive.includes("desktop")),
    ],
});
