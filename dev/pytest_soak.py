"""A pytest plugin for ``make soak``: shows how many examples Hypothesis has played."""

import os
import sys
import time
from collections import Counter

from hypothesis.internal import observability

from .console import HEARTBEAT, is_terminal


class Progress:
    """Count the examples of the test that runs."""

    def __init__(self):
        self.test = ""
        self.statuses: Counter[str] = Counter()
        self.began = self.shown = time.monotonic()

    def __call__(self, observation: observability.TestCaseObservation) -> None:
        """Count an example, and show it from time to time."""
        if observation.type != "test_case":
            return
        if observation.property != self.test:
            self.__init__()
            self.test = observation.property
        self.statuses[observation.status] += 1
        now = time.monotonic()
        if now - self.shown >= (1 if is_terminal() else HEARTBEAT):
            self.shown = now
            counts = ", ".join(f"{count} {status}" for status, count in sorted(self.statuses.items()))
            line = f"  … {counts} of {os.environ['TIMEBILL_SOAK_EXAMPLES']} examples ({now - self.began:.0f} s)"
            print(f"\r{line}\033[K" if is_terminal() else line, end="" if is_terminal() else "\n", file=sys.stderr)
            sys.stderr.flush()


def pytest_configure(config):
    """Have Hypothesis report each example, without the lines that it ran through: that is slow."""
    observability.OBSERVABILITY_COLLECT_COVERAGE = False
    observability.add_observability_callback(Progress())
