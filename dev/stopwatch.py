"""Table of the clicks, keys and time of the daily actions, measured by the tours (static/tests/tours/stopwatch.js)."""

import json
from collections.abc import Iterable
from pathlib import Path

from .paths import REPO

#: Tours that measure, a pytest expression.
TESTS = "entry_from or my_day or quick_entry or timer"

PAGE = REPO / "docs" / "stopwatch.md"

INTRODUCTION = """\
# Chronométrage des gestes quotidiens

Cette page est générée par `python3 -m dev stopwatch` : un navigateur exécute chaque geste sur grand écran (1400 px) et
sur téléphone (390 px, tactile).

- **Clics** : clics de souris, ou appuis du doigt. Un geste qui demande plus de clics que prévu fait échouer les tests.
- **Touches** : touches du clavier.
- **Réflexions** : une avant chaque texte et avant chaque clic, sauf le dernier.
- **Attente** : temps mesuré avant que la suite soit à l'écran, sur la machine des tests, sans les pauses du programme
  (50 ms avant chaque étape). Une réflexion pendant une attente n'en est pas déduite.
- **Estimation** : temps d'une personne exercée selon le modèle *keystroke-level* (Card, Moran et Newell,
  *Communications of the ACM* 23(7), 1980) : 0,2 s par touche (0,3 s au téléphone, d'après Palin *et al.*, MobileHCI
  2019), 1,2 s par clic (0,8 s pour le pouce), 1,35 s par réflexion, plus l'attente. Aucune personne réelle n'a été
  mesurée.
- **Cible** : clics / secondes. ⚠ : la cible est dépassée.

| Geste | Écran | Clics | Touches | Réflexions | Attente | Estimation | Cible |
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
    """Write the page from the lines of JSON of the tours; the last line of each action and screen counts."""
    measured = {(line["action"], line["is_phone"]): line for line in map(json.loads, lines)}
    rows = [_row(measured[key]) for key in sorted(measured)]
    page.write_text(INTRODUCTION + "".join(rows))
