from odoo import fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_amount

from ..tools.creating import create_sudo

#: What a line bills. Odoo changes it on posted lines too, without the entries that were made of it.
BILLED_FIELDS = {"price_unit", "quantity", "discount", "price_subtotal", "price_total", "product_id", "tax_ids"}


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
    timebill_key = fields.Char(
        readonly=True, copy=False, exportable=False, export_string_translation=False, groups="base.group_user"
    )
    timebill_reason_id = fields.Many2one(
        "timebill.reason",
        "Reason of the Difference",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        groups="base.group_user",
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
        if not BILLED_FIELDS.isdisjoint(vals):
            will_change = self.env["account.move"]._field_will_change
            kept += self.filtered(
                lambda line: line.parent_state != "draft"
                and line._timebill_get_rows_sudo()
                and any(will_change(line, vals, name) for name in BILLED_FIELDS & vals.keys())
            )
        if kept:
            raise UserError(
                self.env._(
                    "Activities that %s bills or credits stay on their invoice line. What a posted line bills, and the"
                    " reason of it, cannot be changed: reset it to draft first.",
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
        return create_sudo(self.env["timebill.allocation"], values_list)

    def _timebill_get_unexplained_difference(self):
        """Difference between the subtotal of this line and the cost of its activities with their discounts and
        surcharges.

        :return: (difference, expected amount), excl. tax
        """
        self.ensure_one()
        expected = self._timebill_get_cost()
        return self.currency_id.round(self.price_subtotal - expected), expected

    def _timebill_get_cost(self):
        """What the activities of this line cost, with their discounts and surcharges, excl. tax."""
        self.ensure_one()
        rows = self._timebill_get_rows_sudo()
        return self.currency_id.round(sum(rows.mapped("standard_amount")) + sum(rows.mapped("adjustment")))

    def _timebill_reprint_rows(self, rows, amount, keep_text):
        """Make this line bill ``amount`` for ``rows`` only.

        :param keep_text: whether somebody wrote a text of his own, see :meth:`_timebill_has_own_text`
        """
        self.ensure_one()
        values = self._timebill_get_billing()._prepare_remainder_values(rows, amount, self.tax_ids)
        if keep_text:
            del values["name"]
        self.write({**values, "discount": 0.0})

    def _timebill_has_own_text(self, rows):
        """Whether somebody wrote another text on this line than billing does for ``rows``."""
        self.ensure_one()
        return not rows or self.name not in self._timebill_get_billing()._get_possible_line_names(rows)

    def _timebill_get_billing(self):
        """What prints lines, in the language of the invoice."""
        return self.env["timebill.billing"].with_context(lang=self.move_id.partner_id.lang or self.env.lang)

    def _timebill_follow_activities(self, former_cost, keep_text):
        """Bring this line of a draft up to date with its activities, which may have been changed.

        If it billed just their ``former_cost``, it bills what they cost now. Another amount was agreed on for another
        cost: it stays, without its reason, and posting asks for one.
        """
        self.ensure_one()
        rows, cost, currency = self._timebill_get_rows_sudo(), self._timebill_get_cost(), self.currency_id
        is_exact = not currency.compare_amounts(self.price_subtotal, former_cost)
        is_changed = bool(currency.compare_amounts(cost, former_cost))
        amount = cost if is_exact else self.price_subtotal
        product = rows.activity_id.type_id.product_id
        is_other_product = len(product) == 1 and product != self.product_id
        if is_other_product:
            taxes = self.move_id.fiscal_position_id.map_tax(rows.activity_id.tax_ids)
            # With a price, or Odoo sets that of the product.
            self.write({"product_id": product.id, "tax_ids": [Command.set(taxes.ids)], "price_unit": self.price_unit})
        is_other_text = not keep_text and self._timebill_has_own_text(rows)
        if (is_changed and is_exact) or is_other_product or is_other_text:
            for row in rows if is_exact else ():
                row.agreed_amount = currency.round(row.standard_amount + row.adjustment)
            self._timebill_reprint_rows(rows, amount, keep_text)
        if not is_changed:
            return
        if not is_exact:
            self.timebill_reason_id = False
        self.move_id._message_log(
            body=self.env._(
                "“%(line)s” bills activities that were changed: they cost %(cost)s now, and not %(former)s.",
                line=self.name,
                cost=format_amount(self.env, cost, currency),
                former=format_amount(self.env, former_cost, currency),
            )
        )
