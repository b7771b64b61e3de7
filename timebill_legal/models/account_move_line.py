from odoo import fields, models
from odoo.exceptions import UserError


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    timebill_allocation_ids = fields.One2many(
        "timebill.allocation", "move_line_id", "Billed Activities", groups="timebill_legal.group_user"
    )
    # All rows of the line. A second field, because the one above may be cached as a user with fewer rights read it, and
    # sudo() shares that cache.
    timebill_row_ids = fields.One2many(
        "timebill.allocation", "move_line_id", groups=fields.NO_ACCESS, export_string_translation=False
    )
    # Key by which billing finds the line of its rows after the invoice was created.
    timebill_key = fields.Char(readonly=True, copy=False, exportable=False, export_string_translation=False)
    timebill_reason_id = fields.Many2one(
        "timebill.reason",
        "Reason of the Difference",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="Why less or more is billed than the activities cost.",
    )

    #=== CRUD METHODS ===#

    def write(self, vals):
        self._timebill_check_written(vals)
        return super().write(vals)

    def _timebill_check_written(self, vals):
        """Refuse changes that the billing history relies on and that forms do not offer.

        :raises UserError: naming the documents
        """
        if self.env.su:
            return
        kept = self.browse()
        if "timebill_origin_line_id" in vals:
            kept += self
        if "move_id" in vals:
            kept += self.filtered(lambda line: line.move_id.id != vals["move_id"] and line._timebill_get_rows_sudo())
        if "timebill_reason_id" in vals:
            kept += self.filtered(lambda line: line.parent_state != "draft" and line._timebill_get_rows_sudo())
        if kept:
            raise UserError(
                self.env._(
                    "Activities that %s bills or credits stay on their invoice line. The reason of a posted line"
                    " cannot be changed.",
                    ", ".join(kept.move_id.mapped("display_name")),
                )
            )

    #=== BUSINESS METHODS ===#

    def _timebill_get_rows_sudo(self):
        """All rows of the ledger on these lines, under sudo."""
        # sudo: users outside the team of a confidential matter must not miss its rows, or documents would lose them
        return self.sudo().timebill_row_ids

    def _timebill_create_rows_sudo(self, values_list):
        # sudo: only this code writes the ledger; callers check the right to edit the document
        return self.env["timebill.allocation"].sudo().create(values_list)

    def _timebill_get_unexplained_difference(self):
        """Difference between the subtotal of this line and the cost of its activities with their discounts and
        surcharges.

        :return: (difference, expected amount), excl. tax
        """
        self.ensure_one()
        rows = self._timebill_get_rows_sudo()
        expected = sum(rows.mapped("standard_amount")) + sum(rows.mapped("adjustment"))
        return self.currency_id.round(self.price_subtotal - expected), expected

    def _timebill_reprint_rows(self, rows, amount, previous_rows):
        """Make this line bill ``amount`` for ``rows`` only, of the ``previous_rows`` that its text was written for.

        The text follows, unless somebody wrote another one.
        """
        self.ensure_one()
        billing = self.env["timebill.billing"].with_context(lang=self.move_id.partner_id.lang or self.env.lang)
        values = billing._prepare_remainder_values(rows, amount, self.tax_ids)
        if not previous_rows or self.name not in billing._get_possible_line_names(previous_rows):
            del values["name"]
        self.write({**values, "discount": 0.0})
