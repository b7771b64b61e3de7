from odoo import models
from odoo.exceptions import UserError, ValidationError

from ..lib.money import part_of, to_decimal, to_price

#: What a row takes of its activity.
MEASURES = ("coverage", "standard_amount", "adjustment")


class TimebillAllocation(models.Model):
    """What claims say that their work costs, when the work may have changed.

    How it works
    ============
    What an invoice shows of an activity is locked while the activity is covered. It can change while its claim does not
    count: the invoice is cancelled, or a credit note gave the work back. When the claim counts again,

    * on a **draft**, it takes what the work costs now (:meth:`_update_costs`). A line that billed just what its work
      cost bills the new cost; another line loses its reason, so that posting asks for one;
    * on a **posted** invoice, nothing can follow: :meth:`_check_costs_agree` refuses the change.
    """

    _inherit = "timebill.allocation"

    def _update_costs(self):
        """Bring these claims, as far as they are on drafts, up to date with what their work costs, and their lines.

        :raises UserError: naming the activity that has no price any more
        """
        claims = self.filtered(lambda row: not row.reversed_id and row.live and row.move_state == "draft")
        lines = claims.move_line_id
        costs = {line: line._timebill_get_cost() for line in lines}
        own_text = lines.filtered(lambda line: line._timebill_has_own_text(line._timebill_get_rows_sudo()))
        for rows in claims.grouped("activity_id").values():
            rows._update_costs_of_activity()
        claims._print_again()
        for line in lines:
            line._timebill_follow_activities(costs[line], line in own_text)

    def _update_costs_of_activity(self):
        """Share what the one activity of these claims costs, as far as no other rows take it, among them."""
        activity = self.activity_id
        left = self._get_left_of(activity)
        for claim in self.sorted("id"):
            if claim.net and not activity.has_price:
                raise UserError(
                    self.env._(
                        "%(invoice)s bills %(activity)s, which has no price any more. Give it a price first.",
                        invoice=claim.move_id.display_name,
                        activity=activity.display_name,
                    )
                )
            net = claim._get_net_measures()
            cost = claim._get_cost_out_of(left, net)
            left = {name: value - cost[name] for name, value in left.items()}
            own = claim._get_measures()
            if changed := {name: float(own[name] + cost[name] - net[name]) for name in net if cost[name] != net[name]}:
                claim.write(changed)

    def _get_left_of(self, activity):
        """What would be left of ``activity`` if these claims did not count.

        :return: {measure: Decimal}
        """
        others = activity.allocation_ids.filtered("live") - self - self.reversal_ids
        left = {
            "coverage": to_decimal(round(activity.billable_quantity, 6)),
            "standard_amount": to_decimal(activity.amount),
            "adjustment": to_decimal(0),
        }
        for row in others:
            # A discount or surcharge is granted by rows without a line that cover nothing, and taken by all others.
            is_granted = not row.move_line_id and not row.coverage
            for name, value in row._get_measures().items():
                left[name] -= -value if is_granted else value
        return left

    def _get_measures(self):
        """What this row takes, as exact decimals: {measure: Decimal}."""
        self.ensure_one()
        round_ = self.currency_id.round
        amounts = {name: to_decimal(round_(self[name])) for name in MEASURES[1:]}
        return {"coverage": to_decimal(round(self.coverage, 6)), **amounts}

    def _get_net_measures(self):
        """What this claim takes, less what live credits give back: {measure: Decimal}."""
        self.ensure_one()
        net = self._get_measures()
        for credit in self.reversal_ids.filtered("live"):
            for name, value in credit._get_measures().items():
                net[name] += value
        return net

    def _get_cost_out_of(self, left, net):
        """What this claim takes of ``left`` to cover what it covers.

        What is left in full goes to who takes the rest. A part keeps its amounts, which may be those of an instalment,
        unless the price or the discount that they were taken of is another one now.

        :param left: see :meth:`_get_left_of`
        :param net: see :meth:`_get_net_measures`
        :return: {measure: Decimal}
        """
        part, whole = net["coverage"], left["coverage"]
        if not part or part > whole:  # a constraint refuses what is covered twice
            return net
        if part == whole:
            return dict(left)
        step = to_decimal(self.currency_id.rounding)
        is_same_price = to_price(self.price_unit) == to_price(self.activity_id.price_unit)
        is_kept = {
            "standard_amount": is_same_price and 0 <= net["standard_amount"] <= left["standard_amount"],
            "adjustment": min(left["adjustment"], 0) <= net["adjustment"] <= max(left["adjustment"], 0),
        }
        shares = {
            name: net[name] if kept else part_of(left[name], part, whole, step) for name, kept in is_kept.items()
        }
        return {"coverage": part, **shares}

    def _print_again(self):
        """Have these rows of drafts print what their activities say now."""
        for name in ("date", "user_id", "type_id", "description", "price_unit"):
            self.env.add_to_compute(self._fields[name], self)

    def _check_costs_agree(self):
        """Refuse that posted invoices bill work again that has another price, or another discount, since.

        :raises ValidationError: naming the activity, the invoice and the credit notes
        """
        claims = self.filtered(
            lambda row: not row.reversed_id and row.live and row.net > 0 and row.move_state == "posted"
        )
        for activity, rows in claims.grouped("activity_id").items():
            if activity._get_remaining_quantity():
                changed = rows.filtered(lambda row: to_price(row.price_unit) != to_price(row.activity_id.price_unit))
            else:
                left = self.browse()._get_left_of(activity)
                changed = rows if left["standard_amount"] or left["adjustment"] else self.browse()
            if changed:
                raise ValidationError(
                    self.env._(
                        "%(activity)s was billed on %(invoice)s and credited by %(credits)s; its price or its discount"
                        " was changed since. Undo this change first, or leave the credit note as it is and bill the"
                        " activity again.",
                        activity=activity.display_name,
                        invoice=", ".join(changed.move_id.mapped("display_name")),
                        credits=", ".join(changed.reversal_ids.move_id.mapped("display_name")),
                    )
                )
