from odoo import api, fields, models


class AccountMove(models.Model):
    """What the lists of customer invoices show and do for people who bill matters."""

    _inherit = "account.move"

    timebill_responsible_ids = fields.Many2many(
        "res.users",
        string="Responsible Lawyer",
        compute="_compute_timebill_responsible_ids",
        search="_search_timebill_responsible_ids",
        groups="timebill_legal.group_user",
    )
    timebill_status = fields.Selection(
        [
            ("draft", "Draft"),
            ("posted", "Validated"),
            ("partial", "Partially Settled"),
            ("in_payment", "Being Settled"),
            ("paid", "Settled"),
            ("reversed", "Cancelled by Credit Note"),
            ("blocked", "Blocked"),
            ("cancel", "Cancelled"),
        ],
        "Invoice Status",
        compute="_compute_timebill_status",
        groups="timebill_legal.group_user",
        help="Odoo's status, in the words of a law firm; whether it was sent has a column of its own.",
    )

    #=== COMPUTE METHODS ===#

    @api.depends("timebill_matter_ids.responsible_id")
    @api.depends_context("uid")
    def _compute_timebill_responsible_ids(self):
        for move in self:
            move.timebill_responsible_ids = move.timebill_matter_ids.responsible_id

    def _search_timebill_responsible_ids(self, operator, value):
        if operator != "in" or False in value:
            return NotImplemented
        return [("timebill_matter_ids", "any", [("responsible_id", "in", value)])]

    @api.depends("status_in_payment")
    def _compute_timebill_status(self):
        known = dict(self._fields["timebill_status"].selection)
        for move in self:
            status = move.status_in_payment
            move.timebill_status = status if status in known else "posted"

    #=== ACTION METHODS ===#

    def timebill_action_validate_and_send(self):
        """Post the drafts of a selection, then open Odoo's dialog that sends it: nothing leaves before the user
        confirms there.
        """
        if any(move.state == "draft" for move in self):
            # The dialog of missing reasons comes back here with this key.
            question = self.with_context(timebill_then_send=True).action_validate_moves_with_confirmation()
            if question:
                return question
        return self.action_send_and_print()
