from odoo import api, fields, models
from odoo.exceptions import UserError

from ..tools.creating import create_sudo

#: Operations that stand on no document: a row that reverses them undoes them.
UNDOABLE = ("write_off", "write_down", "write_up", "take_over")


class TimebillAllocation(models.Model):
    """The billing history: what it shows of each row, and how a row is undone."""

    _inherit = "timebill.allocation"

    operation = fields.Selection(
        [
            ("claim", "Billed"),
            ("credit", "Credited"),
            ("write_off", "Written off"),
            ("write_down", "Discount"),
            ("write_up", "Surcharge"),
            ("take_over", "Billed before the takeover"),
            ("undo", "Undone"),
        ],
        compute="_compute_operation",
    )
    explanation = fields.Char("Why", compute="_compute_explanation")
    difference = fields.Monetary(
        compute="_compute_difference",
        groups="timebill_legal.group_amounts",
        help="By how much more, or less, is billed than this part costs.",
    )

    # Columns that the history sums: zero for rows that do not count, each difference once.
    history_minutes = fields.Integer(
        "Time That Counts", compute="_compute_history_quantity", export_string_translation=False
    )
    history_quantity = fields.Float(
        "Quantity That Counts", digits=(16, 6), compute="_compute_history_quantity", export_string_translation=False
    )
    history_amount = fields.Monetary(
        "Amount That Counts",
        compute="_compute_history_amounts",
        store=True,
        groups="timebill_legal.group_amounts",
    )
    history_difference = fields.Monetary(
        "Difference That Counts",
        compute="_compute_history_amounts",
        store=True,
        groups="timebill_legal.group_amounts",
    )
    history_billed = fields.Monetary(
        "Billed That Counts",
        compute="_compute_history_amounts",
        store=True,
        groups="timebill_legal.group_amounts",
    )
    document_name = fields.Char("Document", compute="_compute_document_name", export_string_translation=False)
    is_undoable = fields.Boolean(compute="_compute_is_undoable", export_string_translation=False)

    #=== COMPUTE METHODS ===#

    @api.depends("activity_id.matter_id", "activity_id.matter_id.confidential")
    @api.depends_context("uid")
    def _compute_display_name(self):
        for row in self:
            row.display_name = row.activity_id.display_name

    @api.depends("move_line_id", "reversed_id", "coverage", "adjustment", "taken_over")
    def _compute_operation(self):
        for row in self.sudo():  # sudo: only the sign of the adjustment is disclosed, not its amount
            if row.move_line_id:
                row.operation = "credit" if row.reversed_id else "claim"
            elif row.reversed_id:
                row.operation = "undo"
            elif row.taken_over:
                row.operation = "take_over"
            elif row.coverage:
                row.operation = "write_off"
            else:
                row.operation = "write_down" if row.adjustment < 0 else "write_up"

    @api.depends(
        "reason_id", "note", "move_id.ref", "move_line_id.timebill_reason_id", "live", "move_line_id.parent_state"
    )
    @api.depends_context("lang")
    def _compute_explanation(self):
        for row in self:
            # sudo: the reason on the invoice line belongs to the history of the activity
            line = row.move_line_id.sudo()
            reason = row.reason_id or line.timebill_reason_id
            reference = line.move_id.ref if row.reversed_id else ""
            row.explanation = " – ".join(filter(None, (row._get_dead_label(), reason.name, row.note, reference)))

    def _get_dead_label(self):
        """Why this row does not count, or an empty string."""
        self.ensure_one()
        if self.live:
            return ""
        # sudo: whoever can read the history may know the state of the document
        state = self.move_line_id.sudo().parent_state
        if state == "cancel":
            return self.env._("cancelled, does not count")
        if state == "draft":
            return self.env._("draft credit note, does not count yet")
        return self.env._("the reversed entry was cancelled, does not count")

    @api.depends("move_id.name", "move_id.state")
    @api.depends_context("lang")
    def _compute_document_name(self):
        for row in self:
            # sudo: whoever can read the history may know the number of the document
            row.document_name = row.move_id.sudo().display_name or ""

    @api.depends("operation", "reversal_ids")
    def _compute_is_undoable(self):
        for row in self:
            row.is_undoable = row.operation in UNDOABLE and not row.reversal_ids

    @api.depends("billed", "standard_amount")
    def _compute_difference(self):
        for row in self:
            row.difference = row.billed - row.standard_amount

    @api.depends("live", "coverage", "kind")
    def _compute_history_quantity(self):
        for row in self:
            row.history_minutes = row.minutes if row.live else 0
            row.history_quantity = row.quantity if row.live else 0.0

    @api.depends("live", "move_line_id", "coverage", "standard_amount", "adjustment", "billed")
    def _compute_history_amounts(self):
        """What each row adds to the amounts of its activity.

        A discount granted before billing is a difference of its own, hence none of the invoice that takes it.
        """
        for row in self:
            is_granted = not row.move_line_id and not row.coverage
            adjustment = -row.adjustment if is_granted else row.adjustment
            row.history_amount = row.standard_amount if row.live else 0.0
            row.history_billed = row.billed if row.live else 0.0
            row.history_difference = row.history_billed - row.history_amount - adjustment if row.live else 0.0

    #=== ACTION METHODS ===#

    @api.model
    def _get_history_action(self, domain, group_by="activity_id"):
        action = self.env["ir.actions.act_window"]._for_xml_id("timebill_legal.timebill_allocation_action")
        return {**action, "domain": domain, "context": {"group_by": group_by}}

    def action_open_activity(self):
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "timebill.activity",
            "res_id": self.activity_id.id,
            "views": [(False, "form")],
        }

    def action_undo(self):
        """Undo discounts, surcharges and write-offs.

        :raises UserError: they stand on invoices, or were billed with them
        """
        rows = self.browse(dict.fromkeys(self.ids))
        rows.activity_id._check_may_adjust()
        self.env["timebill.billing"]._lock(rows.activity_id)
        rows._check_undoable()
        # sudo: only this code writes the ledger, users have no right to; what the user may do was checked above
        create_sudo(
            self,
            [
                {
                    "activity_id": row.activity_id.id,
                    "reversed_id": row.id,
                    "reason_id": row.reason_id.id,
                    "note": row.note,
                    "taken_over": row.taken_over,
                    "coverage": -row.coverage,
                    "standard_amount": -row.standard_amount,
                    "adjustment": -row.adjustment,
                }
                for row in rows.sudo()
            ],
        )

    def _check_undoable(self):
        problems = []
        for row in self.sudo():  # sudo: rows on invoices that this user cannot see count too
            activity = row.activity_id
            if row.operation not in UNDOABLE:
                problems.append(
                    self.env._("%s is on a document: change or cancel that document.", activity.display_name)
                )
            elif row.reversal_ids:
                problems.append(self.env._("This is already undone for %s.", activity.display_name))
            elif not row.coverage and any(other.id > row.id for other in activity._get_holding_rows_sudo()):
                problems.append(
                    self.env._(
                        "%(activity)s was billed with this adjustment: %(invoices)s. Remove it from the invoice, or"
                        " credit it first.",
                        activity=activity.display_name,
                        invoices=activity._get_holding_invoice_names() or self.env._("written off"),
                    )
                )
        if problems:
            raise UserError("\n".join(problems))
