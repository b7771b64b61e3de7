import base64
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command, Domain
from odoo.tools import format_amount, format_date

from ..lib.durations import format_duration
from ..lib.money import part_of, quantity_given_back, to_decimal
from ..lib.reasons import tally
from ..models.timebill_allocation import QUANTITY_STEP
from ..models.timebill_billing import Claim
from .window import window_action


class TimebillBill(models.TransientModel):
    """The window *Create an invoice*: what is billed, to whom, for how much, before anything exists."""

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
    has_problems = fields.Boolean(compute="_compute_line_columns")
    left_out = fields.Text(compute="_compute_left_out")
    candidate_payer_ids = fields.Many2many("res.partner", compute="_compute_line_columns")
    common_payer_id = fields.Many2one(
        "res.partner",
        "Payer of Common Work",
        domain="[('id', 'in', candidate_payer_ids)]",
        help="Fills in the payer of the activities that have none yet.",
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
            common = len(included.filtered(lambda line: not line.payer_id))
            if common > 1:
                bill.common_label = self.env._(
                    "%s activities are common to several clients: choose who pays each of them, or untick them.", common
                )
            else:
                one = self.env._("1 activity is common to several clients: choose who pays it, or untick it.")
                bill.common_label = one if common else ""

    @api.depends("line_ids.activity_id", "line_ids.problem")
    def _compute_line_columns(self):
        """Columns that only some windows need."""
        for bill in self:
            bill.candidate_payer_ids = bill.line_ids.activity_id.matter_id._get_active_clients()
            bill.has_several_clients = len(bill.candidate_payer_ids) > 1
            bill.has_problems = any(bill.line_ids.mapped("problem"))

    @api.depends("line_ids.included", "line_ids.problem", "cutoff")
    def _compute_left_out(self):
        """Nothing is left out without saying so, and why."""
        for bill in self:
            bill.left_out = tally(line._get_reason_left_out() for line in bill.line_ids - bill._get_included())

    @api.depends("line_ids.included", "line_ids.minutes", "line_ids.quantity", "line_ids.amount")
    def _compute_left_to_bill(self):
        """What a part of an activity leaves for another invoice."""
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
            totals = [] if bill.mixed_currencies else Billing._get_totals(
                bill._get_claims(), bill._prepare_common_values()
            )
            bill.invoice_count = sum(bool(payer) for payer, *_amounts in totals)
            bill.amount_standard = sum(included.mapped("amount"))
            bill.amount_untaxed = sum(untaxed for _payer, _currency, untaxed, _tax in totals)
            bill.amount_tax = sum(tax for _payer, _currency, _untaxed, tax in totals)
            bill.amount_total = bill.amount_untaxed + bill.amount_tax
            bill.amount_difference = sum(included.mapped("revised_amount")) - bill.amount_standard
            revised = included.filtered(lambda line: line._is_revised())
            bill.is_revised = bool(revised)
            bill.needs_reason = any(line._needs_reason() for line in revised)

    @api.onchange("common_payer_id")
    def _onchange_common_payer_id(self):
        for line in self._get_included().filtered(lambda line: not line.payer_id):
            if self.common_payer_id in line.matter_partner_ids:
                line.payer_id = self.common_payer_id

    @api.onchange("cutoff")
    def _onchange_cutoff(self):
        for line in self.line_ids:
            line.included = not line.problem and line._is_within(self.cutoff)

    #=== ACTION METHODS ===#

    @api.model
    def _open(self, domain):
        """Window on the activities of ``domain`` that are to bill.

        :raises UserError: there is nothing to bill, with the reasons
        """
        cutoff = fields.Date.to_date(self.env.context.get("timebill_cutoff"))
        activities = self.env["timebill.activity"].search(
            Domain(domain) & Domain("company_id", "in", self.env.companies.ids), order="date, id"
        )
        activities._release_due()
        open_activities = activities.filtered(lambda a: a.billing_state in ("to_bill", "on_hold", "not_billable"))
        if not activities.filtered(lambda a: a.billing_state == "to_bill"):
            message = [self.env._("There is nothing to bill here.")]
            reasons = {activity._get_billing_problem() for activity in activities} - {False}
            if reasons:
                message.append(self.env._("Left out: %s.", ", ".join(sorted(reasons))))
            raise UserError(" ".join(message))
        companies = open_activities.company_id
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
                    for activity in open_activities
                ],
            }
        )
        return bill._get_window()

    def _get_window(self):
        return window_action(
            self, self.env._("Create an invoice"), "extra-large", timebill_send=self.env.context.get("timebill_send")
        )

    def action_save(self):
        """Keep the invoices as drafts."""
        return self._open_invoices(self._create_invoices())

    def action_save_and_send(self):
        """Validate the invoices, then open Odoo's own window to send them: nothing leaves before."""
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
        """PDF of the invoices as they would be; nothing is kept but the file."""
        class Discard(Exception):
            """Takes the way out of the savepoint that undoes the invoices."""

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

    def _get_included(self):
        return self.line_ids.filtered(lambda line: line.included and not line.problem)

    def _get_claims(self):
        self.ensure_one()
        return [line._get_claim() for line in self._get_included()]

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
        # Odoo would move the accounting date to an open period without a word.
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
        self._get_included()._check_unchanged()
        self._get_included()._check_parts()
        for line in self._get_included():
            line._save_description()
        return self.env["timebill.billing"]._create_invoices(self._get_claims(), self._prepare_common_values())

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
    def _get_last_day_of_previous_month(self):
        return fields.Date.context_today(self).replace(day=1) - timedelta(days=1)


