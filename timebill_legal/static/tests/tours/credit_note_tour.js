import {
    DESKTOP,
    addTour,
    click,
    dialogIsClosed,
    edit,
    editRow,
    inDialog,
    openAction,
    openRecord,
    pressHeaderButton,
    see,
    seeTotal,
} from "./tour_steps";

const seeCreditWindow = () => see(inDialog(".o_timebill_credit"));
const editActivity = (text, getSteps) => editRow(text, getSteps, "label", seeCreditWindow());

/** The billing person credits a part of one of the two activities of an invoice, and says what another note cancels. */
addTour("timebill_credit_note", () => [
    ...pressHeaderButton("action_reverse", "Avoir"),
    seeCreditWindow(),
    ...editActivity("Appel au greffe", (of) => [click(of("included", "input"))]),
    ...editActivity("Ouverture du dossier", (of) => [edit(of("amount", "input"), "50,00")]),
    click(inDialog(".modal-title"), DESKTOP), // leaves the amount
    seeTotal("timebill_amount", "50,00"),
    click(inDialog("button[name=refund_moves]")),
    dialogIsClosed(),
    see(".o_form_view .o_form_statusbar button[name=action_post]"),

    // made by hand
    openAction("account.action_move_out_refund_type"),
    ...openRecord("100,00"),
    click(".alert:contains(/ne dit pas quelles activités/) button:contains(Choisir)"),
    seeCreditWindow(),
    ...editActivity("Appel au greffe", (of) => [click(of("included", "input"))]),
    click(inDialog("button[name=action_save]")),
    dialogIsClosed(),
    see(".o_form_view:not(:has(.alert:contains(/ne dit pas quelles activités/)))"),
]);
