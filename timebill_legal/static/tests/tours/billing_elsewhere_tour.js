import {
    addTour,
    click,
    goBack,
    inDialog,
    openAction,
    openCardMenu,
    openStatButton,
    pressSelectionButton,
    saveAsDraft,
    see,
    seeBillingWindow,
    select,
} from "./tour_steps";

/** The billing person bills from selected activities, from a matter, and from the finances of a project. */
addTour("timebill_billing_elsewhere", () => [
    // from the matter's activities, one of three
    ...openStatButton("action_open_to_bill"),
    ...select("Premier travail"),
    ...pressSelectionButton("action_bill", "Facturer"),
    seeBillingWindow(),
    see(inDialog(".o_field_widget[name=line_ids]:not(:contains(Deuxième travail))")),
    ...saveAsDraft(),

    // from the project, the second
    openAction("project.open_view_project_all"),
    openCardMenu("Abadie v. Insurer"),
    click(".o-dropdown--menu a:text(Vue)"),
    click(".nav-link[name=finances]:text(Finances)"),
    see(".tab-pane:contains(Facture client)"),
    click(".tab-pane button:text(Ajouter)"),
    click(".o-dropdown--menu .o-dropdown-item:text(Créer et envoyer…)"),
    seeBillingWindow(),
    see(inDialog(".modal-footer:not(:has(button[name=action_save]))")),
    click(inDialog(".modal-footer button:text(Annuler)")),
    see("body:not(:has(.modal))"),
    click(".tab-pane button:text(Ajouter)"),
    click(".o-dropdown--menu .o-dropdown-item:text(Créer et modifier)"),
    seeBillingWindow(),
    ...saveAsDraft(),
    goBack(),
    see(".o_form_view .nav-link[name=finances]"),
]);
