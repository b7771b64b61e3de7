import {
    addTour,
    choose,
    click,
    edit,
    editAndLeave,
    field,
    goBack,
    inDialog,
    newActivity,
    openAction,
    openCardMenu,
    pressHeaderButton,
    saveActivity,
    see,
} from "./tour_steps";

/** A lawyer enters work from a matter, its project, the card of the project, and a task. */
addTour("timebill_entry_elsewhere", () => [
    see(".o_statusbar_buttons:not(:has(button[name=action_bill]))"),
    ...newActivity("Temps"),
    see(field("matter_id", "input:value(/Abadie v. Insurer/)")),

    // the category proposes, what is typed stays
    ...choose(field("type_id", "input"), "Rendez-vous"),
    see(field("description", "textarea:value(Rendez-vous au cabinet)")),
    see(field("duration", 'input:value("1 h 00")')),
    ...choose(field("type_id", "input"), "Téléphone"),
    see(field("description", "textarea:value(Entretien téléphonique)")),
    see(field("duration", 'input:value("15 min")')),
    edit(field("description", "textarea"), "Appel de l'expert"),
    ...choose(field("type_id", "input"), "Rendez-vous"),
    see(field("duration", 'input:value("1 h 00")')),
    see(field("description", `textarea:value("Appel de l'expert")`)),

    // the price says where it comes from
    click(inDialog(".nav-link[name=more]")),
    see(inDialog("label:contains(Pourquoi ce tarif)")),
    see(field("price_origin", ":contains(Barème du cabinet)")),
    see(field("amount", ":contains(200,00)")),
    editAndLeave(field("price_unit", "input"), "0"),
    see(field("price_origin", `:contains("Saisi sur l'activité")`)),
    see(field("amount", ':contains("0,00"):not(:contains("200,00"))')),
    { trigger: field("price_unit", "input"), run: "clear && press Tab" }, // none is typed: that of the rate list
    see(field("price_origin", ":contains(Barème du cabinet)")),
    see(field("price_unit", 'input:value("200,00")')),
    edit(field("price_unit", "input"), "180"),
    edit(field("note", "textarea"), "Tarif convenu au téléphone"),
    see(field("price_origin", `:contains("Saisi sur l'activité")`)),
    see(field("amount", ":contains(180,00)")),
    ...saveActivity(),

    // a lawyer does not bill: she says that the work may be billed
    ...pressHeaderButton("action_approve", "Bon à facturer"),
    see(".o_form_view .o_field_widget[name=amount_to_bill]:contains(180,00)"),

    // the project's card
    openAction("project.open_view_project_all"),
    openCardMenu("Abadie v. Insurer"),
    click(".o-dropdown--menu [role=menuitem] a:text(Prestation)"),
    see(field("matter_id", "input:value(/Abadie v. Insurer/)")),
    see(field("price_unit", "input:value(/^$/)")), // no rate was found
    editAndLeave(field("price_unit", "input"), "0"),
    see(field("price_unit", 'input:value("0,00")')),
    edit(field("price_unit", "input"), "90"),
    edit(field("description", "textarea"), "Acte saisi de la carte"),
    ...saveActivity(),

    // the project's form
    openCardMenu("Abadie v. Insurer"),
    click(".o-dropdown--menu a:text(Vue)"),
    ...newActivity("Frais (avec TVA)"),
    see(field("matter_id", "input:value(/Abadie v. Insurer/)")),
    edit(field("quantity", "input"), "5"),
    edit(field("description", "textarea"), "Copies saisies du projet"),
    ...saveActivity(),
    goBack(),

    // a task with a category of its own
    click(".o_kanban_record:contains(Abadie v. Insurer)"),
    click(".o_kanban_record:contains(Plaider)"),
    ...newActivity("Temps"),
    see(field("matter_id", "input:value(/Abadie v. Insurer/)")),
    see(field("type_id", "input:value(Audience)")),
    edit(field("duration", "input"), "2"),
    see(inDialog(".o_timebill_duration_echo:text(= 2 h 00)")),
    edit(field("description", "textarea"), "Audience de plaidoirie"),
    ...saveActivity(),
]);
