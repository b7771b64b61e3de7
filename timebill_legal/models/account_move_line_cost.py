from odoo import models
from odoo.exceptions import UserError

#: What the charge of a line is computed from, see ``timebill.cost.mixin``.
CHARGED_FIELDS = {"account_id", "analytic_distribution", "discount", "price_unit", "quantity", "tax_ids"}


class AccountMoveLine(models.Model):
    """Vendor costs: lines of vendor bills that the client of a matter pays back, see ``timebill.cost.mixin``."""

    _name = "account.move.line"
    _inherit = ["account.move.line", "timebill.cost.mixin"]

    #=== CRUD METHODS ===#

    def write(self, vals):
        """
        :raises UserError: a client is charged with what one of these lines cost, and that changes
        """
        converted = self._timebill_filter_converted() if CHARGED_FIELDS.intersection(vals) else self.browse()
        # sudo: compared, not shown
        before = converted.sudo()._timebill_get_charges()
        res = super().write(vals)
        after = converted.sudo()._timebill_get_charges()
        converted.filtered(lambda line: after[line] != before[line])._timebill_check_not_charged()
        return res

    #=== BUSINESS METHODS ===#

    def _timebill_get_cost_kind(self):
        """Disbursement if the line is booked on the pass-through account, else an expense of the firm."""
        self.ensure_one()
        account = self.company_id._timebill_get_kind_setup("disbursement")["account"]
        return "disbursement" if account and self.account_id == account else "expense"

    def _timebill_get_cost_date(self):
        self.ensure_one()
        return self.move_id.invoice_date or self.date

    def _timebill_get_cost_amount(self, currency):
        self.ensure_one()
        is_disbursement = self._timebill_get_cost_kind() == "disbursement"
        return self.price_total if is_disbursement else self.price_subtotal, self.currency_id

    def _timebill_is_partly_given_back(self):
        """Whether the vendor granted a discount on the bill, or refunded a part of it later."""
        self.ensure_one()
        # sudo: a user who can edit the activity may lack access to the bill; only a yes or no is used
        bill = self.sudo().move_id
        return "posted" in bill.reversal_move_ids.mapped("state") or any(
            line.price_subtotal < 0 for line in bill.invoice_line_ids
        )

    def _create_analytic_lines(self):
        """Refuse that a sales order charges the client as well: Odoo looks for one when it creates analytic lines.

        :raises UserError: naming the activities
        """
        super()._create_analytic_lines()
        self.filtered(lambda line: line._timebill_get_sales_orders_sudo())._timebill_check_not_charged()

    def _timebill_get_sales_orders_sudo(self):
        self.ensure_one()
        # sudo: the message names the order to a user who edits the bill
        items = self.sudo().analytic_line_ids
        return items.so_line.order_id if "so_line" in items._fields else super()._timebill_get_sales_orders_sudo()

    def _timebill_get_source_title(self):
        self.ensure_one()
        return (self.name or self.move_id.display_name).splitlines()[0]

    def _timebill_get_source_action(self):
        self.ensure_one()
        return self.move_id.get_formview_action()

    def _timebill_is_recoverable(self):
        """Whether this is a line of a posted vendor bill that can be charged to a client."""
        self.ensure_one()
        return (
            self.move_id.move_type in ("in_invoice", "in_receipt")
            and self.parent_state == "posted"
            and self.move_id.payment_state != "reversed"
            and self.display_type == "product"
        )

    def _timebill_check_may_convert(self):
        """
        :raises UserError: it is no cost that the firm bears; what was converted as long as it was stays readable
        """
        super()._timebill_check_may_convert()
        for line in self:
            if not line._timebill_is_recoverable() and not line.timebill_is_converted:
                raise UserError(
                    self.env._(
                        "Only lines of a posted vendor bill that is not refunded are charged to a client; %s is not"
                        " one.",
                        line.move_id.display_name,
                    )
                )

    def _timebill_get_conversion_problem(self, values):
        if not self._timebill_is_recoverable():
            return self.env._("not on a posted vendor bill, or refunded")
        return super()._timebill_get_conversion_problem(values)

    def _timebill_filter_converted(self):
        """Lines of vendor bills that were converted into activities."""
        lines = self.filtered(lambda line: line.move_id.is_purchase_document(include_receipts=True))
        return lines.browse(lines._timebill_get_source_activities_sudo().mapped("source_id")) if lines else lines

    def _timebill_check_not_charged(self):
        """
        :raises UserError: naming the activities by which clients pay these costs back
        """
        if activities := self._timebill_get_source_activities_sudo():
            raise UserError(
                self.env._(
                    "The cost of %(bills)s is charged to clients: %(activities)s. Delete these activities, change"
                    " the bill, then charge it again. An activity that is billed needs a credit note.",
                    bills=", ".join(self.browse(activities.mapped("source_id")).move_id.mapped("display_name")),
                    activities=", ".join(activities.mapped("display_name")),
                )
            )


class AccountMove(models.Model):
    """Vendor costs: the bills."""

    _inherit = "account.move"

    #=== ACTION METHODS ===#

    def timebill_action_recover_costs(self):
        """Convert the lines with the analytic account of a matter into activities.

        :raises UserError: no line does, or none is a cost that the firm bears
        """
        lines = self.invoice_line_ids.filtered(lambda line: line._timebill_is_recoverable())
        if not lines:
            self.invoice_line_ids._timebill_check_may_convert()
        lines = lines.filtered(lines._timebill_get_shares().get)
        if not lines:
            raise UserError(
                self.env._(
                    "No line of %s has the analytic account of a matter. Set it in the analytic distribution of the"
                    " lines.",
                    ", ".join(self.mapped("display_name")),
                )
            )
        return lines.timebill_action_convert_to_activity()

    #=== BUSINESS METHODS ===#

    def _timebill_log_costs_given_back(self):
        """Log on vendor refunds which activities charge the refunded costs to clients; they are not changed."""
        refunds = self.filtered(lambda move: move.move_type == "in_refund" and move.reversed_entry_id)
        activities = refunds.reversed_entry_id.invoice_line_ids._timebill_get_source_activities_sudo()
        for refund in refunds:
            lines = refund.reversed_entry_id.invoice_line_ids
            charged = activities.filtered(lambda activity, lines=lines: activity.source_id in lines.ids)
            if charged:
                refund._message_log(
                    body=self.env._(
                        "%(bill)s was charged to clients: %(activities)s. Lower or credit these activities if the"
                        " vendor refunds what the clients paid.",
                        bill=refund.reversed_entry_id.display_name,
                        activities=", ".join(charged.mapped("display_name")),
                    )
                )
