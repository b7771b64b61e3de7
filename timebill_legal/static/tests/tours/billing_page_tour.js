import { registry } from "@web/core/registry";
import {
    DESKTOP,
    LAST_MONTH_END,
    PHONE,
    TODAY,
    choose,
    click,
    edit,
    editDate,
    editRow,
    field,
    inDialog,
    openMenu,
    pressSelectionButton,
    saveAsDraft,
    see,
    seeBillingWindow,
    seeRecord,
    seeTotal,
    select,
} from "./tour_steps";

/** The billing person starts from the month that is over, corrects what goes on the invoice, and keeps a draft. */
registry.category("web_tour.tours").add("timebill_billing_page", {
    steps: () => [
        // she lands on the matters to bill, cut off at the end of last month
        see(`.o_timebill_cutoff input:value("${LAST_MONTH_END}")`),
        ...seeRecord("Lys v. Martin", "320,00"),
        editDate(".o_timebill_cutoff input", TODAY),
        ...seeRecord("Lys v. Martin", "520,00"),
        ...select("Lys v. Martin"),
        ...select("Lys and Morel v. Durand"),
        ...pressSelectionButton("action_bill", "Facturer"),

        seeBillingWindow(),
        see(field("cutoff", `button[data-tooltip="${TODAY}"]`)),
        click(field("cutoff", "button")),
        editDate(field("cutoff", "input"), LAST_MONTH_END),
        see(field("cutoff", `button[data-tooltip="${LAST_MONTH_END}"]`)),
        see(field("left_out", `:contains("postérieure à la date d'arrêté (1)")`)),
        see(inDialog(".o_form_view:not(:contains(factures seront créées))")),
        ...editRow("Ouverture du dossier", (of) => [
            edit(of("description", "textarea"), "Étude du dossier"),
            edit(of("revised_amount", "input"), "150"),
        ]),
        ...editRow("Réunion commune", (of) => choose(of("payer_id", "input"), "SCI des Lys")),
        seeTotal("amount_untaxed", "570,00"),
        click(inDialog(".o_data_row:contains(Appel au greffe) [name=included] input"), DESKTOP),
        click(inDialog(".o_kanban_record:contains(Appel au greffe) [name=included] input"), PHONE),
        see(field("left_out", ':contains("décochée (1)")')),
        seeTotal("amount_standard", "520,00"),
        seeTotal("amount_difference", "-50,00"),
        seeTotal("amount_untaxed", "470,00"),
        seeTotal("amount_tax", "94,00"),
        seeTotal("amount_total", "564,00"),
        ...choose(field("reason_id", "input"), "Geste commercial"),
        ...saveAsDraft(),

        // the draft shows the work, whose text can still be corrected
        click(".nav-link[name=timebill_detail]:text(Détail)"),
        see(".o_field_widget[name=timebill_allocation_ids]:contains(Réunion commune)"),
        click("[name=timebill_allocation_ids] .o_data_row:contains(Étude du dossier) [name=description]", DESKTOP),
        edit("[name=timebill_allocation_ids] .o_selected_row [name=description] textarea", "Étude des pièces", DESKTOP),
        click("[name=timebill_allocation_ids] .o_kanban_record:contains(Étude du dossier)", PHONE),
        see(inDialog(".o_form_view:not(:has([name=move_line_id]))"), PHONE),
        edit(field("description", "textarea"), "Étude des pièces", PHONE),
        click(inDialog(".modal-footer .o_form_button_save"), PHONE),
        click(".o_form_view .o_form_button_save"),
        see(".o_form_view:has(.o_form_saved, .o_form_status_indicator_buttons.invisible)"),

        // and Odoo's list of invoices the matters
        ...openMenu("timebill_legal.menu_finances", "timebill_legal.menu_invoices"),
        see("th[data-name=matter_ids]:contains(Dossier)", DESKTOP),
        see(".o_data_row:contains(SCI des Lys) [name=matter_ids]:contains(Lys v. Martin)", DESKTOP),
        see(".o_kanban_record:contains(SCI des Lys)", PHONE),
    ],
});
