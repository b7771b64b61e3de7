from odoo import fields, models
from odoo.tools import formatLang

from ..lib.money import price_decimals, to_price

#: Order of magnitude of a euro in the currencies of the lowest value (dong, rupiah, Lebanese pound).
UNITS_OF_CHEAPEST_CURRENCY = 10_000


class ResCurrency(models.Model):
    _inherit = "res.currency"

    def _timebill_format_price(self, price, min_digits=None):
        """Format a price per hour or unit with all its decimals, unlike an amount: “0.636 €”.

        :param min_digits: minimum number of decimals; None for those of the currency
        """
        self.ensure_one()
        min_digits = self.decimal_places if min_digits is None else min_digits
        number = formatLang(self.env, price, digits=max(min_digits, price_decimals(to_price(price))))
        parts = (self.symbol, number) if self.position == "before" else (number, self.symbol)
        return "\N{NO-BREAK SPACE}".join(parts).replace(" ", "\N{NO-BREAK SPACE}")

    def _timebill_get_price_limit(self, euros, company):
        """Price in this currency beyond which a typing error is assumed.

        It is worth ``euros`` at today's exchange rate, to one significant digit. Without exchange rates, the limit is
        that of the currencies of the lowest value, so that an ordinary price is never refused: the number of decimals
        of a currency says nothing about its value.

        :param euros: limit in euros
        :param company: res.company whose exchange rates are used
        :return: float
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
