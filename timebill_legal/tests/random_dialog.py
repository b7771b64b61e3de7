"""Plays dialogs in random orders, as a user in a hurry would, and tells which one breaks.

The moves are read from the view, hence a new field is played as well: every field that the user can change gets values
that the dialog offers, rows are changed, added and removed, and at the end a button is pressed. What fails:

* an error that is none of the messages for users, at any move;
* a message that speaks of technical things, or a missing right in a dialog that was opened;
* a required field that cannot be seen or filled, and a value that is not saved as it was shown;
* a field that never changes anything.
"""

import logging
import os
import re
from collections import Counter
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from odoo.exceptions import AccessError, RedirectWarning, UserError
from odoo.fields import Domain
from odoo.tests import Form
from odoo.tools.safe_eval import safe_eval

_logger = logging.getLogger(__name__)
_logger.setLevel(logging.INFO)  # shown by python3 -m dev dialogs

#: That many orders for each dialog instead of the usual ones (``python3 -m dev dialogs``).
ORDERS = int(os.environ.get("TIMEBILL_DIALOG_ORDERS", "0"))
LONGEST = 9  # moves of one order, at most
SEED = 2026

#: Of a message for users: no names of fields, models or Python.
TECHNICAL = re.compile(r"\b[a-z]+_[a-z_]+\b|\btimebill\.|Expected singleton|NoneType|Traceback|psycopg")

#: Values by type of field: those that people type, and those that they type by mistake.
USUAL = {
    "integer": (6, 15, 45, 60, 90, 120),
    "float": (1.0, 2.0, 0.5, 12.0, 0.697, 150.0),
    "monetary": (10.0, 120.0, 225.0, 99.99, 1.5),
    "char": ("Appel du greffe", "Conclusions n° 2", "L'audience <b>&</b>"),
    "text": ("Appel du greffe", "Première ligne\nDeuxième ligne", "x" * 300),
    "html": ("<p>Appel du greffe</p>",),
}
ODD = {
    "integer": (0, 1, 600, 1440, -5, 1500),
    "float": (0.0, -1.0, 0.001, 1e9),
    "monetary": (0.0, -20.0, 0.001, 1e9),
    "char": ("", " "),
    "text": ("", " "),
    "html": ("",),
}
DAYS = (0, -1, -2, -40)
ODD_DAYS = (None, 3, -9000, 800)
ODD_SHARE = 0.15

@dataclass(frozen=True)
class Move:
    """What a user does: ``field`` of the dialog, or of its row number ``row`` in ``rows``, gets ``value``."""

    action: str  # "set", "add", "remove", "press" or the name of a move of the dialog
    field: str = ""
    value: object = None
    rows: str = ""
    row: int = 0

    def __str__(self):
        where = f"{self.rows}[{self.row}]." if self.rows else ""
        return {
            "set": f"{where}{self.field} = {self.value!r}",
            "press": f"press {self.field}",
        }.get(self.action, f"{self.action} {where}{self.field} {self.value if self.value is not None else ''}")


@dataclass
class Report:
    """What was played."""

    orders: int = 0
    moves: Counter = field(default_factory=Counter)
    saved: int = 0  # orders that no message ended
    pressed: Counter = field(default_factory=Counter)
    refusals: Counter = field(default_factory=Counter)
    effective: set = field(default_factory=set)
    unknown: set = field(default_factory=set)  # stored fields with which nothing was saved

    def __str__(self):
        refused = sum(self.refusals.values())
        return (
            f"{self.orders} orders, {self.moves.total()} moves of {len(self.moves)} fields, {self.saved} saved,"
            f" {self.pressed.total()} buttons pressed, {refused} refused with {len(self.refusals)} messages"
        )


class PlayedForm(Form):
    """A form several fields of which can be set at once, as the web client does."""

    def _process_view(self, *args, **kwargs):
        view = super()._process_view(*args, **kwargs)
        for modifiers in view["modifiers"].values():
            modifiers.update({name: to_python(expression) for name, expression in modifiers.items()})
        return view

    def set_together(self, values):
        """Set several fields, then ask the server once."""
        for name, value in values.items():
            self._values[name] = value
            self._values._changed.add(name)
        record, view = self._record, self._view
        result = record.onchange(self._get_onchange_values(), list(values), view["fields_spec"])
        self._env.flush_all()
        self._env.clear()
        if result.get("value"):
            self._apply_onchange(result["value"])

    def shown(self):
        """What the user sees: {field: plain value}."""
        return {name: plain(self._values[name]) for name in self._view["fields"] if name in self._values}


def can_change(form, name):
    """Whether the user can change this field of a form, or of a row, now."""
    info = form._view["fields"].get(name, {})
    return bool(info.get("type")) and not form._get_modifier(name, "readonly") and not is_invisible(form, name)


