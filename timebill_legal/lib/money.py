"""Rounding and splitting of amounts.

Amounts are :class:`~decimal.Decimal`; ``rounding`` is the smallest unit of the
currency (``Decimal("0.01")`` for the euro, ``Decimal("1")`` for the yen).
"""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

MINUTES_PER_HOUR = Decimal(60)


def to_decimal(value: float | int | str | Decimal) -> Decimal:
    """Exact decimal that a person sees in ``value``.

    >>> to_decimal(0.1)
    Decimal('0.1')
    """
    return value if isinstance(value, Decimal) else Decimal(str(value))


def round_to(amount: Decimal, rounding: Decimal) -> Decimal:
    """Round half away from zero to a multiple of ``rounding``, as Odoo's currencies do.

    >>> round_to(Decimal("16.665"), Decimal("0.01"))
    Decimal('16.67')
    >>> round_to(Decimal("-16.665"), Decimal("0.01"))
    Decimal('-16.67')
    """
    return (amount / rounding).quantize(Decimal(1), rounding=ROUND_HALF_UP) * rounding


def spread(total: Decimal, weights: Sequence[Decimal], rounding: Decimal) -> list[Decimal]:
    """Split ``total`` in proportion to ``weights``, by largest remainder.

    The shares are multiples of ``rounding`` and add up to ``total`` exactly.
    Equal remainders go to the first shares. Weights that are all zero split evenly.

    :raises ValueError: there is nothing to split over, or ``total`` is not a multiple of ``rounding``

    >>> spread(Decimal("200.00"), [Decimal(20)] * 3, Decimal("0.01"))
    [Decimal('66.67'), Decimal('66.67'), Decimal('66.66')]
    >>> spread(Decimal("-1.00"), [Decimal(1), Decimal(2)], Decimal("0.01"))
    [Decimal('-0.33'), Decimal('-0.67')]
    """
    if not weights:
        raise ValueError("there is no share to split over")
    units = total / rounding
    if units != units.to_integral_value():
        raise ValueError(f"{total} is not a multiple of {rounding}")
    whole = sum(weights)
    if not whole:
        weights, whole = [Decimal(1)] * len(weights), Decimal(len(weights))
    sign = -1 if units < 0 else 1
    exact = [abs(units) * weight / whole for weight in weights]
    floors = [share.to_integral_value(rounding=ROUND_FLOOR) for share in exact]
    missing = int(abs(units) - sum(floors))
    by_remainder = sorted(range(len(exact)), key=lambda index: (floors[index] - exact[index], index))
    for index in by_remainder[:missing]:
        floors[index] += 1
    return [sign * share * rounding for share in floors]


def time_amount(minutes: Decimal, hourly_rate: Decimal, rounding: Decimal) -> Decimal:
    """Price of ``minutes`` at ``hourly_rate``, from the exact time and not from rounded hours.

    >>> time_amount(Decimal(5), Decimal(200), Decimal("0.01"))
    Decimal('16.67')
    """
    return round_to(minutes * hourly_rate / MINUTES_PER_HOUR, rounding)


def units_amount(quantity: Decimal, unit_price: Decimal, rounding: Decimal) -> Decimal:
    """Price of ``quantity`` units.

    >>> units_amount(Decimal("2.5"), Decimal("10.01"), Decimal("0.01"))
    Decimal('25.03')
    """
    return round_to(quantity * unit_price, rounding)


def share_of(amount: Decimal, taken: Decimal, part: Decimal, whole: Decimal, rounding: Decimal) -> Decimal:
    """Standard amount of the next ``part`` of a ``whole`` of which ``taken`` is already billed.

    Successive parts add up to ``amount`` exactly: each is the difference of two rounded totals.

    >>> thirds = [share_of(Decimal(200), Decimal(taken), Decimal(20), Decimal(60), Decimal("0.01"))
    ...           for taken in (0, 20, 40)]
    >>> thirds
    [Decimal('66.67'), Decimal('66.66'), Decimal('66.67')]
    """
    if not whole:
        return Decimal(0)
    return round_to(amount * (taken + part) / whole, rounding) - round_to(amount * taken / whole, rounding)
