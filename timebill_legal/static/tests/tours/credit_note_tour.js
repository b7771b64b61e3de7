import { registry } from "@web/core/registry";
import {
    click,
    DESKTOP,
    dialogIsClosed,
    edit,
    editRow,
    inDialog,
    pressHeaderButton,
    see,
    seeTotal,
} from "./tour_steps";

const seeCreditWindow = () => see(inDialog(".o_timebill_credit"));
const editActivity = (text, getSteps) => editRow(text, getSteps, "label", seeCreditWindow());

/** The billing person credits a part of one of the two activities of an invoice. */
registry.category("web_tour.tours").add("timebill_credit_note", {
    steps: () => [
        ...pressHeaderButton("action_reverse", "Avoir"),
        seeCreditWindow(),
        ...editActivity("Appel au greffe", (of) => [click(of("included", "input"))]),
        ...editActivity("Ouverture du dossier", (of) => [edit(of("amount", "input"), "50,00")]),
        click(inDialog(".modal-title"), DESKTOP), // leaves the amount
        seeTotal("timebill_amount", "50,00"),
        click(inDialog("button[name=refund_moves]")),
        dialogIsClosed(),
        see(".o_form_view .o_form_statusbar button[name=action_post]"),
    ],
});

/** She says what a credit note made by hand cancels. */
registry.category("web_tour.tours").add("timebill_credit_note_choice", {
    steps: () => [
        click(".alert:contains(/ne dit pas quelles activités/) button:contains(Choisir)"),
        seeCreditWindow(),
        ...editActivity("Appel au greffe", (of) => [click(of("included", "input"))]),
        click(inDialog("button[name=action_save]")),
        dialogIsClosed(),
        see(".o_form_view:not(:has(.alert:contains(/ne dit pas quelles activités/)))"),
    ],
});
