import {
    addTour,
    choose,
    click,
    edit,
    openAction,
    see,
    seeStatus,
} from "@timebill_legal/../tests/tours/tour_steps";

const seeForm = see(".o_form_view");
const input = (name) => `.o_field_widget[name=${name}] input`;

/** Instead of the browser's window in which a person chooses a file: nothing else opens it for a tour. */
function chooseFile(trigger, name) {
    return {
        trigger,
        run({ click }) {
            HTMLInputElement.prototype.click = function () {
                delete HTMLInputElement.prototype.click;
                const chosen = new DataTransfer();
                chosen.items.add(new File(["Reçu"], name, { type: "text/plain" }));
                this.files = chosen.files;
                this.dispatchEvent(new Event("change"));
            };
            return click();
        },
    };
}

/** An employee writes down what she paid for a client, with the receipt, and submits it. */
addTour("timebill_expense", () => [
    openAction({ type: "ir.actions.act_window", res_model: "hr.expense", views: [[false, "form"]] }),
    edit(input("name"), "Timbre fiscal"),
    ...choose(input("product_id"), "Timbres", seeForm),
    edit(input("total_amount_currency"), "225"),
    ...choose(input("timebill_matter_id"), "Abadie v. Insurer", seeForm),
    see('.o_field_widget[name=timebill_kind] .o_radio_item:contains("Frais (avec TVA)") input:checked'),
    click('.o_field_widget[name=timebill_kind] .o_radio_item:contains("Débours (sans TVA)") input'),
    chooseFile("button:contains(Joindre le reçu)", "recu.txt"),
    // there once the receipt is
    click('button.o_expense_submit_highlight:contains("Soumettre")'),
    ...seeStatus("Soumis"),
]);

/** The lawyer approves it: it is a disbursement to bill, with the receipt. */
addTour("timebill_expense_approved", () => [
    click('button[name=action_approve]:contains("Approuver")'),
    click('.alert-success:contains("Refacturé au client") button[name=timebill_action_open_activity]'),
    see('.o_form_view .o_field_widget[name=kind] input:value("Débours")'),
    see('[name=source_sort]:contains("Dépense")'),
    see('.o_field_widget[name=amount]:contains("225,00")'),
    see('.o_field_widget[name=receipt_ids] a:contains("recu.txt")'),
    click('button[name=action_open_source]:contains("Timbre fiscal")'),
    see('.alert-success:contains("Refacturé au client")'),
]);