class TimebillBillLine(models.TransientModel):
    """One activity in the window *Create an invoice*."""

    _name = "timebill.bill.line"
    _description = "Activity to Bill"
    _order = "date, id"

    bill_id = fields.Many2one("timebill.bill", required=True, ondelete="cascade", index=True)
    activity_id = fields.Many2one("timebill.activity", required=True, ondelete="cascade")
    included = fields.Boolean()
    problem = fields.Char(readonly=True)
    # With the rights of the user: a window is no way around the rules of activities.
    date = fields.Date(related="activity_id.date", store=True, related_sudo=False)
    matter_id = fields.Many2one(related="activity_id.matter_id", related_sudo=False)
    matter_partner_ids = fields.Many2many(related="activity_id.matter_partner_ids", related_sudo=False)
    user_id = fields.Many2one(related="activity_id.user_id", related_sudo=False)
    kind = fields.Selection(related="activity_id.kind", related_sudo=False)
    type_id = fields.Many2one(related="activity_id.type_id", related_sudo=False)
    # How much is billed now; the rest stays to bill.
    minutes = fields.Integer("Time", help="In minutes; less than what is left bills a part.")
    quantity = fields.Float(digits=(16, 6), help="Less than what is left bills a part.")
    price_unit = fields.Float(related="activity_id.price_unit", related_sudo=False)
    currency_id = fields.Many2one(related="activity_id.currency_id", related_sudo=False)
    # As they were when the window was opened: somebody may correct the activity meanwhile.
    opening_quantity = fields.Float(digits=(16, 6), readonly=True, export_string_translation=False)
    opening_amount = fields.Monetary(readonly=True, export_string_translation=False)
    opening_revised = fields.Monetary(readonly=True, export_string_translation=False)
    opening_description = fields.Text(readonly=True, export_string_translation=False)
    amount = fields.Monetary(
        "Amount (excl. tax)",
        compute="_compute_amount",
        store=True,
        readonly=False,
        help="What the part that is billed now costs. Of a fixed amount, type the instalment.",
    )
    revised_amount = fields.Monetary(
        "Revised (excl. tax)", compute="_compute_revised_amount", store=True, readonly=False
    )
    description = fields.Text()
    client_id = fields.Many2one(related="activity_id.partner_id", related_sudo=False)
    payer_id = fields.Many2one(
        "res.partner",
        domain="[('id', 'in', matter_partner_ids)]",
        help="Who pays an activity common to several clients.",
    )

    @api.depends("minutes", "quantity")
    def _compute_amount(self):
        """The amount follows the quantity, unless the quantity itself comes from an instalment that was typed."""
        for line in self:
            if line._get_quantity_of(line.amount) != line._get_quantity():
                line.amount = line._get_part_of(line.opening_amount)

    @api.depends("amount")
    def _compute_revised_amount(self):
        for line in self:
            line.revised_amount = line._get_default_revised()

    @api.onchange("amount")
    def _onchange_amount(self):
        """An instalment of a fixed amount is a part of its quantity."""
        for line in self.filtered(lambda line: line.kind != "time"):
            typed = line.amount
            if 0 < typed < line.opening_amount:
                line.quantity = line._get_quantity_of(typed)
            elif line.currency_id.compare_amounts(typed, line.opening_amount):
                # No part of it: it is the price that is revised.
                line.amount, line.quantity = line.opening_amount, line.opening_quantity
                if line.kind != "disbursement":
                    line.revised_amount = typed

    @api.onchange("minutes", "quantity")
    def _onchange_quantity(self):
        """Say at once that there is no more than what is left to bill."""
        beyond = self.filtered(lambda line: line._get_quantity() > line.opening_quantity)
        for line in beyond:
            if line.kind == "time":
                line.minutes = round(line.opening_quantity)
            else:
                line.quantity = line.opening_quantity
        warning = {
            "title": self.env._("More than what is left to bill"),
            "message": self.env._("This bills all that is left. To bill more, correct the activity first."),
        }
        return {"warning": warning} if beyond else None

    @api.model
    def _prepare_values(self, activity, cutoff):
        clients = activity.matter_id._get_active_clients()
        problem = activity._get_billing_problem()
        remaining = activity._get_remaining_quantity()
        return {
            "activity_id": activity.id,
            "problem": problem,
            "included": not problem and (not cutoff or activity.date <= cutoff),
            "description": activity.description,
            "opening_description": activity.description,
            "opening_quantity": remaining,
            "opening_amount": activity.standard_to_bill,
            "opening_revised": activity.amount_to_bill,
            "minutes": round(remaining) if activity.kind == "time" else 0,
            "quantity": 0.0 if activity.kind == "time" else remaining,
            "amount": activity.standard_to_bill,
            "revised_amount": activity.amount_to_bill,
            "payer_id": activity.partner_id.id or (clients.id if len(clients) == 1 else False),
        }

    def _check_unchanged(self):
        """What is billed is what the window shows.

        :raises UserError: naming the activities that somebody corrected since the window was opened
        """
        changed = self.filtered(
            lambda line: line.currency_id.compare_amounts(line.opening_revised, line.activity_id.amount_to_bill)
            or line.currency_id.compare_amounts(line.opening_amount, line.activity_id.standard_to_bill)
            or line.opening_quantity != line.activity_id._get_remaining_quantity()
            or (line.opening_description or "") != (line.activity_id.description or "")
        ).activity_id
        # What is billed meanwhile has a message of its own.
        changed = changed.filtered(lambda activity: activity.billing_state == "to_bill")
        if changed:
            raise UserError(
                self.env._(
                    "Somebody corrected these activities since you opened this window: %s. Close it and open it again;"
                    " no invoice was created.",
                    ", ".join(changed.mapped("display_name")),
                )
            )

    def _check_parts(self):
        """The amount shown is that of the part which is billed, or an instalment.

        :raises UserError: naming the activities of which it is not
        """
        wrong = self.filtered(
            lambda line: line.currency_id.compare_amounts(line.amount, line._get_part_of(line.opening_amount))
            and not (line.kind != "time" and line._is_part() and 0 < line.amount < line.opening_amount)
        )
        if wrong:
            raise UserError(
                self.env._(
                    "The amount of %s is not that of the part which is billed. Type another price in “Revised”.",
                    ", ".join(wrong.activity_id.mapped("display_name")),
                )
            )

    def _get_reason_left_out(self):
        self.ensure_one()
        if self.activity_id.billing_state == "on_hold":
            return self.env._("to bill later")
        if self.problem:
            return self.problem
        return self.env._("unticked") if self._is_within(self.bill_id.cutoff) else self.env._("after the cut-off date")

    def _is_within(self, cutoff):
        return not cutoff or not self.date or self.date <= cutoff

    def _get_quantity(self):
        """What is billed now, in minutes or units."""
        self.ensure_one()
        return self.minutes if self.kind == "time" else self.quantity

    def _is_part(self):
        self.ensure_one()
        return self._get_quantity() != self.opening_quantity

    def _get_part_of(self, amount):
        """Share of ``amount``, which goes with all that is left, that is billed now."""
        self.ensure_one()
        if not 0 < self._get_quantity() < self.opening_quantity:
            return amount
        values = (self.currency_id.round(amount), self._get_quantity(), self.opening_quantity)
        return float(part_of(*map(to_decimal, values), to_decimal(self.currency_id.rounding)))

    def _get_quantity_of(self, amount):
        """Part of what is left that an instalment of ``amount`` bills."""
        self.ensure_one()
        if self.kind == "time" or not self.opening_amount or not amount:
            return None
        if not 0 < amount < self.opening_amount:
            return self.opening_quantity
        values = (self.opening_quantity, self.currency_id.round(amount), self.opening_amount)
        quantity = quantity_given_back(*map(to_decimal, values), QUANTITY_STEP)
        # However small the instalment, it is a part: neither nothing nor, however large, all.
        return float(max(quantity, QUANTITY_STEP))

    def _get_default_revised(self):
        """What this part bills with the discounts and surcharges that were granted before."""
        self.ensure_one()
        return self.amount + self._get_part_of(self.opening_revised - self.opening_amount)

    def _is_revised(self):
        self.ensure_one()
        return bool(self.currency_id.compare_amounts(self.revised_amount, self._get_default_revised()))

    def _needs_reason(self):
        """Whether validating this line as revised would ask for a reason."""
        self.ensure_one()
        expected = self._get_default_revised()
        company = self.bill_id.company_id
        return company._timebill_needs_reason(self.revised_amount - expected, expected, self.currency_id)

    def _get_left_label(self):
        """What is left to bill after this part, as a person reads it."""
        self.ensure_one()
        left = self.opening_quantity - self._get_quantity()
        if self.kind == "time":
            return format_duration(round(left))
        return format_amount(self.env, self.opening_amount - self.amount, self.currency_id)

    def _get_claim(self):
        self.ensure_one()
        is_revised = self._is_revised()
        return Claim(
            self.activity_id,
            self.payer_id,
            amount=self.revised_amount if is_revised else None,
            quantity=self._get_quantity() if self._is_part() else None,
            standard=self.amount if self._is_part() and self.kind != "time" else None,
            reason=self.bill_id.reason_id if is_revised else None,
        )

    def _save_description(self):
        """The text corrected in the window is that of the activity, which the invoice prints."""
        if (self.description or "") != (self.opening_description or ""):
            # sudo: a billing person corrects the printed text of colleagues' work that she bills
            self.activity_id.sudo().description = self.description
