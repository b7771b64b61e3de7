from decimal import Decimal

from odoo import api, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_amount

from ..lib.money import part_of, quantity_given_back, to_decimal
from .timebill_allocation import QUANTITY_STEP


class TimebillAllocation(models.Model):
    """What a credit note does to the work, on rows of the ledger."""

    _inherit = "timebill.allocation"

    #=== CONSTRAINTS ===#

    @api.constrains("net", "net_billed")
    def _check_credited_once(self):
        """Never more is credited than was billed, and work that is to bill again is not billed any more."""
        for row in self.filtered(lambda row: not row.reversed_id and row.live and row.reversal_ids):
            left = row.currency_id.compare_amounts(row.net_billed, 0)
            # The line of a draft is still being edited: it is looked at again when it is posted.
            is_final = row.move_state == "posted" and any(row.reversal_ids.mapped("live"))
            is_over_credited = row.net < 0 or (is_final and left < 0)
            if not is_over_credited and not (is_final and row.coverage and not row.net and left):
                continue
            values = {
                "activity": row.activity_id.display_name,
                "invoice": row.move_id.display_name,
                "credits": ", ".join(row.reversal_ids.move_id.mapped("display_name")),
            }
            if is_over_credited:
                raise ValidationError(
                    self.env._(
                        "%(activity)s was billed once on %(invoice)s and cannot be credited beyond that. It is already"
                        " credited by: %(credits)s.",
                        **values,
                    )
                )
            raise ValidationError(
                self.env._(
                    "%(activity)s was given back by %(credits)s and may be billed again: %(invoice)s cannot go on"
                    " billing a part of it. Delete, cancel or put back to draft the last credit note first.",
                    **values,
                )
            )

    #=== BUSINESS METHODS ===#

    def _prepare_credit_values(self, line, amount, release="share"):
        """Values of a row of ``line`` that credits ``amount`` of what is left of this claim.

        :param release: ``share`` to give the credited share of the work back, else nothing comes back
        :raises UserError: more would be credited than is left
        """
        self.ensure_one()
        currency = self.currency_id
        if currency.compare_amounts(amount, self.net_billed) > 0:
            raise UserError(
                self.env._(
                    "%(invoice)s still bills %(left)s for %(activity)s: %(amount)s cannot be credited.",
                    invoice=self.move_id.display_name,
                    left=format_amount(self.env, self.net_billed, currency),
                    activity=self.activity_id.display_name,
                    amount=format_amount(self.env, amount, currency),
                )
            )
        quantity = self._get_quantity_given_back(amount) if release == "share" else 0.0
        live = self.reversal_ids.filtered("live")
        standard, adjustment = (
            part_of(
                to_decimal(currency.round(self[name] + sum(live.mapped(name)))),
                to_decimal(currency.round(amount)),
                to_decimal(currency.round(self.net_billed)),
                to_decimal(currency.rounding),
            )
            if quantity
            else 0
            for name in ("standard_amount", "adjustment")
        )
        return {
            "move_line_id": line.id,
            "activity_id": self.activity_id.id,
            "client_id": self.client_id.id,
            "reversed_id": self.id,
            "release": release,
            "coverage": -quantity,
            "standard_amount": -float(standard),
            "adjustment": -float(adjustment),
            "agreed_amount": amount,
        }

    def _get_quantity_given_back(self, amount, left=None):
        """Minutes or units that a credit of ``amount`` on this claim brings back.

        :param left: what is left to credit; by default what all credits left
        """
        self.ensure_one()
        left = self.net_billed if left is None else left
        if not self.currency_id.compare_amounts(amount, left):
            return self.net
        if not self.net or not 0 < amount < left:
            return 0.0
        rounded = map(self.currency_id.round, (amount, left))
        step = Decimal(1) if self.is_timed else QUANTITY_STEP
        return float(quantity_given_back(to_decimal(round(self.net, 6)), *map(to_decimal, rounded), step))

    def _settle_credits(self):
        """Fix what each row of credit notes credits and gives back, as they are posted.

        A line that still credits what its rows agreed on gives back the work that they say, and so does
        one that, with what was credited before, makes up all that was billed. Another amount only lowers the
        price: which work it is about is not said.

        :return: the rows of which this is not said
        :raises UserError: a line credits more than is left of what it reverses
        """
        settled, replaced, values_list = self.browse(), self.browse(), []
        for line, rows in self.filtered("reversed_id").grouped("move_line_id").items():
            rows_values = rows._prepare_settled_values(line)
            if any(row._differs_from(values) for row, values in zip(rows, rows_values, strict=True)):
                # A batch of new rows: written one by one, each would have the whole line shared out again.
                replaced += rows
                values_list += rows_values
            else:
                settled += rows
        replaced.unlink()
        return (settled + self.create(values_list)).filtered(lambda row: row.release == "unsaid")

    def _prepare_settled_values(self, line):
        """Values of these rows, those of ``line``, as posting it settles them."""
        currency = line.currency_id
        lefts = [currency.round(row.reversed_id.net_billed) for row in self]
        is_full = not currency.compare_amounts(line.price_subtotal, sum(lefts))
        if currency.compare_amounts(line.price_subtotal, sum(lefts)) > 0:
            raise UserError(
                self.env._(
                    "%(credit)s credits %(amount)s for %(activities)s, of which %(invoices)s still bills %(left)s"
                    " only. Lower that line; put what has nothing to do with this work on a line of its own.",
                    credit=line.move_id.display_name,
                    amount=format_amount(self.env, line.price_subtotal, currency),
                    activities=", ".join(self.activity_id.mapped("display_name")),
                    invoices=", ".join(self.reversed_id.move_id.mapped("display_name")),
                    left=format_amount(self.env, sum(lefts), currency),
                )
            )
        agreed = [currency.round(row.agreed_amount) for row in self]
        is_said = not currency.compare_amounts(line.price_subtotal, sum(agreed)) and all(
            amount <= left for amount, left in zip(agreed, lefts, strict=True)
        )
        amounts = lefts if is_full else agreed
        if not (is_full or is_said):
            amounts = self._spread(line.price_subtotal, list(map(abs, lefts)))
        values_list = []
        for row, amount in zip(self, amounts, strict=True):
            release = row.release
            if release != "none":
                release = "share" if is_full or (is_said and release == "share") else "unsaid"
            values_list.append(row.reversed_id._prepare_credit_values(line, amount, release))
        return values_list

    def _differs_from(self, values):
        """Whether what this credit says is not what ``values`` say."""
        self.ensure_one()
        amounts = ("agreed_amount", "standard_amount", "adjustment")
        return (
            self.release != values["release"]
            or self.coverage != values["coverage"]
            or any(self.currency_id.compare_amounts(self[name], values[name]) for name in amounts)
        )
