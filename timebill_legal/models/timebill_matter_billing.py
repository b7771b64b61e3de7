from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import SQL, format_amount


class TimebillMatter(models.Model):
    """Activities and invoices of a matter: totals to bill and unpaid, and the actions that show or bill them."""

    _inherit = "timebill.matter"

    billing_activity_ids = fields.One2many("timebill.activity", "matter_id", "Billable Activities")
    activity_total = fields.Integer(
        "Number of Activities", compute="_compute_activity_total", export_string_translation=False
    )
    date_last_activity = fields.Date("Last Activity", compute="_compute_date_last_activity")
    amount_to_bill = fields.Monetary(
        "To Bill (excl. tax)", compute="_compute_amount_to_bill", groups="timebill_legal.group_amounts"
    )
    on_hold_label = fields.Char("Billed Later", compute="_compute_on_hold_label")
    approved_count = fields.Integer(compute="_compute_approved", export_string_translation=False)
    is_all_approved = fields.Boolean(compute="_compute_approved", export_string_translation=False)
    approved_label = fields.Char("Ready to Bill", compute="_compute_approved")
    invoice_count = fields.Integer(
        compute="_compute_invoice_totals", groups="account.group_account_invoice", export_string_translation=False
    )
    amount_residual = fields.Monetary(
        "Unpaid (incl. tax)", compute="_compute_invoice_totals", groups="account.group_account_invoice"
    )

    #=== COMPUTE METHODS ===#

    @api.depends("billing_activity_ids")
    def _compute_activity_total(self):
        counts = dict(
            self.env["timebill.activity"]._read_group([("matter_id", "in", self.ids)], ["matter_id"], ["__count"])
        )
        for matter in self:
            matter.activity_total = counts.get(matter, 0)

    @api.depends("billing_activity_ids.date")
    def _compute_date_last_activity(self):
        dates = dict(
            self.env["timebill.activity"]._read_group([("matter_id", "in", self.ids)], ["matter_id"], ["date:max"])
        )
        for matter in self:
            matter.date_last_activity = dates.get(matter)

    @api.depends("billing_activity_ids.billing_state", "billing_activity_ids.amount_to_bill")
    def _compute_amount_to_bill(self):
        amounts = dict(
            self.env["timebill.activity"]._read_group(
                [("matter_id", "in", self.ids), ("billing_state", "in", ("to_bill", "on_hold"))],
                ["matter_id"],
                ["amount_to_bill:sum"],
            )
        )
        for matter in self:
            matter.amount_to_bill = amounts.get(matter, 0.0)

    @api.depends("billing_activity_ids.billing_state", "billing_activity_ids.amount_to_bill")
    @api.depends_context("uid", "lang")
    def _compute_on_hold_label(self):
        """Number of activities on hold, with their amount if the user may see amounts."""
        sees_amounts = self.env.user.has_group("timebill_legal.group_amounts")
        groups = self.env["timebill.activity"]._read_group(
            [("matter_id", "in", self.ids), ("billing_state", "=", "on_hold")],
            ["matter_id"],
            ["__count", *(["amount_to_bill:sum"] if sees_amounts else [])],
        )
        label_of = {}
        for matter, count, *amounts in groups:
            label = self.env._("1 activity waits") if count == 1 else self.env._("%s activities wait", count)
            amount = "".join(f" ({format_amount(self.env, amount, matter.currency_id)})" for amount in amounts)
            label_of[matter] = label + amount
        for matter in self:
            matter.on_hold_label = label_of.get(matter._origin, "")

    @api.depends("billing_activity_ids.billing_state", "billing_activity_ids.approved")
    @api.depends_context("lang")
    def _compute_approved(self):
        """How many activities that are to bill are ready, of how many."""
        counts = {}
        for matter, approved, count in self.env["timebill.activity"]._read_group(
            [("matter_id", "in", self.ids), ("billing_state", "=", "to_bill")], ["matter_id", "approved"], ["__count"]
        ):
            counts.setdefault(matter, {})[bool(approved)] = count
        for matter in self:
            of_matter = counts.get(matter._origin, {})
            ready, total = of_matter.get(True, 0), sum(of_matter.values())
            matter.approved_count = ready
            matter.is_all_approved = bool(ready) and ready == total
            matter.approved_label = (
                self.env._("%(ready)s of %(total)s activities", ready=ready, total=total) if ready else ""
            )

    def _compute_invoice_totals(self):
        # sudo: the user may not read allocations; her own rights on the invoices apply again just below
        moves_of = dict(
            self.env["timebill.allocation"].sudo()._read_group(
                [("matter_id", "in", self.ids), ("move_id", "!=", False)], ["matter_id"], ["move_id:recordset"]
            )
        )
        for matter in self:
            moves = moves_of.get(matter, self.env["account.move"]).sudo(False)._filtered_access("read")
            matter.invoice_count = len(moves)
            matter.amount_residual = sum(
                move.direction_sign * -move.amount_residual for move in moves if move.state == "posted"
            )

    #=== CONSTRAINTS ===#

    def _has_recorded_work(self):
        """Whether this matter has activities, or allocations of activities that were billed, credited and then
        transferred to another matter.
        """
        self.ensure_one()
        # sudo: activities that the user cannot read count as well; only their existence is revealed
        return any(
            self.env[model].sudo().search_count([("matter_id", "=", self.id)], limit=1)
            for model in ("timebill.activity", "timebill.allocation")
        )

    def _check_no_priced_activity(self, currency_id):
        """
        :raises UserError: when the currency of a matter with activities would change
        """
        for matter in self.filtered(lambda m: m.currency_id.id != currency_id):
            if matter._has_recorded_work():
                raise UserError(
                    self.env._(
                        "The activities of the matter %(matter)s are priced in %(currency)s; its currency cannot"
                        " change. Open another matter for work in another currency.",
                        matter=matter.display_name,
                        currency=matter.currency_id.name,
                    )
                )

    #=== CRUD METHODS ===#

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Sort by ``amount_to_bill``, which is not stored: the database adds up the unbilled activities."""
        if field_name != "amount_to_bill":
            return super()._order_field_to_sql(alias, field_name, direction, nulls, query)
        self._check_field_access(self._fields[field_name], "read")
        Activity = self.env["timebill.activity"]
        fields_ = [Activity._fields[name] for name in ("amount_to_bill", "billing_state", "matter_id")]
        totals = SQL(
            "(SELECT matter_id, SUM(amount_to_bill) AS total FROM timebill_activity"
            " WHERE billing_state IN ('to_bill', 'on_hold') GROUP BY matter_id)",
            to_flush=fields_,
        )
        name = query.make_alias(alias, "to_bill")
        condition = SQL("%s = %s", SQL.identifier(name, "matter_id"), SQL.identifier(alias, "id"))
        query.add_join("LEFT JOIN", name, totals, condition)
        return SQL("COALESCE(%s, 0) %s %s", SQL.identifier(name, "total"), direction, nulls)

    #=== ACTION METHODS ===#

    def action_open_activities(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("timebill_legal.timebill_activity_action_all")
        return {
            **action,
            "views": [(False, view_mode) for view_mode in action["view_mode"].split(",")],
            "domain": [("matter_id", "=", self.id)],
            "context": {"default_matter_id": self.id},
        }

    def action_open_to_bill(self):
        return {**self.action_open_activities(), "context": {"default_matter_id": self.id, "search_default_to_bill": 1}}

    def action_open_on_hold(self):
        return {
            **self.action_open_activities(),
            "context": {"default_matter_id": self.id, "search_default_on_hold": 1},
        }

    def action_open_history(self):
        return self.env["timebill.allocation"]._get_history_action([("matter_id", "in", self.ids)])

    def action_open_invoices(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_move_out_invoice_type")
        return {**action, "domain": [("id", "in", self._get_invoices().ids)], "context": {"create": False}}

    def action_bill(self):
        """Open the billing wizard on everything to bill of these matters."""
        return self.env["timebill.bill"]._open([("matter_id", "in", self.ids)])

    def action_adjust(self):
        """Open the wizard *Discount, surcharge or write-off* on everything to bill of these matters."""
        to_bill = self.billing_activity_ids.filtered(lambda activity: activity.billing_state in ("to_bill", "on_hold"))
        return self.env["timebill.adjust"]._open(to_bill)

    def action_transfer(self):
        """Open the wizard *Transfer* on all unbilled activities of these matters."""
        # sudo: activities on invoices that the user cannot read are billed as well; only readable ones are passed on
        unbilled = self.sudo().billing_activity_ids.filtered(lambda activity: not activity.covered).sudo(False)
        return self.env["timebill.transfer"]._open(unbilled._filtered_access("read"), "transfer")

    def action_approve(self):
        """Mark the activities as ready to bill; used by lawyers without the billing right."""
        return self.billing_activity_ids.action_approve()

    def action_disapprove(self):
        return self.billing_activity_ids.action_disapprove()

    #=== BUSINESS METHODS ===#

    def _get_invoices(self):
        """Customer invoices and credit notes with activities of these matters, as far as the user may read them."""
        # sudo: the user may not read allocations; her own rights on the invoices apply in the search below
        moves = self.env["timebill.allocation"].sudo().search([("matter_id", "in", self.ids)]).move_id
        return self.env["account.move"].search([("id", "in", moves.ids)])

    def _get_amount_to_bill(self):
        """Current amount to bill, for tracking values: the chatter shows them only to users who may see amounts."""
        self.invalidate_recordset(["amount_to_bill"])
        return self.sudo().amount_to_bill  # sudo: the field has groups, and the caller may not belong to them

    def _log_transfer(self, text, activities, amount_before):
        """Log in the chatter that ``activities`` arrived or left, and track the amount to bill.

        :param text: Markup, where they come from or go to, with links
        :param amount_before: amount to bill before the transfer; the chatter shows it only to users who may see amounts
        """
        self.ensure_one()
        name = "amount_to_bill"
        matter = self.sudo()  # sudo: the tracked field has groups, and the user may not belong to them
        after = matter._get_amount_to_bill()
        tracking = []
        if self.currency_id.compare_amounts(amount_before, after):
            info = matter.fields_get([name])[name]
            values = self.env["mail.tracking.value"]._create_tracking_values(amount_before, after, name, info, matter)
            tracking.append(Command.create(values))
        body = Markup("%s %s") % (text, activities._get_count_label())
        self._message_log(body=body, tracking_value_ids=tracking)
