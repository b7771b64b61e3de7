from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command


class TimebillPostReason(models.TransientModel):
    """Dialog that asks, before invoices are posted, why lines differ from the cost of their activities."""

    _name = "timebill.post.reason"
    _description = "Reasons of Differences"

    move_ids = fields.Many2many("account.move", string="Invoices")
    # Which of Odoo's two buttons opened it, and does the rest.
    from_list = fields.Boolean(export_string_translation=False)
    reason_id = fields.Many2one("timebill.reason", "Reason for All")
    line_ids = fields.One2many("timebill.post.reason.line", "window_id", "Lines")

    @api.onchange("reason_id")
    def _onchange_reason_id(self):
        if self.reason_id:
            self.line_ids.reason_id = self.reason_id

    @api.model
    def _open(self, moves, lines, from_list=False):
        window = self.create(
            {
                "move_ids": [Command.set(moves.ids)],
                "from_list": from_list,
                "line_ids": [Command.create({"move_line_id": line.id}) for line in lines],
            }
        )
        # The button's own context goes on to the validation.
        return window._get_records_action(
            name=self.env._("Why does the amount differ?"),
            target="new",
            context={**self.env.context, "dialog_size": "large"},
        )

    def action_validate(self):
        """Write the reasons on the lines, then post the invoices."""
        self.ensure_one()
        if not all(self.line_ids.mapped("reason_id")):
            raise UserError(self.env._("Choose a reason for each line."))
        for line in self.line_ids:
            line.move_line_id.timebill_reason_id = line.reason_id
        if self.env.context.get("timebill_then_send"):
            return self.move_ids.timebill_action_validate_and_send()
        if self.from_list:
            action = self.move_ids.action_validate_moves_with_confirmation()
        else:
            action = self.move_ids.action_post()
        return action or {"type": "ir.actions.act_window_close"}


class TimebillPostReasonLine(models.TransientModel):
    """One invoice line that differs from the cost of its activities."""

    _name = "timebill.post.reason.line"
    _description = "Difference to Explain"

    window_id = fields.Many2one("timebill.post.reason", required=True, ondelete="cascade", index=True)
    move_line_id = fields.Many2one("account.move.line", "Invoice Line", required=True, ondelete="cascade")
    # Not under sudo: the user must be able to read the lines.
    move_id = fields.Many2one(related="move_line_id.move_id", related_sudo=False)
    partner_id = fields.Many2one(related="move_line_id.partner_id", related_sudo=False)
    name = fields.Char(related="move_line_id.name", related_sudo=False)
    currency_id = fields.Many2one(related="move_line_id.currency_id", related_sudo=False)
    expected = fields.Monetary("Expected (excl. tax)", compute="_compute_difference")
    billed = fields.Monetary(related="move_line_id.price_subtotal", string="Revised (excl. tax)", related_sudo=False)
    difference = fields.Monetary(compute="_compute_difference")
    reason_id = fields.Many2one("timebill.reason")

    @api.depends("move_line_id")
    def _compute_difference(self):
        self.move_line_id.check_access("read")
        for line in self:
            line.difference, line.expected = line.move_line_id._timebill_get_unexplained_difference()
