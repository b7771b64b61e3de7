"""From activities to the lines of an invoice.

How it works
============
Activities of the same matter, section, type and price that are billed at their
standard amount share a line; a revised one (write-down or write-up) has a line of
its own. A line bills the sum of the amounts of its activities, each rounded to
the currency: an activity costs the same whatever it is billed with.

A line prints exactly what it multiplies. Hours × rate (or units × price) when the
quantity is exact with the digits of the unit of measure and its product with the price,
all decimals of the price included, is the amount itself and not only rounds to it;
otherwise 1 × amount, and the caller writes the time in the text.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from .money import MINUTES_PER_HOUR

SECTIONS = ("fees", "expenses", "disbursements")


@dataclass(frozen=True)
class Item:
    """Part of an activity that is to be billed.

    :ivar quantity: minutes for time, units for the rest
    :ivar price: hourly rate for time, unit price for the rest, see :func:`lib.money.to_price`
    :ivar amount: amount to bill, rounded to the currency
    :ivar revised: the amount is not ``quantity × price``
    """

    id: int
    matter: int
    section: str
    type: int
    is_time: bool
    quantity: Decimal
    price: Decimal
    amount: Decimal
    revised: bool = False


@dataclass(frozen=True)
class Line:
    """Line of an invoice.

    :ivar is_lump: the line prints 1 × amount
    """

    items: Sequence[Item]
    quantity: Decimal
    price: Decimal
    is_lump: bool

    @property
    def amount(self) -> Decimal:
        return sum((item.amount for item in self.items), Decimal(0))


def line_terms(quantity: Decimal, price: Decimal, amount: Decimal, digits: int) -> tuple[Decimal, Decimal, bool]:
    """Quantity, price and whether they are a lump sum.

    :param amount: rounded to the currency
    :param digits: decimals of the unit of measure

    >>> line_terms(Decimal("1.25"), Decimal(200), Decimal(250), 2)
    (Decimal('1.25'), Decimal('200'), False)
    >>> line_terms(Decimal(150), Decimal("0.697"), Decimal("104.55"), 2)
    (Decimal('150.00'), Decimal('0.697'), False)
    >>> line_terms(Decimal(5) / 60, Decimal(200), Decimal("16.67"), 2)
    (Decimal('1'), Decimal('16.67'), True)
    """
    printed = round(quantity, digits)
    if printed == quantity and printed * price == amount:
        return printed, price, False
    return Decimal(1), amount, True


def group_items(items: Iterable[Item], digits: int) -> list[Line]:
    """Lines for ``items``, ordered by matter, section, type and price."""

    def key(item: Item):
        own_line = item.id if item.revised else 0
        return item.matter, SECTIONS.index(item.section), item.type, item.price, own_line

    lines = []
    for _key, group in groupby(sorted(items, key=key), key=key):
        members = tuple(group)
        quantity = sum((item.quantity for item in members), Decimal(0))
        if members[0].is_time:
            quantity /= MINUTES_PER_HOUR
        amount = sum((item.amount for item in members), Decimal(0))
        lines.append(Line(members, *line_terms(quantity, members[0].price, amount, digits)))
    return lines
