"""Rounding and splitting of amounts.

Amounts are :class:`~decimal.Decimal`; ``rounding`` is the smallest unit of the
currency (``Decimal("0.01")`` for the euro, ``Decimal("1")`` for the yen).
Only amounts are multiples of it: prices keep their own decimals.
"""

from collections.abc import Sequence
from decimal import ROUND_FLOOR, ROUND_HALF_UP, Decimal

MINUTES_PER_HOUR = Decimal(60)

#: Decimals of a price that count: as many as Odoo shows, and no trace of binary fractions.
PRICE_DIGITS = 6


def to_decimal(value: float | int | str | Decimal) -> Decimal:
    """Exact decimal that a person sees in ``value``.

    >>> to_decimal(0.1)
    Decimal('0.1')
    """
    return value if isinstance(value, Decimal) else Decimal(str(value))


def to_price(value: float | int | str | Decimal) -> Decimal:
    """Price per hour or per unit, with the decimals that count and no trailing zeros.

    >>> to_price(0.1 + 0.2)
    Decimal('0.3')
    >>> to_price(200.0)
    Decimal('200')
    """
    price = round(to_decimal(value), PRICE_DIGITS).normalize()
    return price if price.as_tuple().exponent <= 0 else price.quantize(Decimal(1))


def price_decimals(price: Decimal) -> int:
    """How many decimals ``price`` has, as :func:`to_price` gives it.

    >>> price_decimals(to_price(0.636))
    3
    """
    return -price.as_tuple().exponent


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
    >>> units_amount(Decimal(150), Decimal("0.697"), Decimal("0.01"))
    Decimal('104.55')
    """
    return round_to(quantity * unit_price, rounding)


def part_of(left: Decimal, part: Decimal, whole: Decimal, step: Decimal) -> Decimal:
    """What goes with ``part`` of the ``whole`` that is left, of an amount (or a quantity) of which ``left`` is left.

    The last part takes all that is left, hence parts taken in any order, given back and taken again
    always add up.

    :param step: the result is a multiple of it, like ``left``

    >>> part_of(Decimal("200.00"), Decimal(20), Decimal(60), Decimal("0.01"))
    Decimal('66.67')
    >>> part_of(Decimal("133.33"), Decimal(40), Decimal(40), Decimal("0.01"))
    Decimal('133.33')
    """
    if part == whole:
        return left
    return round_to(left * part / whole, step)


def quantity_given_back(quantity: Decimal, amount: Decimal, value: Decimal, step: Decimal) -> Decimal:
    """How much of ``quantity``, billed for ``value``, a credit of ``amount`` gives back.

    All of it for all of its value, and only then: work that is to bill again must not stay billed for a rest.

    :param step: the grid of quantities, one minute for time

    >>> quantity_given_back(Decimal(60), Decimal("66.67"), Decimal(200), Decimal(1))
    Decimal('20')
    >>> quantity_given_back(Decimal(60), Decimal("199.99"), Decimal(200), Decimal(1))
    Decimal('59')
    """
    if amount == value:
        return quantity
    return min(round_to(quantity * amount / value, step), quantity - step)
