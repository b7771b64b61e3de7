"""Reading Odoo's logs: which lines are a problem of ours."""

import re
from pathlib import Path

from .paths import our_addons

LINE = re.compile(r"^\d{4}-\d\d-\d\d [\d:,]+ \d+ (?P<level>[A-Z]+) (?P<database>\S+) (?P<logger>\S+): (?P<text>.*)")


def problems(log: Path) -> list[str]:
    """Return the log's lines that must not be there, with what follows them (tracebacks).

    Every ERROR and CRITICAL counts; a WARNING only if it names one of our add-ons: Odoo has some of its own.
    """
    ours = re.compile("|".join([*map(re.escape, our_addons()), r"timebill\."]) or "$^")
    entries: list[tuple[str, list[str]]] = []
    for line in log.read_text(errors="replace").splitlines():
        match = LINE.match(line)
        if match:
            entries.append((match["level"], [line]))
        elif entries:
            entries[-1][1].append(line)
    return [
        "\n".join(lines)
        for level, lines in entries
        if level in ("ERROR", "CRITICAL") or (level == "WARNING" and ours.search("\n".join(lines)))
    ]
