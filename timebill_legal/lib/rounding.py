"""Billable time from worked time.

How it works
============
A rule rounds to multiples of its increment, up or to the nearest, and never below its minimum. Time that was not
worked is not billed, whatever the minimum.

*Per entry*, each piece of work is rounded alone. *Per day*, what counts is the sum of the day: it is rounded once,
and the entry that is saved last bears the difference::

    proposed(entry) = round(worked by all) - proposed(all others)

so that at every moment the day's proposals add up to its rounded sum, whichever entry is added or corrected. An
entry can therefore be billed for nothing, when those before it were rounded up by enough. When one of them leaves
the day, or joins it, those that are still open are proposed anew, in the order in which they were entered. Only what
is fixed can then still propose too much: no proposal is negative.
"""

from collections.abc import Iterable
from dataclasses import dataclass

from .durations import MINUTES_PER_DAY


@dataclass(frozen=True)
class Rule:
    """How worked minutes become billable minutes.

    >>> quarters = Rule(increment=15, minimum=30)
    >>> [quarters.round(minutes) for minutes in (0, 1, 31, 45, 46)]
    [0, 30, 45, 45, 60]
    >>> Rule(increment=6, up=False).round(8), Rule(increment=6, up=False).round(9)
    (6, 12)
    """

    increment: int = 1
    up: bool = True
    minimum: int = 0
    per_day: bool = False

    def round(self, minutes: int) -> int:
        """Billable minutes of work that is rounded once; halves are rounded up.

        :raises ValueError: the increment is no number of minutes
        """
        if self.increment < 1:
            raise ValueError(f"an increment of {self.increment} minutes rounds nothing")
        if minutes <= 0:
            return 0
        steps = -(-minutes // self.increment) if self.up else (2 * minutes + self.increment) // (2 * self.increment)
        return max(steps * self.increment, self.minimum)

    def propose(self, worked: int, others_worked: int = 0, others_proposed: int = 0) -> int:
        """Billable minutes of an entry, a day at most.

        :param others_worked: worked minutes of the other entries of the day
        :param others_proposed: what was proposed for them

        >>> day = Rule(increment=15, per_day=True)
        >>> first = day.propose(4)
        >>> first, day.propose(9, 4, first), day.propose(3, 13, 15)
        (15, 0, 15)
        """
        if worked <= 0:
            return 0
        proposed = self.round(others_worked + worked) - others_proposed if self.per_day else self.round(worked)
        return min(max(proposed, 0), MINUTES_PER_DAY)

    def propose_again(self, entries: Iterable[tuple[int, int, bool]]) -> list[int]:
        """Billable minutes of the entries of a day that others have left or joined; what adds up stays as it is.

        :param entries: (worked, proposed, whether that is fixed) of each, in the order in which they were entered

        >>> day = Rule(increment=15, per_day=True)
        >>> day.propose_again([(8, 0, False)]), day.propose_again([(6, 0, False), (8, 15, False)])
        ([15], [0, 15])
        >>> day.propose_again([(6, 15, False), (8, 15, True), (3, 15, False)])
        [0, 15, 15]
        """
        entries = list(entries)
        if sum(proposed for _worked, proposed, _fixed in entries) == self.round(sum(worked for worked, *_ in entries)):
            return [proposed for _worked, proposed, _fixed in entries]
        others_worked = sum(worked for worked, _proposed, fixed in entries if fixed)
        others_proposed = sum(proposed for _worked, proposed, fixed in entries if fixed)
        result = []
        for worked, proposed, fixed in entries:
            if fixed:
                result.append(proposed)
                continue
            result.append(self.propose(worked, others_worked, others_proposed))
            others_worked += worked
            others_proposed += result[-1]
        return result
