import {
    DESKTOP,
    PHONE,
    addTour,
    choose,
    click,
    dialogIsClosed,
    edit,
    field,
    inDialog,
    only,
    openMenu,
    see,
    seeRecord,
} from "./tour_steps";
import { stopwatch } from "./stopwatch";

const openPage = openMenu("timebill_legal.menu_activities", "timebill_legal.menu_activities_quick");

/** She opens the page with the keys, too. */
const TARGET = { clicks: 0, seconds: 80 };

/** What she notes at the end of the day: her own call, then the work of the lawyer, matter after matter. */
const LINES = [
    { matter: ["abadie", "Abadie v. Insurer"], type: ["télé", "Téléphone"], duration: "15", text: "Appel du client" },
    { user: ["lawyer", "Claire Lawyer"], type: ["réda", "Rédaction"], duration: "1h30", text: "Conclusions" },
    { type: ["télé", "Téléphone"], duration: "12", text: "Appel du greffe" },
    { matter: ["durand", "Lys and Morel v. Durand"], duration: "10", text: "Appel de l'expert" },
    { type: ["rend", "Rendez-vous"], duration: "45", text: "Réunion des clients" },
    { matter: ["martin", "Lys v. Martin"], type: ["rech", "Recherche"], duration: "2h", text: "Jurisprudence" },
    { type: ["réda", "Rédaction"], duration: "1h", text: "Note au client" },
    // with a slip of the keyboard
    { matter: ["abadei", "Abadie v. Insurer"], type: ["télé", "Téléphone"], duration: "20", text: "Rappel du client" },
];

const cell = (name) => `.o_selected_row [name=${name}] input`;

function press(name, key) {
    return { trigger: `${cell(name)}:focus`, run: `press ${key}` };
}

/** Type in the cell that has the focus, and go on to the next one without waiting for anything. */
function type(name, text) {
    return [{ trigger: `${cell(name)}:focus`, run: `edit ${text}` }, press(name, "Tab")];
}

function typeChoice(name, choice) {
    return choice ? type(name, choice[0]) : [press(name, "Tab")];
}

function enterLine({ user, matter, type: category, duration, text }) {
    const chosen = { user_id: user, matter_id: matter, type_id: category };
    return [
        ...(user ? [press("matter_id", "Shift+Tab"), ...typeChoice("user_id", user)] : []),
        ...typeChoice("matter_id", matter),
        ...typeChoice("type_id", category),
        ...type("duration", duration),
        { trigger: `${cell("description")}:focus`, run: `edit ${text}` },
        ...Object.entries(chosen).flatMap(([name, choice]) =>
            choice ? [see(`${cell(name)}:value(/${choice[1]}/)`)] : []
        ),
        press("description", "Enter"),
        see(`.o_data_row:not(.o_selected_row):contains(${text})`),
    ];
}

/** Not one press. */
const withTheKeys = [
    { trigger: ".o_timebill_my_day", run: "press Alt+Shift+e" },
    ...LINES.flatMap(enterLine),
];

const seeLines = [
    see(`${cell("matter_id")}:focus:value(/Abadie v. Insurer/)`),
    see(`${cell("user_id")}:value(Claire Lawyer)`),
    see(".o_data_row:contains(Conclusions):contains(1 h 30)"),
    see(".o_list_footer :contains(6 h 27)"),
    see(".o_timebill_day_total:contains(Aujourd'hui 5 h 57)"),
];

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
];

/** An assistant enters her own work, and that of the lawyer. */
addTour("timebill_quick_entry", () => [
    ...only(DESKTOP, [...stopwatch("Huit saisies le soir", TARGET, withTheKeys), ...seeLines]),
    ...only(PHONE, [...openPage, ...withTheThumb]),
]);
