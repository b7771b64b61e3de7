from odoo import api, fields, models
from odoo.exceptions import ValidationError


class TimebillMatterClient(models.Model):
    """Client of a matter: a partner who can be billed for it.

    There is deliberately no unique constraint in the database on (matter, partner): Odoo's merge of contacts
    deletes the rows that would violate it, and the merged contact would lose those matters.
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
    inactive = fields.Boolean(help="Receives no new activities and is no longer billed for this matter.")
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
        """Warn about activities of this client that are still to bill."""
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
                "title": self.env._("Activities left to bill"),
                "message": self.env._(
                    "%(client)s has %(count)s activities to bill on this matter. Bill them first, or assign them"
                    " to another client.",
                    client=self.partner_id.display_name,
                    count=count,
                ),
            }
        }

    def write(self, vals):
        self._timebill_check_client_values([vals], is_form=False)
        if "partner_id" in vals or "matter_id" in vals:
            self.filtered(
                lambda client: client.partner_id.id != vals.get("partner_id", client.partner_id.id)
                or client.matter_id.id != vals.get("matter_id", client.matter_id.id)
            )._check_without_activities()
        res = super().write(vals)
        if "matter_id" in vals:
            self.check_access("write")  # Odoo has checked the former matter only
        return res

    @api.ondelete(at_uninstall=False)
    def _unlink_except_with_activities(self):
        self._check_without_activities()

    def _check_without_activities(self):
        """
        :raises ValidationError: when a client still has activities on the matter
        """
        for client in self:
            others = client.matter_id.client_ids - self
            if client.partner_id in others.partner_id:
                continue
            # sudo: activities that the user cannot read count as well; only their existence is revealed
            if self.env["timebill.activity"].sudo().search_count(
                [("matter_id", "=", client.matter_id.id), ("partner_id", "=", client.partner_id.id)], limit=1
            ):
                raise ValidationError(
                    self.env._(
                        "%(client)s has activities on the matter %(matter)s. Assign them to another client first.",
                        client=client.partner_id.display_name,
                        matter=client.matter_id.display_name,
                    )
                )