def is_invisible(form, name):
    return form._get_modifier(name, "invisible") or form._get_modifier(name, "column_invisible")


def to_python(expression):
    """An expression of a view, with what only the web client knows.

    >>> to_python("parent.client_ids.length < 2")
    'len(parent.client_ids) < 2'
    """
    return re.sub(r"([\w.]+)\.length\b", r"len(\1)", expression) if isinstance(expression, str) else expression


def plain(value):
    """Value of a field of a form, to compare."""
    if hasattr(value, "to_list_of_vals"):
        return [
            {name: plain(inner) for name, inner in row.items() if name != "id"} for row in value.to_list_of_vals()
        ]
    if isinstance(value, date):
        return str(value)
    if isinstance(value, str):
        return value.strip()
    return value


class Player:
    """Plays one dialog.

    :param case: the test case
    :param openers: {role or way to open it: function that returns a new :class:`PlayedForm`}
    :param moves: {name: function(form, random) that returns {field: value} to set at once, or None}
    :param skip: names of fields and buttons that are not played
    :param unsaved: names of fields that are shown otherwise once they are saved
    :param fills: {field: field or rows that it has to change}
    :param after_move: function(form, move), which may fail
    :param least_saved: share of the orders that have to end with a saved dialog
    """

    def __init__(
        self, case, openers, *, moves=None, skip=(), unsaved=(), fills=None, after_move=None, least_saved=0.3
    ):
        self.case = case
        self.openers = openers
        self.open_form = None
        self.moves = moves or {}
        self.skip = {"id", *skip}
        self.unsaved = set(unsaved)
        self.fills = fills or {}
        self.after_move = after_move
        self.least_saved = least_saved
        self.report = Report()

    #=== PLAY ===#

    def play(self, name, orders, seed=SEED):
        """Play ``orders`` orders, always the same ones, and check what they have shown together."""
        ways = list(self.openers)
        for number in range(ORDERS or orders):
            way, played = ways[number % len(ways)], []
            self.open_form = self.openers[way]
            try:
                self._play_order(Random(f"{seed}/{name}/{number}"), played)
            except Exception as error:
                shortest = self._shorten(played, error)
                steps = "\n".join(f"  {step}. {move}" for step, move in enumerate(shortest, 1))
                raise AssertionError(f"{name}, {way}, order {number}: {_describe(error)}\n{steps}") from error
            self.report.orders += 1
        _logger.info("%s: %s", name, self.report)
        for message, count in self.report.refusals.most_common():
            _logger.debug("%s × %s", count, message)
        self._check_effects(name)
        return self.report

    def _play_order(self, random, played):
        """Open the dialog, make a few moves, press a button; all is rolled back."""
        with self._rolled_back():
            form = self.open_form()
            for _number in range(random.randint(0, LONGEST)):
                if move := self._draw(form, random):
                    played.append(move)
                    self._make(form, move)
            played.append(Move("press", self._draw_button(form, random), random.getrandbits(32)))
            self._press(form, played[-1])

    def _replay(self, moves):
        with self._rolled_back():
            form = self.open_form()
            for move in moves:
                if move.action == "press":
                    self._press(form, move)
                else:
                    self._make(form, move)

    def _shorten(self, moves, error):
        """The moves without those that the error does not need."""
        report, self.report = self.report, Report()
        kept = list(moves)
        for move in moves:
            fewer = [other for other in kept if other is not move]
            try:
                self._replay(fewer)
            except Exception as other_error:
                if _describe(other_error) == _describe(error):
                    kept = fewer
        self.report = report
        return kept

    @contextmanager
    def _rolled_back(self):
        with closing(self.case.env.cr.savepoint()):
            yield
        self.case.env.invalidate_all(flush=False)

    #=== MOVES ===#

    def _draw(self, form, random):
        """A move that the dialog allows now, or None."""
        names = [name for name in form._view["fields"] if name not in self.skip and can_change(form, name)]
        names += list(self.moves)
        if not names:
            return None
        name = random.choice(names)
        if name in self.moves:
            values = self.moves[name](form, random)
            return values and Move(name, value=values)
        if form._view["fields"][name]["type"] == "one2many":
            return self._draw_row(form, name, random)
        return Move("set", name, self._draw_value(form, name, random))

    def _draw_row(self, form, rows, random):
        info = form._view["fields"][rows]
        arch = info["edition_view"]["tree"]
        count = len(form._values[rows])
        actions = ["set"] * 6 * bool(count)
        actions += ["add"] * (arch.get("create") not in ("0", "false"))
        actions += ["remove"] * bool(count and arch.get("delete") not in ("0", "false"))
        if not actions:
            return None
        action = random.choice(actions)
        if action == "add":
            return Move("add", rows)
        row = random.randrange(count)
        if action == "remove":
            return Move("remove", rows, row=row)
        line = form[rows].edit(row)
        names = [name for name in line._view["fields"] if name not in self.skip and can_change(line, name)]
        names = [name for name in names if line._view["fields"][name]["type"] not in ("one2many", "many2many")]
        if not names:
            return None
        name = random.choice(names)
        return Move("set", name, self._draw_value(line, name, random), rows, row)

    def _draw_value(self, form, name, random, filled=False):
        """A value that the field offers; never an empty one when it has to be ``filled``."""
        info = form._view["fields"][name]
        kind, is_odd = info["type"], not filled and random.random() < ODD_SHARE
        if kind in ("many2one", "many2many"):
            offered = self._get_offered(form, name)
            if kind == "many2many":
                return random.sample(offered, random.randint(0, min(2, len(offered))))
            return False if is_odd or not offered else random.choice(offered)
        if kind == "selection":
            return random.choice([value for value, _label in info["selection"]])
        if kind == "boolean":
            return not form._values[name]
        if kind in ("date", "datetime"):
            days = random.choice(ODD_DAYS if is_odd else DAYS)
            if days is None:
                return False
            day = str(date.today() + timedelta(days=days))
            return day if kind == "date" else f"{day} 09:30:00"
        return random.choice((ODD if is_odd else USUAL).get(kind, USUAL["char"]))

    def _get_offered(self, form, name):
        """Ids of the records that the field offers."""
        info = form._view["fields"][name]
        node = next(
            (node for node in form._view["tree"].iter("field") if node.get("name") == name and node.get("domain")), None
        )
        domain = info.get("domain") if node is None else node.get("domain")
        if isinstance(domain, str):
            companies = {"allowed_company_ids": form._env.companies.ids, "current_company_id": form._env.company.id}
            domain = safe_eval(domain, {"uid": form._env.uid, **companies, **form._get_eval_context()})
        # Fields of the form around a row come as sequences that no domain bears.
        domain = [
            (*leaf[:2], list(leaf[2])) if len(leaf) == 3 and hasattr(leaf[2], "to_list_of_vals") else leaf
            for leaf in domain or []
        ]
        comodel = form._env[info["relation"]]
        return [found for found, _label in comodel.name_search("", list(Domain(domain or [])), limit=8)]

    def _make(self, form, move):
        """Make a move, if the dialog still allows it, and note what it changes."""
        if move.action in self.moves:
            if all(can_change(form, name) or name not in form._view["fields"] for name in move.value):
                form.set_together(move.value)
        elif move.rows or move.action in ("add", "remove"):
            self._change_rows(form, move)
        elif can_change(form, move.field):
            before = form.shown()
            self._set(form, move)
            self._note_effect(form, move, before)
        else:
            return
        if self.after_move:
            self.after_move(form, move)

    def _set(self, form, move):
        info = form._view["fields"][move.field]
        value = move.value
        before = plain(form._values[move.field])
        if info["type"] in ("many2one", "many2many"):
            value = form._env[info["relation"]].browse(value or ())
        form[move.field] = value
        after = plain(form._values[move.field])
        if info["type"] != "many2many" and move.value and before != plain(move.value):
            self.case.assertNotEqual(after, before, f"{move.field} goes back to what it was")

    def _note_effect(self, form, move, before):
        after = form.shown()
        others = {name for name, value in after.items() if name != move.field and value != before.get(name)}
        changed = after[move.field] != before[move.field]
        self.report.moves[move.field] += changed
        if _is_kept(form._record._fields[move.field]) and move.field not in self.fills:
            self.report.unknown.add(move.field)
        filled = self.fills.get(move.field)
        if changed and (filled in others if filled else others):
            self.report.effective.add(move.field)

    def _change_rows(self, form, move):
        rows = move.rows or move.field
        if not can_change(form, rows) or (move.action != "add" and move.row >= len(form._values[rows])):
            return
        before = form.shown()
        proxy = form[rows]
        if move.action == "remove":
            proxy.remove(index=move.row)
        elif move.action == "add":
            with proxy.new() as line:
                self._fill_required(line, Random(str(move)))
        else:
            line = proxy.edit(move.row)
            if not can_change(line, move.field):
                return
            value = move.value
            if line._view["fields"][move.field]["type"] == "many2one":
                value = line._env[line._view["fields"][move.field]["relation"]].browse(value or ())
            line[move.field] = value
            if not self._get_missing(line):
                line.save()
        name = f"{rows}.{move.field}" if move.rows else rows
        self.report.moves[name] += 1
        if form.shown() != before:
            self.report.effective.add(name)

    #=== SAVE ===#

    def _draw_button(self, form, random):
        buttons = [
            button.get("name")
            for button in form._view["tree"].iter("button")
            if button.get("type") == "object"
            and button.get("name") not in self.skip
            and not _is_hidden(form, button)
            and not any(ancestor.tag == "field" for ancestor in button.iterancestors())
        ]
        return random.choice([*buttons, ""]) if buttons else ""

    def _press(self, form, move):
        """Save, fill what is missing, and press a button; a message for users ends it."""
        try:
            record = self._save(form, Random(str(move.value)))
            if move.field:
                self.report.pressed[move.field] += 1
                self._follow(form._env, getattr(record, move.field)())
                form._env.flush_all()
            self.report.saved += 1
        except RedirectWarning:
            self.report.refusals["(leads elsewhere)"] += 1
        except AccessError:
            raise
        except UserError as refusal:
            message = str(refusal)
            if not message.strip() or TECHNICAL.search(message):
                raise AssertionError(f"Not a message for users: {message!r}") from refusal
            self.report.refusals[message] += 1

    def _get_missing(self, form):
        """Required fields that are empty and that the web client asks for."""
        return [
            name
            for name, info in form._view["fields"].items()
            if name != "id"
            and info.get("type") not in ("boolean", "one2many", "many2many")
            and form._values.get(name) is False
            and form._get_modifier(name, "required")
            and not is_invisible(form, name)
        ]

    def _fill_required(self, form, random):
        for _round in range(3):
            missing = self._get_missing(form)
            for name in missing:
                self.case.assertTrue(
                    can_change(form, name), f"{name} is required, and nobody can fill it in"
                )
                value = self._draw_value(form, name, random, filled=True)
                self.case.assertTrue(value, f"{name} is required, and nothing is offered for it")
                self._set(form, Move("set", name, value))
        self.case.assertFalse(self._get_missing(form), "required, and emptied when others are filled in")

    def _save(self, form, random):
        self._fill_required(form, random)
        before, fields = form.shown(), form._record._fields
        changed = set(form._values._changed)
        record = form.save()
        after = form.shown()
        for name in changed - self.unsaved - self.skip:
            info = form._view["fields"].get(name, {})
            if not info.get("type") or info["type"] in ("one2many", "many2many") or not _is_kept(fields[name]):
                continue
            if name in self.report.moves:
                self.case.assertTrue(
                    _is_same(before[name], after[name]),
                    f"{name} was shown as {before[name]!r} and saved as {after[name]!r}",
                )
                if name not in self.fills:
                    self.report.effective.add(name)
        return record

    def _follow(self, env, action):
        """Open the dialog to which a button leads."""
        if not isinstance(action, dict) or action.get("type") != "ir.actions.act_window":
            return
        views = action.get("views") or []
        if action.get("target") == "new" and views and views[0][1] == "form":
            model = env[action["res_model"]].with_context(**action.get("context", {}))
            PlayedForm(model.browse(action.get("res_id") or ()), views[0][0] or None)

    def _check_effects(self, name):
        report = self.report
        idle = {played for played, count in report.moves.items() if count >= 3} - report.effective - report.unknown
        self.case.assertFalse(idle, f"{name}: these fields change nothing")
        self.case.assertGreaterEqual(
            report.saved, report.orders * self.least_saved, f"{name}: hardly ever saved. {report.refusals}"
        )


