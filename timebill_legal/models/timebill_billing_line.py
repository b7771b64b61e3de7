from math import inf

from odoo import api, models
from odoo.fields import Command
from odoo.tools import format_date

from ..lib.durations import format_duration
from ..lib.lines import Item, group_items, line_terms
from ..lib.money import MINUTES_PER_HOUR, round_to, spread, to_decimal, to_price
from .timebill_billing import BillingLine

#: Shares of a line in the analytic accounts of several matters have two decimals.
PERCENT_STEP = to_decimal("0.01")


class TimebillBilling(models.AbstractModel):
    """What the lines of an invoice bill, in which order, and what they print."""

    _inherit = "timebill.billing"

    #=== SECTIONS ===#

    @api.model
    def _prepare_section_values(self, group, line):
        """Titles under which ``line`` stands, the outermost first; lines in a row with the same title share it.

        :return: [values of account.move.line, with ``display_type`` and ``name``]
        """
        titles = []
        if line.matter and len(group.matters) > 1:
            titles.append({"display_type": "line_section", "name": self.env._("Matter %s", line.matter.reference)})
        if line.section:
            display_type = "line_subsection" if titles else "line_section"
            titles.append({"display_type": display_type, "name": group.sections[line.section].label})
        return titles

    @api.model
    def _get_line_place(self, group, line):
        """Sort key of ``line`` on its invoice; lines of the same place stay in their order."""
        matter = line.matter.id if line.matter else inf
        sequence = list(group.sections).index(line.section) if line.section else inf
        return matter if len(group.matters) > 1 else 0, sequence, line.is_extra

    #=== LINES ===#

    @api.model
    def _prepare_work_lines(self, group):
        """
        :return: [:class:`BillingLine`] that bill the choices of ``group``
        """
        lines = group_items(
            [self._prepare_item(choice, group.parts[choice]) for choice in group.choices],
            self.env["decimal.precision"].precision_get("Product Unit"),
        )
        work_lines = []
        for number, line in enumerate(lines, start=1):
            choices = group.choices.browse().union(*(item.source for item in line.items))
            grouping = choices[0]._get_line_grouping_values(group.parts[choices[0]])
            work_lines.append(
                BillingLine(
                    key=f"work-{number}",
                    values=self._prepare_line_values(group, choices, line),
                    section=grouping.get("section", ""),
                    matter=grouping.get("matter_id"),
                    rows=[choice._prepare_allocation_values(group.parts[choice]) for choice in choices],
                    is_extra=False,
                )
            )
        return work_lines

    @api.model
    def _prepare_extra_lines(self, group):
        """Lines of the invoice that bill no choice: a deduction, a flat fee, a percentage of the others…

        They count in the totals of the invoice and of the window. Each has a key of its own, which does not begin
        with ``work-``, and may have rows.

        :param group: :class:`BillingGroup`, with the lines of its choices
        :return: [:class:`BillingLine`]
        """
        return []

    @api.model
    def _prepare_item(self, choice, part):
        """What the arithmetic of lines needs to know of ``choice``.

        :return: :class:`lib.lines.Item`
        """
        activity = choice.activity_id
        return Item(
            source=choice,
            key=(choice._get_income_account(), activity.tax_ids, *choice._get_line_grouping_values(part).items()),
            order=choice._get_line_order(part),
            is_time=activity.is_timed,
            quantity=to_decimal(part["coverage"]),
            price=to_price(activity.price_unit),
            amount=to_decimal(part["agreed_amount"]),
        )

    @api.model
    def _prepare_all_line_values(self, group):
        """
        :return: [values of account.move.line] of the lines of ``group`` and of the titles of their sections
        """
        values_list, current = [], []
        for line in group.lines:
            titles = self._prepare_section_values(group, line)
            same = 0
            while same < min(len(titles), len(current)) and titles[same] == current[same]:
                same += 1
            values_list += titles[same:]
            current = titles
            values_list.append({**line.values, "timebill_key": line.key})
        return [{**values, "sequence": sequence} for sequence, values in enumerate(values_list, start=1)]

    @api.model
    def _prepare_line_values(self, group, choices, line):
        """Values of account.move.line of a line that bills ``choices``.

        :param group: :class:`BillingGroup`
        :param line: :class:`lib.lines.Line`, its quantity, price and amount
        """
        activities = choices.activity_id
        # sudo: billing users may lack access to products
        product = activities[0].type_id.product_id.sudo()
        taxes = group.fiscal_position.map_tax(activities[0].tax_ids)
        terms = (line.quantity, line.price, line.is_lump)
        return {
            **self._prepare_printed_values(activities, line.minutes, terms, taxes),
            "product_id": product.id,
            "timebill_reason_id": next(filter(None, (choice._get_reason().id for choice in choices)), False),
            "tax_ids": [Command.set(taxes.ids)],
            "analytic_distribution": self._get_analytic_distribution(line),
        }

    @api.model
    def _get_analytic_distribution(self, line):
        """Shares of ``line`` in the analytic accounts of its matters, in percent."""
        amounts = {}
        for item in line.items:
            account = item.source.activity_id.matter_id.analytic_account_id
            amounts[account] = amounts.get(account, 0) + item.amount
        shares = spread(to_decimal(100), list(amounts.values()), PERCENT_STEP)
        return {str(account.id): float(share) for account, share in zip(amounts, shares, strict=True)}

    #=== WHAT A LINE PRINTS ===#

    @api.model
    def _prepare_printed_values(self, works, minutes, terms, taxes):
        """What a line prints: text, unit, quantity and price.

        :param works: activities or rows of the ledger
        :param minutes: time that the line bills, 0 when it bills no time
        :param terms: (quantity, price excl. tax, whether they are a lump sum), see :func:`lib.lines.line_terms`
        :param taxes: account.tax of the line, which may be included in its price
        """
        currency = works.currency_id
        quantity, price, is_lump = terms
        printed_price = self._get_printed_price(price, taxes, currency)
        if not is_lump and not self._is_exact(quantity, printed_price, currency):
            quantity, is_lump = 1, True
            price *= terms[0]
            printed_price = self._get_printed_price(price, taxes, currency)
        uom = "uom.product_uom_hour" if minutes and not is_lump else "uom.product_uom_unit"
        return {
            # Cached, unlike env.ref(), which asks the database whether the record exists.
            "product_uom_id": self.env["ir.model.data"]._xmlid_to_res_id(uom, raise_if_not_found=True),
            "name": self._get_line_name(works, minutes if is_lump else 0),
            "quantity": float(quantity),
            "price_unit": (
                self._get_exact_lump(printed_price, price, taxes, currency)
                if is_lump
                else float(to_price(printed_price))
            ),
        }

    @api.model
    def _is_exact(self, quantity, printed_price, currency):
        """Whether a line can print ``quantity × printed_price``: the product is a payable amount and not rounded to it.

        :param quantity: Decimal
        :param printed_price: float, with the taxes that are included in prices
        """
        price = to_price(printed_price)
        amount = quantity * price
        # A tax that is taken out of a price may have more decimals than a price.
        return abs(float(price) - printed_price) < 1e-9 and round_to(amount, to_decimal(currency.rounding)) == amount

    @api.model
    def _get_exact_lump(self, printed_price, price, taxes, currency):
        """Price that can be paid, nearest to ``printed_price``, which gives just ``price`` excl. tax.

        With several taxes in the price, each rounded, the nearest one may be a cent off.
        """
        nearest = currency.round(printed_price)
        if nearest == float(price):
            return nearest
        for candidate in (nearest, nearest + currency.rounding, nearest - currency.rounding):
            totals = taxes.compute_all(candidate, currency=currency, rounding_method="round_per_line")
            if not currency.compare_amounts(totals["total_excluded"], float(price)):
                return currency.round(candidate)
        return nearest

    @api.model
    def _get_printed_price(self, price, taxes, currency):
        """Price that makes ``price`` excl. tax once the taxes that are included in prices are taken out of it."""
        if not any(taxes.flatten_taxes_hierarchy().mapped("price_include")):
            return float(price)
        details = taxes._get_tax_details(
            float(price),
            1.0,
            precision_rounding=currency.rounding,
            rounding_method="round_globally",
            special_mode="total_excluded",
        )
        return float(price) + sum(data["tax_amount"] for data in details["taxes_data"] if data["tax"].price_include)

    @api.model
    def _prepare_remainder_values(self, rows, amount, taxes):
        """What a line prints once it bills ``amount``, excl. tax, for these rows of the ledger only."""
        currency = rows.currency_id
        minutes = sum(abs(minutes) for minutes in rows.mapped("minutes"))
        quantity = sum(to_decimal(abs(row.coverage)) for row in rows)
        amount = to_decimal(currency.round(amount))
        if len({(row.kind, row.price_unit) for row in rows}) > 1:
            terms = to_decimal(1), amount, True
        else:
            terms = line_terms(
                quantity / MINUTES_PER_HOUR if minutes else quantity,
                to_price(rows[0].price_unit),
                amount,
                self.env["decimal.precision"].precision_get("Product Unit"),
            )
        return self._prepare_printed_values(rows, minutes, terms, taxes)

    @api.model
    def _get_possible_line_names(self, rows):
        """Texts that a line for these rows may have been given."""
        minutes = sum(abs(minutes) for minutes in rows.mapped("minutes"))
        return {self._get_line_name(rows, 0), self._get_line_name(rows, minutes)}

    @api.model
    def _get_line_name(self, works, minutes):
        """Neutral text: category, matter's reference and period, never the narrative.

        It goes to the accounts, the accounting export and e-invoices, which third parties read.

        :param works: activities, or rows of the ledger, whose activities may have moved to other matters since
        :param minutes: time to print in the text, because the line prints a lump sum; or 0
        """
        dates = works.mapped("date")
        first, last = (format_date(self.env, day) for day in (min(dates), max(dates)))
        name = self.env._(
            "%(category)s, matter %(matter)s, %(period)s",
            category=", ".join(works.type_id.mapped("name")),
            matter=", ".join(works.matter_id.mapped("reference")),
            period=first if first == last else self.env._("from %(first)s to %(last)s", first=first, last=last),
        )
        if minutes:
            name += f" ({format_duration(minutes)})"
        return name
