from odoo import api, fields, models
from odoo.exceptions import UserError


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

    timebill_allocation_ids = fields.One2many(
        "timebill.allocation", "move_line_id", "Billed Activities", groups="timebill_legal.group_user"
    )
    timebill_origin_line_id = fields.Many2one(
        "account.move.line",
        "Reversed or Replaced Line",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        export_string_translation=False,
    )

    timebill_is_rebate = fields.Boolean(
        readonly=True,
        copy=False,
        export_string_translation=False,
        help="Line of a posted credit note that lowers the price of work without giving it back.",
    )

    #=== CRUD METHODS ===#

    @api.ondelete(at_uninstall=False)
    def _unlink_except_credited(self):
        """A credit note would reverse nothing any more."""
        rows = self._get_timebill_rows()
        credits = rows.reversal_ids.filtered(lambda row: row.move_line_id not in self)
        if credits:
            raise UserError(
                self.env._(
                    "%(credits)s gives back what %(invoices)s billed: this line cannot be deleted. Cancel the invoice"
                    " instead, or delete the credit note first.",
                    credits=", ".join(credits.move_id.mapped("display_name")),
                    invoices=", ".join(credits.reversed_id.move_id.mapped("display_name")),
                )
            )
        # An invoice and its credit note go together: a row goes before the one that it reverses.
        rows.filtered(lambda row: row.reversed_id.move_line_id in self).unlink()

    #=== BUSINESS METHODS ===#

    def _copy_data_extend_business_fields(self, values):
        """Remember the origin of the lines of a credit note and of the invoice that replaces a reversed one.

        Only under a key of our own: a debit note copies lines the same way and bills no activity.
        """
        super()._copy_data_extend_business_fields(values)
        if self.env.context.get("timebill_keep_origin"):
            values["timebill_origin_line_id"] = self.id

    def _get_timebill_rows(self):
        """Rows of the ledger on these lines, whoever asks."""
        # sudo: a biller or an accountant outside a confidential team must not lose its rows silently
        return self.sudo().timebill_allocation_ids

    def _create_timebill_reversals(self):
        """Rows that give back on these lines what is left of what their origin lines bill."""
        # sudo: the ledger is written by this code alone, never by a user
        self.env["timebill.allocation"].sudo().create(
            [
                values
                for line in self
                for values in line.timebill_origin_line_id._get_timebill_rows()._prepare_reversal_values(line)
            ]
        )

    def _reverse_timebill_rows(self):
        """Give back on these lines of credit notes what their origin lines bill."""
        lines = self.filtered("timebill_origin_line_id")
        lines._create_timebill_reversals()
        for line in lines.filtered(lambda line: line.parent_state == "draft"):
            rows, origin_rows = line._get_timebill_rows(), line.timebill_origin_line_id._get_timebill_rows()
            if rows and len(rows) < len(origin_rows):
                # The others were given back by an earlier credit note.
                line._reprint_timebill_rows(rows, sum(rows.reversed_id.mapped("billed")), origin_rows)

    def _claim_timebill_rows(self):
        """Bill again on these lines of replacing invoices what their origin lines billed."""
        # sudo: the ledger is written by this code alone, never by a user
        self.env["timebill.allocation"].sudo().create(
            [
                row._prepare_claim_values(line, row.coverage)
                for line in self.filtered("timebill_origin_line_id")
                for row in line.timebill_origin_line_id._get_timebill_rows()
                if not row.reversed_id
            ]
        )

    def _get_timebill_rebated_amounts(self):
        """By how much posted credit notes lowered the price of these lines without giving their work back.

        :return: {account.move.line: amount excl. tax}
        """
        # sudo: credit notes count whoever may read them
        return dict(
            self.sudo()._read_group(
                [("timebill_origin_line_id", "in", self.ids), ("timebill_is_rebate", "=", True)],
                ["timebill_origin_line_id"],
                ["price_subtotal:sum"],
            )
        )

    def _get_timebill_rebates(self):
        """Lines of credit notes whose activities are not yet credited in full, earlier rebates included."""
        lines = self.filtered(lambda line: line._get_timebill_rows().reversed_id)
        if not lines:
            return lines
        earlier = lines.timebill_origin_line_id._get_timebill_rebated_amounts()
        return lines.filtered(
            lambda line: line.currency_id.compare_amounts(
                line.price_subtotal + earlier.get(line.timebill_origin_line_id, 0.0),
                sum(line._get_timebill_rows().reversed_id.mapped("billed")),
            )
            < 0
        )

    def _check_timebill_rebates_needed(self):
        """A rebate on which a later credit note counted to give the work back cannot be taken away.

        :raises UserError: naming both credit notes
        """
        for line in self:
            reversals = line.timebill_origin_line_id._get_timebill_rows().reversal_ids.filtered("live")
            if reversals:
                raise UserError(
                    self.env._(
                        "%(rebate)s and %(credits)s credit %(invoice)s together, whose work is to bill again. Put"
                        " %(credits)s back to draft first.",
                        rebate=line.move_id.display_name,
                        credits=", ".join(reversals.move_id.mapped("display_name")),
                        invoice=line.timebill_origin_line_id.move_id.display_name,
                    )
                )

    def _reprint_timebill_rows(self, rows, amount, previous_rows):
        """Make this line bill ``amount`` for ``rows`` only, of the ``previous_rows`` that its text was written for.

        The text follows, unless somebody wrote another one.
        """
        self.ensure_one()
        billing = self.env["timebill.billing"].with_context(lang=self.move_id.partner_id.lang or self.env.lang)
        values = billing._prepare_remainder_values(rows, amount)
        if self.name not in billing._get_possible_line_names(previous_rows):
            del values["name"]
        self.write({**values, "discount": 0.0})
