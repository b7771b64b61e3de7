from odoo import fields, models
from odoo.tools import formatLang

from ..lib.money import price_decimals, to_price

#: How many units of the cheapest currencies make a euro: the dong, the rupiah and the pound of Lebanon have hourly
#: rates of millions.
UNITS_OF_CHEAPEST_CURRENCY = 10_000


class ResCurrency(models.Model):
    _inherit = "res.currency"

    def _timebill_format_price(self, price, min_digits=None):
        """A price per hour or per unit with its own decimals, unlike an amount: “0.636 €”.

        :param min_digits: decimals that are shown in any case; None for those of the currency
        """
        self.ensure_one()
        min_digits = self.decimal_places if min_digits is None else min_digits
        number = formatLang(self.env, price, digits=max(min_digits, price_decimals(to_price(price))))
        parts = (self.symbol, number) if self.position == "before" else (number, self.symbol)
        return "\N{NO-BREAK SPACE}".join(parts).replace(" ", "\N{NO-BREAK SPACE}")

    def _timebill_get_price_limit(self, euros, company):
        """Price beyond which one is a slip of the keyboard, in this currency.

        Worth ``euros`` at the exchange rate of today, to one significant digit. The decimals of a currency tell
        nothing of its worth (yen and CFA franc have none, but so has the dong; the rupiah has two), and where nobody
        keeps exchange rates only gross slips are found: an ordinary price is never refused.

        :param euros: limit in euros
        :param company: res.company, which may keep exchange rates of its own
        """
        self.ensure_one()
        euro = self.env.ref("base.EUR")
        if self == euro:
            return euros
        foreign = (self | euro) - company.currency_id
        known = self.env["res.currency.rate"]._read_group(
            [("currency_id", "in", foreign.ids), ("company_id", "in", (False, company.root_id.id))], ["currency_id"]
        )
        if len(known) < len(foreign):
            return euros * UNITS_OF_CHEAPEST_CURRENCY
        limit = euro._convert(euros, self, company, fields.Date.context_today(self), round=False)
        return max(euros, float(f"{limit:.1g}"))
