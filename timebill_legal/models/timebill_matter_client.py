from odoo import api, fields, models
from odoo.exceptions import ValidationError


class TimebillMatterClient(models.Model):
    """A partner who can be billed for a matter.

    There is deliberately no unique constraint in the database on (matter, partner): Odoo's
    contact merge deletes the rows that would break one, and with them the client's matters.
    """

    _name = "timebill.matter.client"
    _description = "Client of a Matter"
    _order = "matter_id, sequence, id"
    _check_company_auto = True

    matter_id = fields.Many2one("timebill.matter", required=True, ondelete="cascade", index=True)
    company_id = fields.Many2one(related="matter_id.company_id", store=True, index=True)
    partner_id = fields.Many2one(
        "res.partner", "Client", required=True, ondelete="restrict", index=True, check_company=True
    )
    sequence = fields.Integer(default=10)
    inactive = fields.Boolean(help="Gets no new activity and is not billed for this matter any more.")
    reference = fields.Char("Client's Reference", help="The client's own reference for this matter.")

    @api.constrains("matter_id", "partner_id")
    def _check_unique(self):
        for client in self:
            same = client.matter_id.client_ids.filtered(lambda c, partner=client.partner_id: c.partner_id == partner)
            if len(same) > 1:
                raise ValidationError(
                    self.env._(
                        "%(client)s is listed twice on the matter %(matter)s.",
                        client=client.partner_id.display_name,
                        matter=client.matter_id.display_name,
                    )
                )

    @api.onchange("inactive")
    def _onchange_inactive(self):
        """Say at once what can no longer be billed."""
        count = self.inactive and self.env["timebill.activity"].search_count(
            [
                ("matter_id", "=", self.matter_id._origin.id),
                ("partner_id", "=", self.partner_id._origin.id),
                ("billing_state", "in", ("to_bill", "on_hold")),
            ]
        )
        if not count:
            return None
        return {
            "warning": {
                "type": "notification",
                "title": self.env._("Work is left to bill"),
                "message": self.env._(
                    "%(client)s has %(count)s activities to bill on this matter. Bill them first, or give them to"
                    " another client.",
                    client=self.partner_id.display_name,
                    count=count,
                ),
            }
        }

    def write(self, vals):
        if "partner_id" in vals or "matter_id" in vals:
            self.filtered(
                lambda client: client.partner_id.id != vals.get("partner_id", client.partner_id.id)
                or client.matter_id.id != vals.get("matter_id", client.matter_id.id)
            )._check_without_activities()
        res = super().write(vals)
        if "matter_id" in vals:
            self.check_access("write")  # Odoo checks the matter as it was before
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_activities(self):
        self._check_without_activities()

    def _check_without_activities(self):
        """A client stays on the matter as long as work there is his.

        :raises ValidationError: naming the client
        """
        for client in self:
            others = client.matter_id.client_ids - self
            if client.partner_id in others.partner_id:
                continue
            # sudo: an activity that this user cannot read still needs its client
            if self.env["timebill.activity"].sudo().search_count(
                [("matter_id", "=", client.matter_id.id), ("partner_id", "=", client.partner_id.id)], limit=1
            ):
                raise ValidationError(
                    self.env._(
                        "%(client)s has activities on the matter %(matter)s. Give them to another client first.",
                        client=client.partner_id.display_name,
                        matter=client.matter_id.display_name,
                    )
                )
