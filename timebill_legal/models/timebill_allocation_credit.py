import operator
from decimal import Decimal

from odoo import api, models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_amount

from ..lib.money import part_of, quantity_given_back, to_decimal
from ..tools.creating import create_sudo
from .timebill_allocation import QUANTITY_STEP


class TimebillAllocation(models.Model):
    """Credit notes, the rows of the ledger. ``account_move_credit.py`` handles the documents.

    How it works
    ============
    A *credit* is a row of the line of a credit note. It names the claim that it reverses (``reversed_id``), what was
    agreed to credit of it (``agreed_amount``), and what comes back of the work: ``coverage``, in minutes or units,
    below zero. ``release`` is why it is that much: ``share`` brings the credited share of the work back, ``none``
    nothing, and ``unsaid`` nothing either, because nobody chose which work is meant.

    * The credit note is **drafted**: credits are created with the values of :meth:`_prepare_credit_values`. They are
      not ``live``: claim and activity do not change.
    * **Edited**: they stay, their ``billed`` follows the line. When their line is deleted, they go with it.
    * **Posted**: :meth:`_settle_credits` first writes those anew that no longer match their line or their claim. Then
      they are ``live``: ``net`` and ``net_billed`` of the claim sink, so does ``covered`` of the activity, and what is
      not covered any more is to bill. :meth:`_check_credited_once` refuses to credit anything twice.
    * **Reset** or **cancelled**: they are no longer ``live``, and all that is undone. The activity must have room for
      it: its own constraint refuses what was billed again, :meth:`_check_not_moved` what went to another matter.
    * **Deleted**: by the foreign key of the line, only as long as they are not posted.

    Work comes back completely when all that it was billed is credited, and only then.
    """

    _inherit = "timebill.allocation"

    #=== CONSTRAINTS ===#

    @api.constrains("net", "net_billed")
    def _check_credited_once(self):
        """Refuse to credit more than was billed, and to bill a part of what was credited in full."""
        for row in self.filtered(lambda row: not row.reversed_id and row.live and row.reversal_ids):
            left = row.currency_id.compare_amounts(row.net_billed, 0)
            # The lines of a draft are still edited: they are checked when it is posted.
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
                    "%(activity)s was credited by %(credits)s and may be billed again: %(invoice)s cannot still"
                    " bill a part of it. Delete, cancel or reset to draft the last credit note first.",
                    **values,
                )
            )

    #=== BUSINESS METHODS ===#

    def _prepare_claim_values(self, line):
        """Values of the row of ``line`` that bills again what this claim bills, or what this credit gave back."""
        self.ensure_one()
        sign = -1 if self.reversed_id else 1
        return {
            "move_line_id": line.id,
            "activity_id": self.activity_id.id,
            "client_id": self.client_id.id,
            "coverage": sign * self.coverage,
            "standard_amount": sign * self.standard_amount,
            "adjustment": sign * self.adjustment,
            "agreed_amount": self.agreed_amount,
        }

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
        """Settle what each row credits and gives back, just before the credit notes are posted.

        :return: the rows of which nobody chose the work
        :raises UserError: a line credits more than is left of what it reverses
        """
        settled, replaced, values_list = self.browse(), self.browse(), []
        for line, rows in self.filtered("reversed_id").grouped("move_line_id").items():
            rows_values = rows._prepare_settled_values(line)
            if any(row._differs_from(values) for row, values in zip(rows, rows_values, strict=True)):
                # Replaced in one batch: each single write would recompute the shares of the whole line.
                replaced += rows
                values_list += rows_values
            else:
                settled += rows
        replaced.unlink()
        return (settled + create_sudo(self, values_list)).filtered(lambda row: row.release == "unsaid")

    def _prepare_settled_values(self, line):
        """Values of these rows, all those of ``line``, as posting it settles them.

        A line that, with what was credited before, makes up all that was billed gives all the work back. One that still
        credits what its rows agree on gives back the work that they say. Any other amount only lowers the price.

        :raises UserError: the line credits more than is left
        """
        currency, total = line.currency_id, line.price_subtotal
        lefts = [currency.round(row.reversed_id.net_billed) for row in self]
        agreed = [currency.round(row.agreed_amount) for row in self]
        excess = currency.compare_amounts(total, sum(lefts))
        if excess > 0:
            raise UserError(
                self.env._(
                    "%(credit)s credits %(amount)s for %(activities)s, of which %(invoices)s still bills only"
                    " %(left)s. Lower this line, and use a separate line for anything else.",
                    credit=line.move_id.display_name,
                    amount=format_amount(self.env, total, currency),
                    activities=", ".join(self.activity_id.mapped("display_name")),
                    invoices=", ".join(self.reversed_id.move_id.mapped("display_name")),
                    left=format_amount(self.env, sum(lefts), currency),
                )
            )
        if not excess:
            amounts, releases = lefts, ["share"] * len(self)
        elif not currency.compare_amounts(total, sum(agreed)) and all(map(operator.le, agreed, lefts)):
            amounts, releases = agreed, self.mapped("release")
        else:
            amounts, releases = self._spread(total, list(map(abs, lefts))), ["unsaid"] * len(self)
        return [
            row.reversed_id._prepare_credit_values(line, amount, "none" if row.release == "none" else release)
            for row, amount, release in zip(self, amounts, releases, strict=True)
        ]

    def _differs_from(self, values):
        """Whether this credit is not what ``values``, of :meth:`_prepare_credit_values`, would write."""
        self.ensure_one()
        amounts = ("agreed_amount", "standard_amount", "adjustment")
        return (
            self.release != values["release"]
            or self.coverage != values["coverage"]
            or any(self.currency_id.compare_amounts(self[name], values[name]) for name in amounts)
        )

    def _get_exact_credit_problem(self):
        """Why one of these credits would leave a disbursement billed at another amount than it costs, or False.

        It may give a part back at its cost, or renounce all of it.
        """
        for credit in self:
            claim, currency = credit.reversed_id, credit.currency_id
            others = (claim.reversal_ids - credit).filtered("live")
            left = claim.billed + sum(others.mapped("billed")) + credit.billed
            cost = sum((claim + others + credit).mapped("standard_amount"))
            if currency.compare_amounts(left, 0) and currency.compare_amounts(left, cost):
                return self.env._(
                    "%(credit)s would leave %(left)s billed on %(invoice)s for the disbursement %(activity)s of"
                    " %(cost)s. A disbursement is billed at its exact cost: choose that it is to bill again, then"
                    " write off what the client does not pay, or credit it in full.",
                    credit=credit.move_id.display_name,
                    invoice=claim.move_id.display_name,
                    activity=credit.activity_id.display_name,
                    left=format_amount(self.env, left, currency),
                    cost=format_amount(self.env, cost, currency),
                )
        return False
