"""From activities to the lines of an invoice.

How it works
============
The caller says which activities share a line (:attr:`Item.key`) and in which order the lines stand
(:attr:`Item.order`). A line bills the sum of the amounts of its activities, each rounded to the currency: an
activity costs the same whatever it is billed with.

A line prints exactly what it multiplies. Hours × rate (or units × price) when all its activities are of the same
sort and price, the quantity is exact with the digits of the unit of measure, and its product with the price, all
decimals of the price included, is the amount itself and not only rounds to it; otherwise 1 × amount, and the caller
writes the time in the text.
"""

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

from .money import MINUTES_PER_HOUR


@dataclass(frozen=True)
class Item:
    """Part of an activity that is to be billed.

    :ivar source: what the caller bills with it
    :ivar key: items of the same key share a line
    :ivar order: lines stand in the order of their first item
    :ivar quantity: minutes for time, units for the rest
    :ivar price: hourly rate for time, unit price for the rest, see :func:`lib.money.to_price`
    :ivar amount: amount to bill, rounded to the currency
    """

    source: Hashable
    key: Hashable
    order: tuple
    is_time: bool
    quantity: Decimal
    price: Decimal
    amount: Decimal


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

    @property
    def minutes(self) -> int:
        """Time that the line bills, in minutes."""
        return int(sum(item.quantity for item in self.items if item.is_time))


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
    """Lines for ``items``, one for each key, in their order."""
    groups: dict[Hashable, list[Item]] = {}
    for item in sorted(items, key=lambda item: item.order):
        groups.setdefault(item.key, []).append(item)
    lines = []
    for members in groups.values():
        amount = sum((item.amount for item in members), Decimal(0))
        if len({(item.is_time, item.price) for item in members}) > 1:
            lines.append(Line(tuple(members), Decimal(1), amount, True))
            continue
        quantity = sum((item.quantity for item in members), Decimal(0))
        if members[0].is_time:
            quantity /= MINUTES_PER_HOUR
        lines.append(Line(tuple(members), *line_terms(quantity, members[0].price, amount, digits)))
    return lines
