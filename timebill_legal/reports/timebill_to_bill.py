from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL


class TimebillToBill(models.Model):
    """Matters to bill: one row for each matter, client and currency, up to a cut-off date.

    The date comes from the context key ``timebill_cutoff`` (ISO date), set by the page's control.
    """

    _name = "timebill.to.bill"
    _description = "Matters to Bill"
    _auto = False
    _order = "amount_total desc, id"
    _rec_name = "matter_id"

    company_id = fields.Many2one("res.company", readonly=True)
    matter_id = fields.Many2one("timebill.matter", readonly=True)
    partner_id = fields.Many2one("res.partner", "Client", readonly=True)
    client_label = fields.Char("Payer", compute="_compute_client_label")
    responsible_id = fields.Many2one("res.users", "Responsible Lawyer", readonly=True)
    currency_id = fields.Many2one("res.currency", readonly=True)
    amount_total = fields.Monetary("Total (excl. tax)", readonly=True)
    minutes = fields.Integer("Time", readonly=True)
    amount_fees = fields.Monetary("Fees (excl. tax)", readonly=True)
    amount_expenses = fields.Monetary("Expenses (excl. tax)", readonly=True)
    amount_disbursements = fields.Monetary("Disbursements", readonly=True)
    date_oldest = fields.Date("Oldest", readonly=True)
    activity_count = fields.Integer("Activities", readonly=True)
    anomaly_count = fields.Integer("Without Price", readonly=True)
    late_count = fields.Integer("Late Entries", readonly=True)
    is_approved = fields.Boolean("Ready to Bill", readonly=True)
    anomalies = fields.Char(compute="_compute_anomalies")

    @property
    def _table_query(self):
        get_codes = self.env["timebill.kind"]._get_codes
        sections = ("fees", "expenses", "disbursements")
        return SQL(
            """
            SELECT min(activity.id) AS id,
                   activity.company_id,
                   activity.matter_id,
                   activity.partner_id,
                   matter.responsible_id,
                   activity.currency_id,
                   sum(activity.amount_to_bill) AS amount_total,
                   sum(CASE WHEN kind = ANY(%(timed)s) THEN billable_quantity - covered ELSE 0 END)::integer AS minutes,
                   sum(CASE WHEN kind = ANY(%(fees)s) THEN amount_to_bill ELSE 0 END) AS amount_fees,
                   sum(CASE WHEN kind = ANY(%(expenses)s) THEN amount_to_bill ELSE 0 END) AS amount_expenses,
                   sum(CASE WHEN kind = ANY(%(disbursements)s) THEN amount_to_bill ELSE 0 END) AS amount_disbursements,
                   min(activity.date) AS date_oldest,
                   count(*) AS activity_count,
                   count(*) FILTER (WHERE NOT activity.has_price) AS anomaly_count,
                   count(*) FILTER (WHERE %(is_late)s) AS late_count,
                   bool_and(coalesce(activity.approved, FALSE)) AS is_approved
              FROM timebill_activity activity
              JOIN timebill_matter matter ON matter.id = activity.matter_id
             WHERE activity.billing_state = 'to_bill'
                   %(cutoff)s
          GROUP BY activity.company_id, activity.matter_id, activity.partner_id, matter.responsible_id,
                   activity.currency_id
            """,
            is_late=self.env["timebill.activity"]._get_late_condition("activity"),
            timed=get_codes(lambda kind: kind.is_timed),
            **{section: get_codes(lambda kind, section=section: kind.section == section) for section in sections},
            cutoff=SQL("AND activity.date <= %s", cutoff) if (cutoff := self._get_cutoff()) else SQL(),
        )

    @api.model
    def _get_cutoff(self):
        return fields.Date.to_date(self.env.context.get("timebill_cutoff"))

    @api.depends("partner_id", "matter_id.client_ids.inactive")
    def _compute_client_label(self):
        for row in self:
            row.client_label = row.partner_id.display_name or row.matter_id._get_common_label()

    @api.depends("anomaly_count", "late_count", "partner_id", "matter_id.client_ids.inactive")
    def _compute_anomalies(self):
        for row in self:
            problems = []
            if row.anomaly_count:
                problems.append(self.env._("%s without price", row.anomaly_count))
            if not row.partner_id:
                problems.append(self.env._("payer to choose"))
            elif row.partner_id not in row.matter_id._get_active_clients():
                problems.append(self.env._("inactive client"))
            if row.late_count:
                problems.append(self.env._("late entries: %s", row.late_count))
            row.anomalies = ", ".join(problems)

    @api.model
    def action_open(self):
        """Open the page with the end of the month that is being billed as cut-off date."""
        action = self.env["ir.actions.act_window"]._for_xml_id("timebill_legal.timebill_to_bill_action")
        cutoff = self.env["timebill.bill"]._get_default_cutoff()
        return {**action, "context": {"timebill_cutoff": fields.Date.to_string(cutoff)}}

    def action_bill(self):
        """Open the dialog *Create an invoice* on the activities of these rows."""
        return self.env["timebill.bill"]._open(self._get_activity_domain())

    def action_open_activities(self):
        """Open the activities that this row adds up."""
        self.ensure_one()
        cutoff = self._get_cutoff()
        domain = self._get_activity_domain() & Domain("billing_state", "=", "to_bill")
        if cutoff:
            domain &= Domain("date", "<=", cutoff)
        return self._get_activities_action(domain)

    def action_open_anomalies(self):
        """Open what cures the first anomaly of this row: the activities without a price, the choice of the payer, the
        inactive client, or the late entries.
        """
        self.ensure_one()
        to_bill = self._get_activity_domain() & Domain("billing_state", "=", "to_bill")
        if self.anomaly_count:
            return self._get_activities_action(to_bill & Domain("has_price", "=", False))
        if not self.partner_id:
            return self.action_bill()
        if self.partner_id not in self.matter_id._get_active_clients():
            return self.matter_id._get_records_action()
        return self._get_activities_action(to_bill & Domain("is_late_entry", "=", True))

    #=== BUSINESS METHODS ===#

    def _get_activity_domain(self):
        """Domain of the activities of these rows, whatever their date."""
        return Domain.OR(
            [
                ("matter_id", "=", row.matter_id.id),
                ("partner_id", "=", row.partner_id.id),
                ("currency_id", "=", row.currency_id.id),
            ]
            for row in self
        )

    def _get_activities_action(self, domain):
        action = self.env["ir.actions.act_window"]._for_xml_id("timebill_legal.timebill_activity_action_all")
        return {
            **action,
            "name": f"{self.client_label}, {self.matter_id.display_name}",
            "domain": list(domain),
            "context": {"default_matter_id": self.matter_id.id},
        }
