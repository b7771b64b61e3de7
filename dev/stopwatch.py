"""Table of what the daily actions cost a person, as the tours measure it (static/tests/tours/stopwatch.js)."""

import json
from collections.abc import Iterable
from pathlib import Path

from .paths import REPO

#: Tours that measure something.
TESTS = "entry_from or my_day or quick_entry or timer"

PAGE = REPO / "docs" / "stopwatch.md"

INTRODUCTION = """\
# Chronométrage des gestes quotidiens

Écrit par `python3 -m dev stopwatch`, qui fait jouer ces gestes par un navigateur, en grand (1400 px) et en petit
(390 px, tactile). Les **pressions** (clics, ou doigt) et les **touches** sont comptées ; l'**attente** est le temps
mesuré pendant lequel la suite n'est pas encore à l'écran, sur la machine des tests. Les pauses que fait le programme
des tests avant chaque étape (50 ms) n'y sont pas ; la réflexion qui couvrirait une attente n'en est pas déduite.
L'**estimation** est celle d'une personne exercée, par le modèle *keystroke-level* (Card, Moran et Newell,
*Communications of the ACM* 23(7), 1980) : 0,2 s par touche (0,3 s au téléphone, d'après Palin *et al.*, MobileHCI
2019), 1,2 s pour viser et cliquer (0,8 s pour le pouce), 1,35 s de réflexion avant chaque texte et chaque pression
sauf la dernière, plus l'attente. Ce n'est pas la mesure d'une vraie personne.

Un geste qui demande plus de pressions que prévu fait échouer les tests. ⚠ : la cible est manquée.

| Geste | Écran | Pressions | Touches | Réflexions | Attente | Estimation | Cible |
| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |
"""


def _seconds(value: float) -> str:
    return f"{value:.1f} s".replace(".", ",")


def _row(line: dict) -> str:
    presses, estimate = str(line["presses"]), _seconds(line["estimate"])
    if line["presses"] > line["clicks"]:
        presses = f"⚠ {presses}"
    if line["estimate"] > line["seconds"]:
        estimate = f"⚠ {estimate}"
    cells = (
        line["action"],
        "téléphone" if line["is_phone"] else "grand",
        presses,
        str(line["keys"]),
        str(line["decisions"]),
        _seconds(line["wait"]),
        estimate,
        f"{line['clicks']} / {line['seconds']} s",
    )
    return f"| {' | '.join(cells)} |\n"


def write_page(lines: Iterable[str], page: Path = PAGE) -> None:
    """Write the page from the lines of JSON that the tours have left; the last of each action and screen counts."""
    measured = {(line["action"], line["is_phone"]): line for line in map(json.loads, lines)}
    rows = [_row(measured[key]) for key in sorted(measured)]
    page.write_text(INTRODUCTION + "".join(rows))
