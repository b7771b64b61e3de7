"""Splitting one piece of work so that the parts cost exactly what the whole cost.

How it works
============
Minutes or units are whole shares of what there is (:func:`lib.money.spread`). Each part costs its share at the price
of the whole; what the cents of the parts lack or exceed is borne by the last ones, at the nearest price at which a
part costs one cent more or less, with as few decimals as that takes. Where no price does (many thousand units, whose
amount moves by several cents with the last decimal of the price), nothing is split.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal

from .money import MINUTES_PER_HOUR, PRICE_DIGITS, time_amount, to_price, units_amount


class InexactPartsError(ValueError):
    """The parts cannot cost together what the whole costs."""


@dataclass(frozen=True)
class Part:
    """:ivar quantity: minutes of time, units of the rest"""

    quantity: Decimal
    price: Decimal
    amount: Decimal


def split_amount(quantities: Sequence[Decimal], price: Decimal, rounding: Decimal, is_time: bool) -> list[Part]:
    """Parts of the given quantities that cost together what their sum costs at ``price``.

    :param rounding: smallest unit of the currency
    :raises InexactPartsError: no price of a part makes up for the cents

    >>> parts = split_amount([Decimal(20)] * 3, Decimal(200), Decimal("0.01"), is_time=True)
    >>> [(str(part.price), str(part.amount)) for part in parts]
    [('200', '66.67'), ('200', '66.67'), ('199.98', '66.66')]
    """
    to_amount = time_amount if is_time else units_amount
    parts = [Part(quantity, price, to_amount(quantity, price, rounding)) for quantity in quantities]
    missing = to_amount(sum(quantities, Decimal(0)), price, rounding) - sum(part.amount for part in parts)
    step = rounding if missing > 0 else -rounding
    for index in reversed(range(len(parts))):
        if not missing:
            break
        part = parts[index]
        amount = part.amount + step
        if part.quantity and amount >= 0:
            exact = amount * MINUTES_PER_HOUR / part.quantity if is_time else amount / part.quantity
            prices = (to_price(round(exact, digits)) for digits in range(PRICE_DIGITS + 1))
            near = next((p for p in prices if to_amount(part.quantity, p, rounding) == amount), None)
            if near is not None:
                parts[index] = Part(part.quantity, near, amount)
                missing -= step
    if missing:
        raise InexactPartsError("no price of a part makes up for the cents")
    return parts