def _is_hidden(form, node):
    """Whether a button, or a part of the form around it, is invisible now."""
    context = form._get_eval_context()
    return any(
        safe_eval(to_python(part.get("invisible")), context)
        for part in (node, *node.iterancestors())
        if part.get("invisible")
    )


def _is_kept(field):
    """Whether saving keeps the value of the field."""
    return field.store or field.inverse


def _is_same(shown, saved):
    if isinstance(shown, float) and isinstance(saved, float):
        return abs(shown - saved) < 1e-6 * max(1, abs(shown))
    return shown == saved or (not shown and not saved)


def _describe(error):
    """First line of an error, to compare."""
    return f"{type(error).__name__}: {str(error).splitlines()[0] if str(error) else ''}"


class RandomDialogCase:
    """Mixin of test cases that play dialogs."""

    def open_as(self, user, model, view=None, res_id=None, **context):
        """Open a form as the user does, within a transaction of hers."""
        env = self.env(user=user, context={**self.env.context, **context})
        env.transaction.default_env = env
        return PlayedForm(env[model].browse(res_id or ()), view)

    def play_dialog(self, name, openers, orders, **options):
        """Play a dialog, each way to open it in turn, see :class:`Player`.

        :return: Report
        """
        default_env = self.env.transaction.default_env
        try:
            return Player(self, openers, **options).play(name, orders)
        finally:
            self.env.transaction.default_env = default_env
