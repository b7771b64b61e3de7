from odoo import api, fields, models
from odoo.tools import SQL


class TimebillActivity(models.Model):
    """Late entries: work that was entered after later work of its matter had been billed to the same client."""

    _inherit = "timebill.activity"

    is_late_entry = fields.Boolean(
        "Late Entry",
        compute="_compute_is_late_entry",
        search="_search_is_late_entry",
        help="Still to bill, and done in a period that was already billed to this client when it was entered.",
    )

    @api.depends("date", "matter_id", "partner_id", "billing_state", "allocation_ids.live")
    def _compute_is_late_entry(self):
        late_ids = set()
        if ids := self._origin.ids:
            self._flush_for_late_entries()
            late_ids = {
                activity_id
                for (activity_id,) in self.env.execute_query(
                    SQL("SELECT id FROM timebill_activity WHERE id = ANY(%s) AND %s", ids, self._get_late_condition())
                )
            }
        for activity in self:
            activity.is_late_entry = activity._origin.id in late_ids

    def _search_is_late_entry(self, operator, value):
        if operator != "in":
            return NotImplemented
        self._flush_for_late_entries()
        return [("id", "in", SQL("(SELECT id FROM timebill_activity WHERE %s)", self._get_late_condition()))]

    @api.model
    def _flush_for_late_entries(self):
        self.flush_model(["billing_state", "matter_id", "partner_id", "date"])
        self.env["timebill.allocation"].flush_model(
            ["move_id", "matter_id", "client_id", "date", "live", "net", "reversed_id"]
        )
        self.env["account.move"].flush_model(["state"])

    @api.model
    def _get_late_condition(self, table="timebill_activity"):
        """Condition on the table of activities, in SQL: only that something was billed is read of the ledger."""
        return SQL(
            """
            %(activity)s.billing_state IN ('to_bill', 'on_hold')
            AND EXISTS (
                SELECT 1
                  FROM timebill_allocation billed
                  JOIN account_move invoice ON invoice.id = billed.move_id
                 WHERE billed.matter_id = %(activity)s.matter_id
                   AND billed.reversed_id IS NULL
                   AND billed.live
                   AND billed.net > 0
                   AND invoice.state = 'posted'
                   AND billed.date >= %(activity)s.date
                   AND billed.create_date <= %(activity)s.create_date
                   AND (%(activity)s.partner_id IS NULL OR billed.client_id = %(activity)s.partner_id)
            )
            """,
            activity=SQL.identifier(table),
        )
