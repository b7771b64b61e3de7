import {
    DESKTOP,
    PHONE,
    YESTERDAY,
    addTour,
    check,
    choose,
    click,
    dialogIsClosed,
    edit,
    editDate,
    empty,
    field,
    inDialog,
    newActivity,
    openGroup,
    openStatButton,
    see,
    seeRecord,
} from "./tour_steps";

/** The matters offered are those of the client. */
function chooseAmongTwo(label) {
    const options = ".o-autocomplete--dropdown-item:contains(/ v. /)";
    const cards = inDialog(".o_kanban_view .o_kanban_record:contains(/ v. /)");
    const areTwo = (trigger, size) => ({
        ...check(trigger, "Other matters are offered than the client's two", (_anchor, queryAll) => {
            return queryAll(trigger).length === 2;
        }),
        ...size,
    });
    const [open, ...rest] = choose(field("matter_id", "input"), label);
    return [open, areTwo(options, DESKTOP), areTwo(cards, PHONE), ...rest];
}

/** A lawyer enters work common to two clients, of whom one has two matters; what is wrong is refused. */
addTour("timebill_entry_with_choices", () => [
    ...newActivity("Temps"),
    see(field("matter_id", "input:value(/^$/)")),
    edit(field("duration", "input"), "abc"),
    see(inDialog(".o_timebill_duration_echo:contains(Par exemple 45, 1h30 ou 1,5)")),
    click(inDialog("button[name=action_save]")),
    see(inDialog("[name=duration].o_field_invalid")),
    see(inDialog("[name=matter_id].o_field_invalid")),
    see(".o_notification:contains(Dossier):contains(Temps passé)"),

    ...chooseAmongTwo("Lys and Morel v. Durand"),
    see(field("partner_id", "input:value(SCI des Lys)")),
    ...empty(field("partner_id", "input")),
    edit(field("duration", "input"), "1h30"),
    edit(field("description", "textarea"), "Réunion des deux clients"),
    see(field("partner_id", "input:value(/^$/)")),
    see(inDialog("[name=partner_id] input[placeholder='Commun à tous les clients']")),
    click(field("date", "button")),
    editDate(field("date", "input"), YESTERDAY),
    see(field("date", `button[data-tooltip="${YESTERDAY}"]`)),
    click(inDialog("button[name=action_save_and_new]")),

    // the description is first again: a new dialog
    see(field("description", "textarea:not(:value(/Réunion/))")),
    ...chooseAmongTwo("Lys and Morel v. Durand"),
    edit(field("duration", "input"), "45"),
    edit(field("description", "textarea"), "Compte rendu"),
    click(inDialog(".nav-link[name=more]")),
    see(field("date", `button[data-tooltip="${YESTERDAY}"]`)),
    see(field("user_id", "input:value(Claire Lawyer)")),
    { trigger: inDialog(".o_form_view"), run: "press Control+Enter", ...DESKTOP },
    click(inDialog("button[name=action_save]"), PHONE),
    dialogIsClosed(),

    ...openStatButton("timebill_action_open_activities"),
    ...openGroup("Lys and Morel v. Durand"),
    ...seeRecord("Réunion des deux clients"),
    ...seeRecord("Compte rendu"),
]);
