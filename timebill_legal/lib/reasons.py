"""Why records were left out, as one sentence."""

from collections import Counter
from collections.abc import Iterable


def tally(reasons: Iterable[str | None]) -> str:
    """List each reason once with its number of occurrences, in the order of appearance; empty ones are skipped.

    >>> tally(["no price", None, "already billed", "no price"])
    'no price (2), already billed (1)'
    """
    return ", ".join(f"{reason} ({count})" for reason, count in Counter(filter(None, reasons)).items())
