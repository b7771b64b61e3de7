"""Which rate gives the price of an activity.

How it works
============
Rate lists are asked one after the other, the most specific first: the matter's,
the client's, the firm's. In a list, only the rates that *apply* are kept: those
whose every filled key (activity type, timekeeper, grade, dates) matches the work.
Of these the most specific one wins:

========================  ======
rate names                weight
========================  ======
a timekeeper              4
a grade                   2
an activity type          1
========================  ======

so that a price agreed for a person beats one for her grade, whatever the type.
Of two rates of equal weight the one that started last wins. A list in which
nothing applies lets the next list answer. A rate without a type is an hourly
rate: it applies to time only, never to services or expenses, and no rate at all
applies to disbursements, which are billed at their exact cost (CGI art. 267, II-2°).
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True)
class Rate:
    """One line of a rate list; an empty key matches any work."""

    id: int
    price: Decimal
    type_id: int | None = None
    user_id: int | None = None
    grade_id: int | None = None
    date_from: date | None = None
    date_to: date | None = None

    @property
    def weight(self) -> int:
        return 4 * bool(self.user_id) + 2 * bool(self.grade_id) + bool(self.type_id)

    def applies_to(self, work: "Work") -> bool:
        return (
            (self.type_id == work.type_id if self.type_id else work.is_timed)
            and self.user_id in (None, work.user_id)
            and self.grade_id in (None, work.grade_id)
            and (self.date_from is None or self.date_from <= work.date)
            and (self.date_to is None or work.date <= self.date_to)
        )


@dataclass(frozen=True)
class Work:
    """What a rate is looked for.

    :ivar is_timed: measured in time, at an hourly price
    :ivar is_exact: billed at its exact cost, whatever the rate lists have
    """

    is_timed: bool
    type_id: int | None
    user_id: int | None
    grade_id: int | None
    date: date
    is_exact: bool = False


def best_rate(rates: Iterable[Rate], work: Work) -> Rate | None:
    """Rate of one list that applies to ``work``, the most specific first."""
    applicable = [rate for rate in rates if rate.applies_to(work)]
    return max(applicable, key=lambda rate: (rate.weight, rate.date_from or date.min, rate.id), default=None)


def choose_rate(lists: Sequence[tuple[str, Sequence[Rate]]], work: Work) -> tuple[str, Rate] | None:
    """First answer of ``lists``, pairs of a level's name and its rates, the most specific level first.

    >>> work = Work(is_timed=True, type_id=1, user_id=7, grade_id=3, date=date(2026, 11, 21))
    >>> firm = [Rate(1, Decimal(180)), Rate(2, Decimal(220), grade_id=3)]
    >>> client = [Rate(3, Decimal(150), date_to=date(2025, 12, 31))]
    >>> level, rate = choose_rate([("client", client), ("firm", firm)], work)
    >>> level, rate.price
    ('firm', Decimal('220'))
    """
    if work.is_exact:
        return None
    for level, rates in lists:
        rate = best_rate(rates, work)
        if rate:
            return level, rate
    return None
