import {
    addTour,
    choose,
    click,
    editRow,
    inDialog,
    pressHeaderButton,
    see,
    seeBillingWindow,
    seeTotal,
} from "./tour_steps";

/** The billing person bills a client, validates the invoice, and changes her mind about sending it. */
addTour("timebill_billing_and_sending", () => [
    ...pressHeaderButton("timebill_action_bill", "Facturer"),
    seeBillingWindow(),
    ...editRow("Réunion commune", (of) => choose(of("payer_id", "input"), "SCI des Lys")),
    seeTotal("amount_total", "600,00"),
    click(inDialog("button[name=action_save_and_send]:text(Enregistrer et envoyer…)")),
    see(inDialog(".modal-body:contains(numéro définitif)")),
    click(inDialog(".modal-footer button:text(Valider la facture)")),
    see(inDialog(".o_account_move_send_wizard")),
    click(inDialog(".modal-header .btn-close, .modal-header .o_back_button")),
    see(".o_form_view .alert:contains(/Validée, pas encore envoyée/)"),
]);
