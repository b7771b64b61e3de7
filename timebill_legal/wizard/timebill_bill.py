import base64
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import format_amount, format_date

from ..lib.reasons import tally

#: Where nothing is to bill, the reasons are those of that many activities: the latest, and the latest on hold.
REASONS_OF = 50


class TimebillBill(models.TransientModel):
    """Dialog *Create an invoice*: choose what is billed, to whom, for how much."""

    _name = "timebill.bill"
    _description = "Create an Invoice"
    _check_company_auto = True

    company_id = fields.Many2one("res.company", required=True, default=lambda self: self.env.company)
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id")
    cutoff = fields.Date("Work up to", help="Later activities are left for another invoice.")
    invoice_date = fields.Date(help="Left empty, the date on which the invoice is validated.")
    invoice_payment_term_id = fields.Many2one(
        "account.payment.term", "Payment Terms", check_company=True, help="Left empty, those of the client."
    )
    partner_ids = fields.Many2many("res.partner", string="Payers", compute="_compute_partner_ids")
    billing_contact_id = fields.Many2one(
        "res.partner",
        domain="[('commercial_partner_id', 'in', commercial_partner_ids)]",
        help="Receives the invoice. Left empty, the invoicing address of the client.",
    )
    commercial_partner_ids = fields.Many2many("res.partner", compute="_compute_partner_ids")
    line_ids = fields.One2many("timebill.bill.line", "bill_id", "Activities")
    has_several_clients = fields.Boolean(compute="_compute_line_columns")
    has_several_matters = fields.Boolean(compute="_compute_line_columns", export_string_translation=False)
    has_quantities = fields.Boolean(compute="_compute_line_columns", export_string_translation=False)
    has_remarks = fields.Boolean(compute="_compute_line_columns", export_string_translation=False)
    # What the titles between the lines show: [{key, label, …}], see _get_groups
    groups = fields.Binary(compute="_compute_groups", export_string_translation=False)
    left_out = fields.Text(compute="_compute_left_out")
    candidate_payer_ids = fields.Many2many("res.partner", compute="_compute_candidate_payer_ids")
    common_payer_id = fields.Many2one(
        "res.partner",
        "Payer of Common Work",
        domain="[('id', 'in', candidate_payer_ids)]",
        help="Fills in the payer of the common activities of the matters of which this is a client.",
    )
    common_matter_id = fields.Many2one(
        "timebill.matter", export_string_translation=False, help="Limits the common payer to one matter."
    )
    has_several_payers = fields.Boolean(compute="_compute_partner_ids")
    common_label = fields.Char(compute="_compute_partner_ids", export_string_translation=False)
    invoice_count = fields.Integer(compute="_compute_totals")
    amount_standard = fields.Monetary("Standard Total (excl. tax)", compute="_compute_totals")
    amount_untaxed = fields.Monetary("Total (excl. tax)", compute="_compute_totals")
    amount_difference = fields.Monetary("Difference", compute="_compute_totals")
    amount_tax = fields.Monetary("Taxes", compute="_compute_totals")
    amount_total = fields.Monetary("Total (incl. tax)", compute="_compute_totals")
    reason_id = fields.Many2one(
        "timebill.reason", help="Why less or more is billed than the work costs; shown in the billing history."
    )
    is_revised = fields.Boolean(compute="_compute_totals")
    needs_reason = fields.Boolean(compute="_compute_totals")
    left_to_bill = fields.Text(compute="_compute_left_to_bill")
    mixed_currencies = fields.Boolean(compute="_compute_currency_id")
    preview = fields.Binary(attachment=False, readonly=True)

    #=== COMPUTE METHODS ===#

    @api.depends("line_ids.activity_id", "line_ids.included")
    def _compute_currency_id(self):
        for bill in self:
            currencies = bill._get_included().activity_id.currency_id or bill.line_ids.activity_id.currency_id
            bill.mixed_currencies = len(currencies) > 1
            bill.currency_id = currencies[:1] or bill.company_id.currency_id

    @api.depends("line_ids.included", "line_ids.payer_id")
    def _compute_partner_ids(self):
        for bill in self:
            included = bill._get_included()
            bill.partner_ids = included.payer_id
            bill.commercial_partner_ids = included.payer_id.commercial_partner_id
            bill.has_several_payers = len(included.payer_id) > 1
            common = len(bill._get_common_lines())
            if common > 1:
                bill.common_label = self.env._(
                    "%s activities are common to several clients: choose who pays each of them, or untick them.", common
                )
            else:
                one = self.env._("1 activity is common to several clients: choose who pays it, or untick it.")
                bill.common_label = one if common else ""

    @api.depends("line_ids.included", "line_ids.payer_id")
    def _compute_candidate_payer_ids(self):
        for bill in self:
            matters = bill._get_common_lines().activity_id.matter_id
            bill.candidate_payer_ids = matters._get_active_clients()

    @api.depends("line_ids.activity_id", "line_ids.remark")
    def _compute_line_columns(self):
        """Whether the optional columns are shown."""
        for bill in self:
            activities = bill.line_ids.activity_id
            clients_of = [matter._get_active_clients() for matter in activities.matter_id]
            bill.has_several_clients = any(len(clients) > 1 for clients in clients_of)
            bill.has_several_matters = len(activities.matter_id) > 1
            bill.has_quantities = not all(bill.line_ids.mapped("is_timed"))
            bill.has_remarks = any(bill.line_ids.mapped("remark"))

    @api.depends("line_ids.included", "line_ids.payer_id", "line_ids.revised_amount")
    def _compute_groups(self):
        for bill in self:
            bill.groups = bill._get_groups()

    @api.depends("line_ids.included", "line_ids.problem", "cutoff")
    def _compute_left_out(self):
        """Summary of the activities that are not billed, with the reasons."""
        for bill in self:
            bill.left_out = tally(line._get_reason_left_out() for line in bill.line_ids - bill._get_included())

    @api.depends("line_ids.included", "line_ids.minutes", "line_ids.quantity", "line_ids.amount")
    def _compute_left_to_bill(self):
        """What is left to bill of the activities that are billed in part."""
        for bill in self:
            parts = bill._get_included().filtered(lambda line: line._is_part())
            bill.left_to_bill = ", ".join(
                f"{line.activity_id.display_name} ({line._get_left_label()})" for line in parts
            )

    @api.depends(
        "line_ids.included", "line_ids.payer_id", "line_ids.amount", "line_ids.revised_amount", "billing_contact_id"
    )
    def _compute_totals(self):
        Billing = self.env["timebill.billing"]
        for bill in self:
            included = bill._get_included()
            invoices = [] if bill.mixed_currencies else Billing._preview_invoices(
                included, bill._prepare_common_values()
            )
            bill.invoice_count = sum(bool(invoice.payer) for invoice in invoices)
            bill.amount_standard = sum(included.mapped("amount"))
            bill.amount_untaxed = sum(invoice.amount_untaxed for invoice in invoices)
            bill.amount_tax = sum(invoice.amount_tax for invoice in invoices)
            bill.amount_total = bill.amount_untaxed + bill.amount_tax
            bill.amount_difference = sum(included.mapped("revised_amount")) - bill.amount_standard
            revised = included.filtered("is_revised")
            bill.is_revised = bool(revised)
            bill.needs_reason = any(line._needs_reason() for line in revised)

    @api.onchange("common_payer_id", "common_matter_id")
    def _onchange_common_payer_id(self):
        """Fill in the payer: of one matter whoever was chosen before, of all only where nobody was."""
        matter = self.common_matter_id
        lines = self._get_included().filtered(lambda line: not line.client_id) if matter else self._get_common_lines()
        for line in lines:
            # Not ``matter_partner_ids``: in a form that is not saved, it holds copies of the partners.
            clients = line.activity_id.matter_id._get_active_clients()
            if matter in (line.activity_id.matter_id, matter.browse()) and self.common_payer_id in clients:
                line.payer_id = self.common_payer_id
        if matter:
            # The same choice can be made again.
            self.common_matter_id = self.common_payer_id = False

    @api.onchange("cutoff")
    def _onchange_cutoff(self):
        for line in self.line_ids:
            line.included = not line.problem and line._is_within(self.cutoff)

    #=== ACTION METHODS ===#

    @api.model
    def _open(self, domain):
        """Open the dialog on the activities of ``domain`` that are to bill.

        :raises UserError: there is nothing to bill, with the reasons
        """
        cutoff = fields.Date.to_date(self.env.context.get("timebill_cutoff"))
        Activity = self.env["timebill.activity"]
        domain = Domain(domain) & Domain("company_id", "in", self.env.companies.ids)
        activities = Activity.search(domain & Domain("billing_state", "in", ("to_bill", "on_hold")), order="date, id")
        activities._release_due()
        if not activities.filtered(lambda a: a.billing_state == "to_bill"):
            message = [self.env._("There is nothing to bill here.")]
            latest = activities[-REASONS_OF:] | Activity.search(domain, order="date desc, id desc", limit=REASONS_OF)
            reasons = {activity._get_billing_problem() for activity in latest} - {False}
            if reasons:
                message.append(self.env._("Left out: %s.", ", ".join(sorted(reasons))))
            raise UserError(" ".join(message))
        companies = activities.company_id
        if len(companies) > 1:
            raise UserError(
                self.env._(
                    "These activities belong to several companies (%s). Bill them one company at a time.",
                    ", ".join(companies.mapped("name")),
                )
            )
        bill = self.create(
            {
                "company_id": companies.id,
                "cutoff": cutoff,
                "line_ids": [
                    Command.create(self.env["timebill.bill.line"]._prepare_values(activity, cutoff))
                    for activity in activities.sorted(self._get_line_order)
                ],
            }
        )
        return bill._get_window()

    @api.model
    def _get_line_order(self, activity):
        """Sort key of the lines: those of a client and matter stand together, in the order of the work."""
        matter = activity.matter_id
        client = activity.partner_id or matter._get_active_clients()[:1]
        group = client.display_name or "", matter.reference, matter.id, activity.partner_id.id
        return *group, activity.date, activity.id

    def _get_window(self):
        return self._get_records_action(
            name=self._get_title(),
            target="new",
            context={"timebill_send": self.env.context.get("timebill_send"), "dialog_size": "extra-large"},
        )

    def action_save(self):
        """Keep the invoices as drafts."""
        return self._open_invoices(self._create_invoices())

    def action_save_and_send(self):
        """Post the invoices, then open the send wizard of Odoo. Nothing is sent before the user confirms it."""
        moves = self._create_invoices()
        moves.action_post()
        return {
            "type": "ir.actions.client",
            "tag": "timebill_show_and_send",
            "params": {
                "show": self._open_invoices(moves),
                "send": {**moves.action_send_and_print(), "views": [(False, "form")]},
            },
        }

    def action_preview(self):
        """Create the PDF of the invoices and roll the invoices back."""
        class Discard(Exception):
            """Raised to roll back the savepoint."""

        try:
            with self.env.cr.savepoint():
                moves = self._create_invoices()
                content, _type = self.env["ir.actions.report"]._render_qweb_pdf("account.account_invoices", moves.ids)
                raise Discard
        except Discard:
            self.env.invalidate_all(flush=False)
        self.preview = base64.b64encode(content)
        name = self.env._("Draft invoice")
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/preview/{name}.pdf",
            "target": "new",
        }

    #=== BUSINESS METHODS ===#

    def _get_title(self):
        """Name of the window, with the client and the matter, or their numbers."""
        self.ensure_one()
        matters = self.line_ids.activity_id.matter_id
        common = self.line_ids.activity_id.filtered(lambda activity: not activity.partner_id)
        clients = self.line_ids.activity_id.partner_id | common.matter_id._get_active_clients()
        if len(matters) > 1:
            name = clients.display_name if len(clients) == 1 else self.env._("%s clients", len(clients))
            return self.env._(
                "Create the invoices – %(clients)s, %(count)s matters", clients=name, count=len(matters)
            )
        names = ", ".join(clients.mapped("display_name"))
        return self.env._("Create an invoice – %(who)s", who=", ".join(filter(None, (names, matters.display_name))))

    def _get_groups(self):
        """The lines of one client and matter, in the order of the lines.

        :return: [{key, label, count, included, amount, matter_id, payers, payer_id}], the amount of those that are
            ticked, and who may pay for common work
        """
        self.ensure_one()
        groups = []
        for key, lines in self.line_ids.grouped("group_key").items():
            activity = lines[0].activity_id
            matter, client = activity.matter_id, activity.partner_id
            clients = matter._get_active_clients()
            included = lines.filtered(lambda line: line.included and not line.problem)
            payers = included.payer_id._origin
            is_common = not client and len(clients) > 1
            groups.append(
                {
                    "key": key,
                    "client": matter._get_common_label() if is_common else (client or clients).display_name,
                    "matter": matter.display_name,
                    "matter_id": matter.id,
                    "count": len(lines),
                    "included": len(included),
                    "amount": format_amount(self.env, sum(included.mapped("revised_amount")), matter.currency_id),
                    "payers": [[payer.id, payer.display_name] for payer in clients] if is_common and included else [],
                    "payer_id": payers.id if len(payers) == 1 and all(line.payer_id for line in included) else False,
                }
            )
        return groups

    def _get_included(self):
        return self.line_ids.filtered(lambda line: line.included and not line.problem)

    def _get_common_lines(self):
        """Lines of which nobody has said yet who pays."""
        return self._get_included().filtered(lambda line: not line.payer_id)

    def _create_invoices(self):
        self.ensure_one()
        if self.billing_contact_id and len(self.partner_ids) > 1:
            raise UserError(
                self.env._(
                    "These activities give one invoice for each of %s: leave the billing contact empty, or bill one"
                    " client at a time.",
                    ", ".join(self.partner_ids.mapped("display_name")),
                )
            )
        # Odoo would silently move the accounting date to an open period.
        locks = self.company_id._get_lock_date_violations(self.invoice_date, purchase=False)
        if locks:
            raise UserError(
                self.env._(
                    "The accounts are locked up to %(lock)s: an invoice cannot be dated %(date)s. Choose a later date,"
                    " or leave it empty.",
                    lock=format_date(self.env, max(lock for lock, _field in locks)),
                    date=format_date(self.env, self.invoice_date),
                )
            )
        included = self._get_included()
        included._check_unchanged()
        included._check_parts()
        for line in included:
            line._save_description()
        return self.env["timebill.billing"]._create_all_invoices(included, self._prepare_common_values())

    def _prepare_common_values(self):
        values = {
            "invoice_date": self.invoice_date,
            "invoice_payment_term_id": self.invoice_payment_term_id.id,
            "partner_id": self.billing_contact_id.id,
        }
        return {name: value for name, value in values.items() if value}

    def _open_invoices(self, moves):
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_move_out_invoice_type")
        if len(moves) == 1:
            return {**action, "views": [(self.env.ref("account.view_move_form").id, "form")], "res_id": moves.id}
        return {
            **action,
            "name": self.env._("Invoices of this lot"),
            "views": [(False, "list"), (False, "form")],
            "domain": [("id", "in", moves.ids)],
            "context": {"default_move_type": "out_invoice", "create": False},
        }

    @api.model
    def _get_default_cutoff(self):
        """End of the last month; on the last three days of a month, which one bills then, the end of this one."""
        return (fields.Date.context_today(self) + timedelta(days=3)).replace(day=1) - timedelta(days=1)
