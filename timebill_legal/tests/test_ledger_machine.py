import gc
import os
import sys
import time
from collections import Counter
from copy import deepcopy
from dataclasses import dataclass
from fractions import Fraction
from itertools import permutations
from random import Random
from unittest.mock import patch

from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.internal.constants_ast import Constants
from hypothesis.stateful import RuleBasedStateMachine, initialize, rule, run_state_machine_as_test
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.models import BaseModel
from odoo.tests import tagged

from .common import TimebillCommon
from .ledger_model import MILLIONTH, Activity, Choice, Document, Ledger, Line, Refused, exact, part

#: That many random examples instead of the usual ones, always the same (``make soak``).
SOAK_EXAMPLES = int(os.environ.get("TIMEBILL_SOAK_EXAMPLES", "0"))
EXAMPLES, LENGTH = 18, 20
#: Shrinking a failing example takes minutes, and it is told in plain words anyway.
PHASES = [Phase.generate, Phase.shrink] if os.environ.get("TIMEBILL_SOAK_SHRINK") else [Phase.generate]

#: In the usual run, every sort of step succeeds at least so many times: those that did not yet are tried first.
SELDOM = 4

#: Hypothesis draws a seed for each step, which can then be left out of a failing example: what it draws itself, it
#: draws far from evenly.
SEEDS = st.integers(0, 2**32 - 1)

#: What users do: names of the steps and how they are taken.
STEPS = {}


#: Steps for which much must come together, hence tried more often.
RARE = []


def step(*names, rare=False):
    """Declare a method of the machine as the steps ``names``; it takes the name, and need not find anything to do."""

    def declare(method):
        STEPS.update(dict.fromkeys(names, method))
        RARE.extend(names if rare else ())
        return method

    return declare


@dataclass
class StoredChoice:
    """What was drawn, its record, and the invoice that it was billed on, if there is one."""

    record: BaseModel
    drawn: Choice
    document: str | None = None


class LedgerMachine(RuleBasedStateMachine):
    """What users do to activities and invoices, in any order, against :class:`~.ledger_model.Ledger`.

    Every step is first done in the model, on a copy: it says whether the step must be refused. Then it is
    done in Odoo, and all that the ledger holds is compared with the model.
    """

    def __init__(self, firm):
        super().__init__()
        self.firm = firm
        self.env = firm.env
        self.savepoint = self.env.cr.savepoint()
        self.ledger = Ledger()
        self.records = {}  # activities and documents by name
        self.totals = {}  # of posted documents
        self.window = None
        self.stored = []  # choices that are kept, see StoredChoice
        self.counter = Counter()
        self.done = Counter()
        self.is_tried, self.count = False, 0
        self.told = []

    def teardown(self):
        self.savepoint.rollback()
        self.savepoint.close(rollback=True)

    # How steps are drawn, done and told.

    def tell(self, sentence):
        self.told.append(sentence)
        note(sentence)

    def pick(self, items):
        return self.random.choice(list(items))

    def pick_some(self, items, most=4):
        items = list(items)
        return self.random.sample(items, self.integer(1, min(most, len(items))))

    def flip(self):
        return self.pick((False, True))

    def one_in(self, number):
        return not self.integer(0, number - 1)

    def is_allowed(self, foresee):
        foreseen = deepcopy(self.ledger)
        try:
            foresee(foreseen)
        except Refused:
            return False
        return not foreseen.problems()

    def pick_target(self, candidates, foresee):
        """Candidate on which a step succeeds; now and then any one, as refusals must be tried too; or none."""
        candidates = list(candidates)
        for candidate in self.random.sample(candidates, len(candidates)):
            if self.is_allowed(lambda ledger, candidate=candidate: foresee(ledger, candidate)):
                return self.pick(candidates) if self.one_in(6) else candidate
        return self.pick(candidates) if candidates and self.one_in(20) else None

    @rule(seed=SEEDS)
    def take_a_step(self, seed):
        """Rather one that is missing; one that finds nothing to do leaves its turn to another."""
        self.count += 1
        self.random, self.is_tried = Random(f"{seed} {self.count}"), False
        names = list(STEPS)
        while names and not self.is_tried:
            missing = [name for name in names if self.is_missing(name)]
            missing += [name for name in RARE if name in missing] * 2
            name = self.pick(missing if missing and self.integer(0, 3) else names)
            names.remove(name)
            try:
                STEPS[name](self, name)
            except Exception as error:
                # Hypothesis plays a failing example again; in the usual run it then takes other steps.
                sys.stdout.write("\n".join(["", *self.told, f"{type(error).__name__}: {error}", ""]))
                raise

    def is_missing(self, name):
        """Whether a step was not yet done: in this example, or often enough in the examples of the usual run."""
        return not self.done[name] if SOAK_EXAMPLES else self.firm.done[name] < SELDOM + 1

    def integer(self, low, high):
        return self.random.randint(low, high)

    def name(self, letter):
        self.counter[letter] += 1
        return f"{letter}{self.counter[letter]}"

    def move(self, name):
        return self.records[name].with_user(self.firm.biller)

    def line(self, key):
        return self.env["account.move.line"].with_user(self.firm.biller).browse(key)

    def row(self, key):
        return self.env["timebill.allocation"].with_user(self.firm.biller).browse(key)

    def documents(self, *states, credit=None):
        return [
            name
            for name, document in self.ledger.documents.items()
            if document.state in states and credit in (None, document.is_credit)
        ]

    def attempt(self, what, sentence, foresee, do):
        """Take one step in the model and in Odoo.

        :param foresee: what the step does to a copy of the model
        :param do: what it does in Odoo; returns the new documents by name
        :return: whether it was done
        """
        self.is_tried = True
        foreseen = deepcopy(self.ledger)
        try:
            foresee(foreseen)
            problems = foreseen.problems()
        except Refused as refusal:
            problems = [refusal.problem]
        told = "; ".join(map(str, problems))
        self.tell(f"{sentence}{' – to be refused: ' * bool(told)}{told}")
        try:
            with self.env.cr.savepoint():
                documents = do()
                self.env.flush_all()
        except UserError as refusal:
            if not problems:
                raise AssertionError(f"{sentence}: refused, and it should not be: {refusal}") from refusal
            if not any(self.is_named(problem, str(refusal)) for problem in problems):
                raise AssertionError(f"{sentence}: refused without naming {told}: {refusal}") from refusal
            self.firm.refused[what] += 1
            self.check()
            return False
        if problems:
            raise AssertionError(f"{sentence}: done, and it must be refused: {told}")
        self.done[what] += 1
        self.firm.done[what] += 1
        self.ledger = foreseen
        if isinstance(documents, dict):
            self.records |= documents
        self.bind()
        self.check()
        return True

    def is_named(self, problem, text):
        """Whether a refusal names the activity and the document that it is about, or the client of this one."""
        activities = [self.firm.matters[self.ledger.activities[name].matter].reference for name in problem.activities]
        activities += [self.records[name].description for name in problem.activities]
        moves = [self.records[name] for name in problem.documents if name in self.records]
        documents = [label for move in moves for label in (move.display_name, move.partner_id.name, f"(* {move.id})")]
        return all(not labels or any(label in text for label in labels) for labels in (activities, documents))

    def bind(self):
        """Give what the model foresaw the keys of the records that came of it."""
        ledger, names = self.ledger, {record.id: name for name, record in self.records.items() if name[0] == "D"}
        # Posting a credit note may write the rows anew of which it settles something.
        present = {values["id"] for values in self.read_rows()}
        foreseen = [key for key in ledger.rows if key not in present]
        key_of, line_of, amounts = {}, {}, {}
        for values in self.read_rows():
            if values["id"] in ledger.rows:
                continue
            document = names.get(values["move_id"])
            keys = [
                key
                for key in foreseen
                if self.records[ledger.rows[key].activity].id == values["activity_id"]
                and ledger.rows[key].reverses == values["reversed_id"]
                and (not ledger.rows[key].line or ledger.lines[ledger.rows[key].line].document == document)
            ]
            # Several choices may bill parts of one activity on one invoice.
            alike = [key for key in keys if ledger.rows[key].coverage == exact(values["coverage"])]
            key = next(iter(alike or keys), None)
            if key is None:
                raise AssertionError(f"a row of the ledger that should not be: {values}")
            foreseen.remove(key)
            key_of[key] = values["id"]
            line = ledger.rows[key].line
            if line and line < 0:
                if line not in line_of:
                    amounts[values["move_line_id"]] = amounts.get(values["move_line_id"], 0) + ledger.lines[line].amount
                line_of[line] = values["move_line_id"]
        if foreseen:
            raise AssertionError(f"rows that are not in the ledger: {[ledger.rows[key] for key in foreseen]}")
        rows = {key_of.get(key, key): row for key, row in ledger.rows.items()}
        for row in rows.values():
            row.line = line_of.get(row.line, row.line)
        for line, key in line_of.items():
            has_reason = ledger.lines[line].has_reason or (key in ledger.lines and ledger.lines[key].has_reason)
            ledger.lines[key] = ledger.lines[line]
            ledger.lines[key].amount, ledger.lines[key].has_reason = amounts[key], has_reason
        ledger.rows = dict(sorted(rows.items()))
        ledger.lines = {key: line for key, line in ledger.lines.items() if key > 0}
        # Lines without work count for nothing, but their documents can be posted.
        for values in self.read_lines():
            if values["id"] not in ledger.lines:
                ledger.lines[values["id"]] = Line(
                    names[values["move_id"]], exact(values["price_subtotal"]), values["timebill_origin_line_id"]
                )

    # What Odoo holds.

    def query(self, query, names):
        ids = [self.records[name].id for name in names]
        self.env.cr.execute(query, [tuple(ids) or (0,)])
        return self.env.cr.dictfetchall()

    def read_rows(self):
        return self.query(
            "SELECT * FROM timebill_allocation WHERE activity_id IN %s ORDER BY id", self.ledger.activities
        )

    def read_lines(self):
        return self.query(
            "SELECT * FROM account_move_line WHERE display_type = 'product' AND move_id IN %s ORDER BY id",
            self.ledger.documents,
        )

    def check(self):
        """All that the ledger holds is what the model says, and the model holds what must always be."""
        ledger = self.ledger
        assert not ledger.problems(), ledger.problems()
        activities = {values["id"]: values for values in self.query(
            "SELECT * FROM timebill_activity WHERE id IN %s", ledger.activities
        )}
        for name, activity in ledger.activities.items():
            values = activities[self.records[name].id]
            self.compare(
                name,
                values,
                price_unit=activity.price or Fraction(0),
                has_price=activity.price is not None,
                amount=activity.amount,
                billable_quantity=activity.quantity,
                covered=ledger.covered(name),
                billing_state=ledger.state(name),
                standard_to_bill=ledger.standard_to_bill(name),
                amount_to_bill=ledger.amount_to_bill(name),
                amount_billed=ledger.amount_billed(name),
                amount_revised=ledger.amount_billed(name) + ledger.amount_to_bill(name),
                matter_id=self.firm.matters[activity.matter].id,
                partner_id=self.firm.clients[activity.payer].id if activity.payer else None,
            )
        rows = {values["id"]: values for values in self.read_rows()}
        assert list(rows) == list(ledger.rows), f"rows {list(rows)}, and not {list(ledger.rows)}"
        for key, row in ledger.rows.items():
            self.compare(
                f"row of {row.activity} on {ledger.lines[row.line].document if row.line else 'nothing'}",
                rows[key],
                activity_id=self.records[row.activity].id,
                move_line_id=row.line,
                reversed_id=row.reverses,
                release=row.release,
                coverage=row.coverage,
                standard_amount=row.standard,
                adjustment=row.adjustment,
                live=ledger.is_live(key),
                billed=ledger.billed(key),
                **{
                    "net": ledger.net(key),
                    "net_billed": ledger.net_billed(key),
                    "price_unit": row.price or Fraction(0),
                }
                if not row.reverses and row.line
                else {},
            )
        lines = {values["id"]: values for values in self.read_lines()}
        assert set(lines) == set(ledger.lines), f"lines {list(lines)}, and not {list(ledger.lines)}"
        for key, line in ledger.lines.items():
            self.compare(
                f"line of {line.document}",
                lines[key],
                price_subtotal=line.amount,
                parent_state=ledger.documents[line.document].state,
            )
        moves = {
            values["id"]: tuple(
                values[name] for name in ("amount_untaxed", "amount_tax", "amount_total", "amount_total_signed")
            )
            for values in self.query("SELECT * FROM account_move WHERE id IN %s", ledger.documents)
        }
        assert len(moves) == len(ledger.documents)
        self.check_sending()
        for name in self.documents("posted"):
            totals = moves[self.records[name].id]
            assert totals == self.totals.setdefault(name, totals), f"{name}: {totals}, and not {self.totals[name]}"

    def check_sending(self):
        """What was sent is so until it is reset to draft; see :meth:`send`."""
        if not self.firm.has_sending_state:
            return
        for values in self.query(
            "SELECT id, timebill_sending_state FROM account_move WHERE id IN %s", self.ledger.documents
        ):
            (name,) = [name for name in self.ledger.documents if self.records[name].id == values["id"]]
            was_sent = values["timebill_sending_state"] != "to_send"
            assert was_sent == self.ledger.documents[name].was_sent, f"{name}: {values['timebill_sending_state']}"

    def compare(self, what, values, **expected):
        for name, value in expected.items():
            found = exact(values[name]) if isinstance(value, Fraction) else values[name]
            if found != value:
                shown = [float(v) if isinstance(v, Fraction) else v for v in (found, value)]
                raise AssertionError(f"{what}: {name} is {shown[0]}, and not {shown[1]}")

    # Activities.

    @initialize(seed=SEEDS)
    def start(self, seed):
        self.random = Random(f"{seed} of the start")
        per_line = self.flip()
        self.tell(f"taxes are rounded {'line by line' if per_line else 'on the whole'}")
        method = "round_per_line" if per_line else "round_globally"
        if self.firm.company.tax_calculation_rounding_method != method:
            self.firm.company.tax_calculation_rounding_method = method
        matter = self.pick((*self.firm.matters, "euro"))
        kinds = self.random.sample(("time", "time", "service", "expense", "disbursement"), self.integer(2, 3))
        self.new_activities([(kind, matter) for kind in kinds])
        if self.integer(0, 4):
            self.bill_some(list(self.ledger.activities), ("all", "all", "part"))
            self.post_together("post", self.documents("draft"))
        self.done.clear()

    def draw_price(self, kind, matter):
        """Price that is typed, and the one that follows from it.

        0 is a price, and prices have decimals below the smallest unit of the currency; time may be left without a
        typed price (None), then a rate list gives one, if there is one in its currency.
        """
        unit = self.firm.units[matter]
        what = self.pick(("whole", "whole", "whole", "decimals", "decimals", "small", "zero", "none"))
        if what == "none" and kind == "time":
            return None, self.firm.rates.get(matter)
        highest = min(60_000, int((9_999 if kind == "time" else 500_000) / unit))
        price = self.integer(0, 3 if what == "small" else highest) * unit
        if what in ("decimals", "small"):
            price += self.draw_decimals(unit)
        price = Fraction(0) if what == "zero" else price
        return price, price

    def draw_decimals(self, unit):
        """Less than ``unit``, with as many decimals as a price may have."""
        step = self.pick([step for step in (unit / 10, unit / 100, unit / 1000) if step >= MILLIONTH])
        return self.integer(1, int(unit / step) - 1) * step

    def draw_quantity(self, kind):
        if kind == "time":
            return Fraction(self.integer(1, 600))
        return self.pick((Fraction(1), Fraction(3), Fraction("0.333333"), Fraction("2.75"), Fraction("7.123457")))

    def quantity_values(self, kind, quantity):
        return {"duration": int(quantity)} if kind == "time" else {"quantity": float(quantity)}

    def new_activities(self, kinds):
        activities, values_list, told = {}, [], []
        for kind, matter in kinds:
            clients, unit = self.firm.clients_of[matter], self.firm.units[matter]
            payer = clients[0] if len(clients) == 1 else self.pick((None, *clients))
            name, tax = self.name("A"), self.pick(self.firm.taxes)
            typed, price = self.draw_price(kind, matter)
            activity = Activity(kind, self.draw_quantity(kind), price, unit, matter, payer)
            activities[name] = activity
            told.append(
                f"{name} = {kind}, {float(activity.quantity)} at {self.tell_price(price)} = {float(activity.amount)}"
                f" on {matter} for {payer}, tax {tax}"
            )
            values_list.append(
                {
                    "matter_id": self.firm.matters[matter].id,
                    "partner_id": self.firm.clients[payer].id if payer else False,
                    "kind": kind,
                    "type_id": self.firm.types[kind, tax].id,
                    "user_id": self.firm.lawyer.id,
                    "date": "2026-10-12",
                    "description": f"Work {name}.",
                    "price_unit": self.price_value(typed),
                    **self.quantity_values(kind, activity.quantity),
                }
            )
        self.attempt(
            "activity",
            "; ".join(told),
            lambda ledger: ledger.activities.update(activities),
            lambda: dict(zip(activities, self.env["timebill.activity"].create(values_list), strict=True)),
        )

    def tell_price(self, price):
        return "no price" if price is None else float(price)

    def price_value(self, typed):
        return False if typed is None else float(typed)

    @step("activity")
    def record_work(self, what):
        if len(self.ledger.activities) < 5:
            matter = self.pick([*(activity.matter for activity in self.ledger.activities.values()), "euro", "joint"])
            self.new_activities([(self.pick(("time", "service", "expense", "disbursement")), matter)])

    def pick_activity(self, foresee):
        return self.pick_target(self.ledger.activities, foresee)

    @step("edit activity")
    def edit_activity(self, what):
        name = self.pick_activity(lambda ledger, name: ledger.edit(name))
        if not name:
            return
        activity = self.ledger.activities[name]
        if self.flip():
            quantity = self.draw_quantity(activity.kind)
            if quantity == activity.quantity:
                return
            # The time that was worked can always be corrected; this is what the client is charged for.
            values = (
                {"billable_duration": int(quantity)} if activity.kind == "time" else {"quantity": float(quantity)}
            )
            changes = {"quantity": quantity}
        else:
            typed, price = self.draw_price(activity.kind, activity.matter)
            if price == activity.price:
                return
            changes, values = {"price": price}, {"price_unit": self.price_value(typed)}
        self.attempt(
            what,
            f"write {values} on {name}",
            lambda ledger: ledger.edit(name, **changes),
            lambda: self.records[name].write(values),
        )

    def other_matters(self, name):
        activity = self.ledger.activities[name]
        return [
            matter
            for matter in self.firm.matters
            if self.firm.units[matter] == activity.unit and matter != activity.matter
        ]

    @step("transfer")
    def transfer(self, what):
        def foresee(ledger, target):
            name, matter = target
            ledger.transfer(name, matter, self.firm.clients_of[matter])

        target = self.pick_target(
            [(name, matter) for name in self.ledger.activities for matter in self.other_matters(name)], foresee
        )
        if target:
            name, matter = target
            self.attempt(
                what,
                f"move {name} to {matter}",
                lambda ledger: foresee(ledger, target),
                lambda: self.records[name].write({"matter_id": self.firm.matters[matter].id}),
            )

    @step("hold")
    def hold(self, what):
        name = self.pick_target(
            [name for name, activity in self.ledger.activities.items() if not activity.held and self.ledger.left(name)],
            lambda ledger, name: None,
        )
        if name:
            self.attempt(
                what,
                f"hold {name}",
                lambda ledger: setattr(ledger.activities[name], "held", True),
                lambda: self.records[name].with_user(self.firm.biller)._hold(False, "Later"),
            )

    @step("release", rare=True)
    def release(self, what):
        def foresee(ledger, name):
            if ledger.state(name) != "on_hold":
                raise Refused("does not wait")
            ledger.activities[name].held = False

        if not any(activity.held for activity in self.ledger.activities.values()):
            self.hold("hold")
        name = self.pick_activity(foresee)
        if name:
            self.attempt(
                what,
                f"release {name}",
                lambda ledger: foresee(ledger, name),
                lambda: self.records[name].with_user(self.firm.biller).action_release(),
            )

    @step("discount", "surcharge")
    def adjust(self, what):
        def draw(name):
            activity = self.ledger.activities[name]
            units = int(max(self.ledger.amount_to_bill(name), activity.amount) / activity.unit)
            if what == "surcharge":
                return self.integer(1, units // 2 + 1) * activity.unit
            return -self.integer(1, units + 1 if self.one_in(5) else units // 3 + 1) * activity.unit

        differences = {name: draw(name) for name in self.ledger.activities}
        name = self.pick_activity(lambda ledger, name: ledger.adjust(name, differences[name]))
        if name:
            self.attempt(
                what,
                f"grant {float(differences[name])} on {name}",
                lambda ledger: ledger.adjust(name, differences[name]),
                lambda: self.ledger_of_biller()._adjust(
                    {self.records[name].with_user(self.firm.biller): float(differences[name])}, self.firm.reason
                ),
            )

    def ledger_of_biller(self):
        return self.env["timebill.allocation"].with_user(self.firm.biller)

    @step("write off")
    def write_off(self, what):
        name = self.pick_activity(lambda ledger, name: ledger.write_off(name))
        if name:
            self.attempt(
                what,
                f"write {name} off",
                lambda ledger: ledger.write_off(name),
                lambda: self.ledger_of_biller()._write_off(
                    self.records[name].with_user(self.firm.biller), self.firm.reason
                ),
            )

    @step("undo", rare=True)
    def undo(self, what):
        if not any(not row.line and not row.reverses for row in self.ledger.rows.values()):
            self.adjust(self.pick(("discount", "surcharge")))
        decisions = [key for key, row in self.ledger.rows.items() if not row.line and not row.reverses]
        key = self.pick_target(decisions, lambda ledger, key: ledger.undo(key))
        if key:
            row = self.ledger.rows[key]
            self.attempt(
                what,
                f"undo the {'write-off' if row.coverage else f'{float(row.adjustment)}'} of {row.activity}",
                lambda ledger: ledger.undo(key),
                lambda: self.row(key).action_undo(),
            )

    # Billing.

    def draw_choice(
        self, name, ways=("all", "all", "part", "instalment", "revised", "part revised"), timed_instalments=False
    ):
        """What is typed in the window for one activity, or stored."""
        activity, ledger = self.ledger.activities[name], self.ledger
        payer = activity.payer or self.pick(self.firm.clients_of[activity.matter])
        choice = Choice(name, payer, "")
        left = ledger.left(name)
        what = self.pick(ways)
        standard = ledger.standard_to_bill(name)
        if "part" in what and left > activity.step:
            choice.quantity = self.integer(1, int(left / activity.step) - 1) * activity.step
            standard = part(standard, choice.quantity, left, activity.unit)
        elif what == "instalment" and (activity.kind != "time" or timed_instalments) and standard > activity.unit:
            instalment = self.integer(1, int(standard / activity.unit) - 1) * activity.unit
            quantity = part(left, instalment, standard, activity.step)
            if 0 < quantity < left:
                choice.quantity, choice.instalment, standard = quantity, instalment, instalment
        if "revised" in what and standard >= 0 and (activity.kind != "disbursement" or self.one_in(4)):
            choice.revised = self.pick((1, 2, Fraction(1, 2), 0)) * self.integer(
                0, int(standard / activity.unit)
            ) * activity.unit
            choice.revised = int(choice.revised / activity.unit) * activity.unit
            if not standard:
                choice.revised = self.integer(0, 500) * activity.unit
            choice.has_reason = True
        return choice

    def open_window(self, choices):
        """The window as the choices fill it in."""
        activities = self.env["timebill.activity"].union(*(self.records[choice.activity] for choice in choices))
        bill = self.firm._open_bill(activities)
        for choice in choices:
            record = self.records[choice.activity]
            line = bill.line_ids.filtered(lambda line, record=record: line.activity_id == record)
            if not line:
                continue
            line.payer_id = self.firm.clients[choice.payer]
            values = {}
            if choice.quantity is not None:
                values["minutes" if line.kind == "time" else "quantity"] = float(choice.quantity)
            if choice.instalment is not None:
                values["amount"] = float(choice.instalment)
            if values:
                line.write(values)
            if choice.revised is not None:
                line.revised_amount = float(choice.revised)
        if any(choice.has_reason for choice in choices):
            bill.reason_id = self.firm.reason
        return bill

    def name_documents(self, choices):
        """One invoice for each payer and currency."""
        names = {}
        for choice in choices:
            key = (choice.payer, self.firm.matters[self.ledger.activities[choice.activity].matter].currency_id)
            if key not in names:
                names[key] = self.name("D")
            choice.document = names[key]
        return names

    def create_invoices(self, bill, names):
        return self.name_moves(bill._create_invoices(), names)

    def name_moves(self, moves, names):
        by_key = {(move.partner_id, move.currency_id): move.sudo() for move in moves}
        keys = {name: (self.firm.clients[payer], currency) for (payer, currency), name in names.items()}
        return {name: by_key[key] for name, key in keys.items() if key in by_key}

    def tell_choices(self, choices):
        return "; ".join(
            " ".join(
                [choice.activity, "for", choice.payer]
                + [
                    f"{label} {float(value)}"
                    for label, value in (
                        ("part", choice.quantity),
                        ("instalment", choice.instalment),
                        ("revised", choice.revised),
                    )
                    if value is not None
                ]
            )
            for choice in choices
        )

    def bill_some(self, names, *ways):
        offered = [self.draw_choice(name, *ways) for name in names]
        # The window leaves out, with the reason, what is not to bill.
        choices = [choice for choice in offered if self.ledger.can_be_billed(choice.activity)]
        named = self.name_documents(choices)
        self.attempt(
            "bill",
            f"{', '.join(named.values())} = bill {self.tell_choices(offered)}",
            lambda ledger: ledger.bill(choices, self.firm.clients_of),
            lambda: self.create_invoices(self.open_window(offered), named),
        )

    def billable(self):
        return [name for name in self.ledger.activities if self.ledger.can_be_billed(name)]

    @step("bill")
    def bill(self, what):
        names = self.ledger.activities if self.one_in(12) else self.billable()
        if names:
            self.bill_some(self.pick_some(names))

    def facts(self, name):
        ledger = self.ledger
        return (ledger.left(name), ledger.standard_to_bill(name), ledger.adjustment_to_bill(name))

    @step("bill stored choices")
    def bill_stored_choices(self, what):
        """What is to bill is decided, kept, and billed now or later, by whatever it is worth then."""
        if self.billable() and (not self.stored or self.flip()):
            self.store_choices()
        if self.stored and self.flip():
            self.bill_stored(what, self.pick_some(self.stored, 3))

    def bill_stored(self, what, stored):
        choices = [choice.drawn for choice in stored]
        named = self.name_documents(choices)
        places = {}  # documents of each activity
        for choice in choices:
            places.setdefault(choice.activity, set()).add(choice.document)
        # Choices of one activity share what is left of it, also with an invoice that is not made.
        apart = self.flip() and all(len(documents) == 1 for documents in places.values())
        refused = {}

        def foresee(ledger):
            refused.clear()
            refused.update(self.bill_groups(ledger, stored, list(named.values()) if apart else [None]))

        def do():
            billing = self.env["timebill.billing"].with_user(self.firm.biller)
            records = self.env["timebill.billing.choice"].union(*(choice.record for choice in stored))
            if not apart:
                return self.name_moves(billing._create_all_invoices(records), named)
            results = billing._create_invoices(records)
            if not any(result.move for result in results):
                raise UserError("\n".join(problem for result in results for problem in result.problems))
            for result in results:
                self.check_result(result, stored, refused)
            return self.name_moves(self.env["account.move"].union(*(result.move for result in results)), named)

        if self.attempt(
            what,
            f"{', '.join(named.values())} = bill {'apart' if apart else 'together'} what was stored:"
            f" {self.tell_choices(choices)}",
            foresee,
            do,
        ):
            for choice in stored:
                choice.document = choice.document if choice.drawn.document in refused else choice.drawn.document

    def bill_groups(self, ledger, stored, names):
        """Bill what is stored for each of these documents, or for all at once (None).

        :return: {document that is refused: why}, some and not all
        """
        refused = {}
        for name in names:
            group, foreseen = [choice for choice in stored if name in (None, choice.drawn.document)], deepcopy(ledger)
            try:
                for choice in group:
                    if choice.document in ledger.documents:
                        raise Refused("was billed by this choice", (choice.drawn.activity,), (choice.document,))
                foreseen.bill([choice.drawn for choice in group], self.firm.clients_of)
            except Refused as refusal:
                if len(refused) == len(names) - 1:
                    raise
                refused[name] = refusal.problem
            else:
                ledger.__dict__.update(foreseen.__dict__)
        return refused

    def check_result(self, result, stored, refused):
        (name,) = {choice.drawn.document for choice in stored if choice.record in result.choices}
        problem, text = refused.get(name), "\n".join(result.problems)
        if bool(problem) != bool(text) or bool(problem) == bool(result.move):
            raise AssertionError(f"{name}: should be “{problem or 'made'}”, and is “{text or 'made'}”")
        assert not problem or self.is_named(problem, text), f"{name}: {text} does not name {problem}"

    def store_choices(self):
        drawn = [self.draw_choice(name, timed_instalments=True) for name in self.pick_some(self.billable(), 2)]
        for choice in list(drawn):
            others = [name for name in self.firm.clients_of[self.ledger.activities[choice.activity].matter]
                      if name != choice.payer]
            if self.ledger.activities[choice.activity].payer is None and others and self.flip():
                # Somebody else pays the rest.
                drawn.append(Choice(choice.activity, others[0], ""))
        self.tell(f"store {self.tell_choices(drawn)}")
        records = self.env["timebill.billing.choice"].with_user(self.firm.biller).create(
            [
                {
                    "activity_id": self.records[choice.activity].id,
                    "payer_id": self.firm.clients[choice.payer].id,
                    "quantity": float(choice.quantity or 0),
                    "amount": float(choice.instalment or 0),
                    "is_revised": choice.revised is not None,
                    "revised_amount": float(choice.revised or 0),
                    "reason_id": self.firm.reason.id if choice.has_reason else False,
                }
                for choice in drawn
            ]
        )
        new = [StoredChoice(record, choice) for record, choice in zip(records, drawn, strict=True)]
        self.stored = (self.stored + new)[-5:]

    @step("bill in an old window", rare=True)
    def bill_later(self, what):
        """Somebody opens the billing window and is called away; it bills what it shows, or nothing."""
        if not self.window:
            if not self.billable():
                return
            choices = [self.draw_choice(name) for name in self.pick_some(self.billable(), 2)]
            self.tell(f"open a window on {self.tell_choices(choices)}")
            self.window = (self.open_window(choices), choices, {c.activity: self.facts(c.activity) for c in choices})
            if self.flip():
                return
        (bill, choices, facts), self.window = self.window, None
        choices = [deepcopy(choice) for choice in choices]
        named = self.name_documents(choices)

        def foresee(ledger):
            changed = [name for name, seen in facts.items() if self.facts(name) != seen]
            if changed:
                raise Refused("was changed meanwhile", changed)
            ledger.bill(choices, self.firm.clients_of)

        self.attempt(
            what,
            f"{', '.join(named.values())} = bill in that window",
            foresee,
            lambda: self.create_invoices(bill, named),
        )

    # Drafts.

    def lines(self, *states, credit=None, worked=True):
        return [
            key
            for name in self.documents(*states, credit=credit)
            for key in self.ledger.lines_of(name)
            if not worked or self.ledger.rows_on(key)
        ]

    def edit_draft_line(self, key, values, what="edit line"):
        """The user says what the line bills; Odoo says how much that is."""
        name = self.ledger.lines[key].document

        def do():
            self.move(name).write({"invoice_line_ids": [Command.update(key, values)]})

        def foresee(ledger):
            ledger.lines[key].has_reason |= "timebill_reason_id" in values
            if "discount" in values:
                ledger.lines[key].has_discount = bool(values["discount"])

        before = {k: line.amount for k, line in self.ledger.lines.items()}
        foreseen_check, self.check = self.check, lambda: None
        try:
            done = self.attempt(what, f"write {values} on the line of {name} about {self.about(key)}",
                                foresee, do)
        finally:
            self.check = foreseen_check
        assert done
        self.ledger.lines[key].amount = exact(self.line(key).sudo().price_subtotal)
        assert before.keys() == self.ledger.lines.keys()
        self.check()

    def about(self, key):
        return "+".join(self.ledger.rows[row].activity for row in self.ledger.rows_on(key)) or "nothing"

    def draw_line_values(self, key):
        unit = self.ledger.documents[self.ledger.lines[key].document].unit
        record = self.line(key)
        what = self.pick(("price", "price", "quantity", "discount"))
        if what == "price":
            units = int(exact(record.price_unit) / unit)
            price = self.integer(0, units + 2) * unit + (self.draw_decimals(unit) if self.one_in(3) else 0)
            return {"price_unit": float(price)}
        if what == "quantity":
            return {"quantity": self.integer(0, int(record.quantity * 100) + 10) / 100}
        return {"discount": self.pick((10.0, 33.33, 50.0, 100.0))}

    @step("edit line")
    def edit_line(self, what):
        if not self.lines("draft"):
            return
        key = self.pick(self.lines("draft"))
        values = self.draw_line_values(key)
        if self.flip():
            values["timebill_reason_id"] = self.firm.reason.id
        self.edit_draft_line(key, values)

    @step("edit a disbursement", rare=True)
    def edit_a_disbursement(self, what):
        """Posted like this, its line bills the cost of the disbursements, or is refused."""
        keys = [key for key in self.lines("draft", credit=False) if self.ledger.kinds_on(key) == {"disbursement"}]
        if not keys:
            return
        key = self.pick(keys)
        cost, line = self.ledger.cost(key), self.line(key)
        right = {"price_unit": float(cost), "quantity": 1.0, "discount": 0.0}
        wrong = self.pick(({"tax_ids": [Command.clear()]}, {"account_id": self.firm.income.id}, None))
        if wrong and self.ledger.lines[key].is_exact:
            values, is_exact = wrong, False
        elif self.flip():
            taxes = [Command.set(self.firm.exempt.ids)]
            values, is_exact = {**right, "tax_ids": taxes, "account_id": self.firm.pass_through.id}, True
        else:
            values, is_exact = self.draw_line_values(key), self.ledger.lines[key].is_exact
        self.edit_draft_line(key, values, what)
        self.ledger.lines[key].is_exact = is_exact
        if self.flip():
            self.post_together("post", [self.ledger.lines[key].document])
        assert line.exists()

    @step("delete lines")
    def delete_lines(self, what):
        key = self.pick_target(
            self.lines("draft") or self.lines("draft", worked=False), lambda ledger, key: ledger.delete_lines([key])
        )
        if not key:
            return
        name = self.ledger.lines[key].document
        keys = [key, *self.pick_some(self.ledger.lines_of(name), 2)] if self.one_in(3) else [key]
        keys = list(dict.fromkeys(keys))
        self.attempt(
            what,
            f"delete the lines of {name} about {', '.join(map(self.about, keys))}",
            lambda ledger: ledger.delete_lines(keys),
            lambda: self.move(name).write({"invoice_line_ids": [Command.delete(key) for key in keys]}),
        )

    @step("take off", rare=True)
    def take_off(self, what):
        lines = self.lines("posted") if self.one_in(8) else self.lines("draft")
        shared = [key for key in lines if len(self.ledger.rows_on(key)) > 1]
        chosen = {key: self.pick_some(self.ledger.rows_on(key), 2) for key in shared or lines}
        key = self.pick_target(chosen, lambda ledger, key: ledger.take_off(chosen[key]))
        if key:
            self.attempt(
                what,
                f"take {', '.join(self.ledger.rows[k].activity for k in chosen[key])} off"
                f" {self.ledger.lines[key].document}",
                lambda ledger: ledger.take_off(chosen[key]),
                lambda: self.row(chosen[key]).action_take_off(),
            )

    @step("delete", rare=True)
    @step("delete a credit note", rare=True)
    def delete_drafts(self, what):
        credit = what != "delete"
        name = self.pick_target(self.documents("draft", credit=credit), lambda ledger, name: ledger.delete(name))
        if not name:
            return
        names = [name]
        if self.one_in(4):
            names = list(dict.fromkeys([name, *self.pick_some(self.documents("draft"), 2)]))
        moves = self.env["account.move"].union(*map(self.move, names))
        if not moves.sudo().check_move_sequence_chain():  # gaps in the numbers are Odoo's own affair
            return

        def foresee(ledger):
            ledger.delete_lines([line for name in names for line in ledger.lines_of(name)])
            for name in names:
                del ledger.documents[name]

        if self.attempt(what, f"delete {', '.join(names)}", foresee, lambda: moves.unlink() and None):
            for name in names:
                del self.records[name]

    # Life of a document.

    def post_together(self, what, names):
        names = [name for name in names if self.ledger.lines_of(name)]  # without lines, it is Odoo's own affair
        if not names:
            return False
        for name in names:
            self.totals.pop(name, None)

        def foresee(ledger):
            for name in names:
                ledger.post(name)

        moves = self.env["account.move"].union(*map(self.move, names))
        done = self.attempt(what, f"post {', '.join(names)}", foresee, lambda: moves.action_post())
        if done:
            self.check_posted([name for name in names if self.ledger.has_work(name)])
        return done

    @step("post", "post a credit note")
    def post(self, what):
        drafts = self.documents("draft", credit=what != "post")
        name = self.pick_target(drafts, lambda ledger, name: ledger.post(name))
        if name:
            self.post_together(what, [name])

    @step("post credit notes together", rare=True)
    def post_credit_notes_together(self, what):
        """What one of them gives back may depend on what the other one does."""
        for _number in range(3):
            drafts = [name for name in self.documents("draft", credit=True) if self.ledger.has_work(name)]
            pair = self.pick_target(permutations(drafts, 2), lambda ledger, pair: [ledger.post(name) for name in pair])
            if pair:
                self.post_together(what, pair)
                return
            self.credit_in_part("credit in part", post=False)

    def set_state(self, what, states, state, method):
        def foresee(ledger, name):
            ledger.change_state(name, state)

        name = self.pick_target(self.documents(*states, credit="credit note" in what), foresee)
        if name:
            self.attempt(
                what,
                f"{what}: {name}",
                lambda ledger: foresee(ledger, name),
                lambda: getattr(self.move(name), method)(),
            )

    @step("reset")
    @step("reset a credit note", rare=True)
    def reset(self, what):
        self.set_state(what, ["posted"], "draft", "button_draft")

    @step("cancel")
    @step("cancel a credit note", rare=True)
    def cancel(self, what):
        self.set_state(what, ["posted"] if self.flip() else ["draft", "posted"], "cancel", "button_cancel")

    @step("reopen")
    @step("reopen a credit note", rare=True)
    def reopen(self, what):
        if not self.documents("cancel", credit="credit note" in what):
            self.cancel(what.replace("reopen", "cancel"))
        self.set_state(what, ["cancel"], "draft", "button_draft")

    @step("send", rare=True)
    def send(self, what):
        """As far as the state of the sending is concerned: an e-mail carried it."""
        names = [name for name in self.documents("posted") if not self.ledger.documents[name].was_sent]
        if not names or not self.firm.has_sending_state:
            return
        name = self.pick(names)

        def do():
            move = self.move(name)
            message = move.message_post(body="Invoice", partner_ids=move.partner_id.ids)
            move.sudo().timebill_sending_message_id = message

        def foresee(ledger):
            ledger.documents[name].was_sent = True

        self.attempt(what, f"send {name}", foresee, do)
        if self.flip():  # and again, changed
            self.set_state_of(name, "reset a credit note" if self.ledger.documents[name].is_credit else "reset")

    @step("change cancelled work", rare=True)
    def change_cancelled_work(self, what):
        """An invoice is cancelled, its work costs something else, and it is reopened."""
        names = [name for name in self.documents("draft", "posted", credit=False) if self.ledger.has_work(name)]
        name = self.pick_target(names, lambda ledger, name: ledger.change_state(name, "cancel"))
        if not name or not self.set_state_of(name, "cancel"):
            return
        rows = [row for line in self.ledger.lines_of(name) for row in self.ledger.rows_on(line)]
        for activity in dict.fromkeys(self.ledger.rows[row].activity for row in rows):
            self.change_cost(activity)
        self.set_state_of(name, "reopen", what)
        if self.flip() and name in self.documents("draft"):
            self.post_together("post", [name])

    @step("change credited work", rare=True)
    def change_credited_work(self, what):
        """Work is credited, costs something else since, and the credit note is taken back."""
        name = self.pick_credited()
        new = name and self.credit("credit", name)
        if not new or not self.post_together("post a credit note", [new]):
            return
        rows = [row for line in self.ledger.lines_of(name) for row in self.ledger.rows_on(line)]
        activity = self.ledger.rows[self.pick(rows)].activity if rows else None
        if activity and self.change_cost(activity, what):
            self.set_state_of(new, self.pick(("reset a credit note", "cancel a credit note")))

    def change_cost(self, name, what=None):
        """Another price or a discount."""
        activity = self.ledger.activities[name]
        if self.flip():
            typed, price = self.draw_price(activity.kind, activity.matter)
            if price == activity.price:
                return False
            return self.attempt(
                what or "edit activity",
                f"write {self.tell_price(price)} on {name}",
                lambda ledger: ledger.edit(name, price=price),
                lambda: self.records[name].write({"price_unit": self.price_value(typed)}),
            )
        difference = -activity.unit * self.integer(1, int(activity.amount / activity.unit / 2) + 1)
        return self.attempt(
            what or "discount",
            f"grant {float(difference)} on {name}",
            lambda ledger: ledger.adjust(name, difference),
            lambda: self.ledger_of_biller()._adjust(
                {self.records[name].with_user(self.firm.biller): float(difference)}, self.firm.reason
            ),
        )

    def set_state_of(self, name, how, what=None):
        state, method = ("cancel", "button_cancel") if how.startswith("cancel") else ("draft", "button_draft")
        return self.attempt(
            what or how,
            f"{how}: {name}",
            lambda ledger: ledger.change_state(name, state),
            lambda: getattr(self.move(name), method)(),
        )

    # Settings that change between a draft and its posting.

    @step("round taxes otherwise", rare=True)
    def round_taxes_otherwise(self, what):
        company = self.firm.company
        method = {"round_per_line": "round_globally", "round_globally": "round_per_line"}[
            company.tax_calculation_rounding_method
        ]

        def do():
            company.tax_calculation_rounding_method = method

        self.attempt(what, f"taxes: {method}", lambda ledger: None, do)

    @step("rate of exchange", rare=True)
    def change_rate_of_exchange(self, what):
        currency = self.pick(self.firm.rate_records)
        record, rate = self.firm.rate_records[currency], self.integer(20, 20_000) / 100

        def do():
            record.rate = rate

        self.attempt(what, f"{currency}: {rate}", lambda ledger: None, do)

    def check_posted(self, names):
        """The rate of exchange is the recorded one; a credit of a whole invoice is of the same total."""
        for name in names:
            move = self.records[name]
            rate = self.firm.rate_records.get(move.currency_id.name)
            expected = rate.rate if rate else 1.0
            assert abs(move.invoice_currency_rate - expected) < 1e-6 * expected, f"{name}: {move.invoice_currency_rate}"
            if move.move_type == "out_refund" and move._timebill_is_whole_credit():
                total, billed = move.amount_total, move.reversed_entry_id.amount_total
                assert not move.currency_id.compare_amounts(total, billed), f"{name}: {total}, and not {billed}"

    @step("pay", rare=True)
    def pay(self, what):
        names = [name for name in self.documents("posted") if self.records[name].amount_residual]
        if not names:
            return
        name, whole = self.pick(names), self.flip()

        def do():
            wizard = (
                self.env["account.payment.register"]
                .with_context(active_model="account.move", active_ids=self.records[name].ids)
                .with_user(self.firm.biller)
                .create({})
            )
            if not whole:
                wizard.amount = wizard.currency_id.round(wizard.amount / 2) or wizard.amount
            wizard.action_create_payments()

        self.attempt(what, f"pay {name if whole else f'half of {name}'}", lambda ledger: None, do)

    # Credit notes.

    def open_reversal(self, name):
        return (
            self.env["account.move.reversal"]
            .with_user(self.firm.biller)
            .with_context(active_model="account.move", active_ids=self.records[name].ids)
            .create({"journal_id": self.records[name].journal_id.id})
        )

    def reversal(self, name, modify=False):
        wizard = self.open_reversal(name)
        wizard.modify_moves() if modify else wizard.refund_moves()
        return wizard.new_move_ids.sudo()

    def credit(self, what, name):
        new = self.name("D")
        done = self.attempt(
            what,
            f"{new} = reverse {name}",
            lambda ledger: ledger.reverse(name, new),
            lambda: {new: self.reversal(name)},
        )
        return new if done else None

    def pick_credited(self, has_work=True):
        invoices = [
            name for name in self.documents("posted", credit=False) if self.ledger.has_work(name) or not has_work
        ]
        return self.pick_target(invoices, lambda ledger, name: ledger.reverse(name, "new"))

    @step("credit")
    def credit_in_full(self, what):
        name = self.pick_credited(has_work=not self.one_in(6))
        new = name and self.credit(what, name)
        if new and self.flip():
            self.post_together("post a credit note", [new])

    @step("bill a credit note again", rare=True)
    def reverse_a_credit_note(self, what):
        if not self.documents("posted", credit=True):
            self.credit_in_part("credit in part", post=True)
        credits = self.documents("posted", credit=True)
        name = self.pick_target(credits, lambda ledger, name: ledger.reverse(name, "new"))
        if name:
            self.credit(what, name)

    @step("rebate", rare=True)
    def credit_a_rebate(self, what):
        """Odoo's ordinary partial refund: a line is edited by hand, the others deleted or not."""
        name = self.pick_credited()
        new = name and self.credit("credit", name)
        keys = [key for key in self.ledger.lines_of(new) if self.ledger.rows_on(key)] if new else []
        if keys:
            key = self.pick(keys)
            values = {"discount": self.pick((10.0, 33.33, 50.0))} if self.flip() else self.draw_line_values(key)
            self.edit_draft_line(key, values)
            self.post_together(what, [new])

    def draw_credits(self, claims):
        credits = []
        for claim in self.pick_some(claims, 3):
            unit = self.ledger.activities[self.ledger.rows[claim].activity].unit
            left = int(max(self.ledger.net_billed(claim), Fraction(0)) / unit)
            amount = self.pick((left, *(self.integer(0, left) for _number in range(6)), left + 1)) * unit
            credits.append((claim, amount, self.pick(("share", "share", "none"))))
        return credits

    def choose(self, what, key, credits, by_window=False):
        name = self.ledger.lines[key].document

        def do():
            claims = [(self.env["timebill.allocation"].sudo().browse(c), float(a), r) for c, a, r in credits]
            if not by_window:
                self.line(key)._timebill_choose_credits(claims)
                return
            Window = self.env["timebill.credit"].with_user(self.firm.biller)
            window = Window.browse(Window._open(self.move(name))["res_id"])
            amounts = {claim: amount for claim, amount, _release in claims}
            for line in window.line_ids:
                is_ticked = line.claim_id in amounts and line.credit_line_id.id in (False, key)
                line.write(
                    {
                        "included": is_ticked,
                        "amount": amounts[line.claim_id] if is_ticked else 0.0,
                        "credit_line_id": key if is_ticked else line.credit_line_id.id,
                    }
                )
            window.release = credits[0][2] == "share"
            window.action_save()

        self.attempt(
            what, f"{name} credits {self.tell_credits(credits)}", lambda ledger: ledger.choose(key, credits), do
        )

    def tell_credits(self, credits):
        return "; ".join(
            f"{float(amount)} of {self.ledger.rows[claim].activity} ({release})" for claim, amount, release in credits
        )

    @step("credit in part")
    @step("credit without giving back", rare=True)
    def credit_in_part(self, what, post=None):
        """Activities are ticked and amounts typed in Odoo's own window."""
        name = self.pick_credited()
        if not name:
            return
        new, claims = self.name("D"), [key for line in self.ledger.lines_of(name) for key in self.ledger.rows_on(line)]
        release = "share" if what == "credit in part" else "none"
        if release == "none" and not self.one_in(4):
            amounts = {claim: self.ledger.net_billed(claim) for claim in claims}
        else:
            amounts = {claim: amount for claim, amount, _release in self.draw_credits(claims)}

        def do():
            wizard = self.open_reversal(name)
            for line in wizard.timebill_line_ids.filtered(lambda line: line.claim_id):
                amount = amounts.get(line.claim_id.id)
                line.write({"included": amount is not None, "amount": float(amount or 0)})
            wizard.timebill_invoice_ids.release = release == "share"
            wizard.refund_moves()
            return {new: wizard.new_move_ids.sudo()}

        told = self.tell_credits([(claim, amount, release) for claim, amount in amounts.items()])
        done = self.attempt(
            what,
            f"{new} = credit {told} on {name}",
            lambda ledger: ledger.reverse_in_part(name, new, amounts, release),
            do,
        )
        if done and (self.flip() if post is None else post):
            self.post_together("post a credit note", [new])

    @step("choose", rare=True)
    def choose_on_a_draft(self, what):
        """What a draft credit note is about is said on its lines."""
        if not self.lines("draft", credit=True):
            self.credit_in_part("credit in part", post=False)
        keys = [key for key in self.lines("draft", credit=True, worked=False) if self.origin_claims(key)]
        chosen = {key: self.draw_credits(self.origin_claims(key)) for key in keys}
        key = self.pick_target(chosen, lambda ledger, key: ledger.choose(key, chosen[key]))
        if key:
            self.choose(what, key, chosen[key])

    @step("choose later", rare=True)
    def choose_later(self, what):
        """A posted credit note is said to be about this work."""
        if not any(row.release == "unsaid" for row in self.ledger.rows.values()):
            self.credit_a_rebate("rebate")
        keys = [key for key in self.lines("posted", credit=True, worked=False) if self.origin_claims(key)]
        chosen = {
            key: self.make_up(self.ledger.lines[key].amount, self.origin_claims(key), ("share", "none"))
            for key in keys
        }
        key = self.pick_target(chosen, lambda ledger, key: ledger.choose(key, chosen[key]))
        if key:
            self.choose(what, key, chosen[key])

    def origin_claims(self, key):
        """What the line that this one reverses, if there is one, bills."""
        origin = self.ledger.lines[key].origin
        return self.ledger.rows_on(origin) if origin else []

    def make_up(self, total, claims, releases):
        """Credits of these claims that make up ``total``, as far as what they billed allows."""
        credits, release = [], self.pick(releases)
        for claim in self.random.sample(claims, len(claims)):
            amount = min(total, max(self.ledger.billed(claim), Fraction(0)))
            if amount:
                credits.append((claim, amount, release))
                total -= amount
        return credits or [(claims[0], total, release)]

    @step("choose by hand", rare=True)
    def choose_on_a_credit_note_by_hand(self, what):
        """A credit note that names no invoice is said to be about work of its client."""

        def lines_by_hand():
            return [
                key
                for key in self.lines("draft", "posted", credit=True, worked=False)
                if not self.ledger.lines[key].origin and self.ledger.lines[key].amount > 0
            ]

        if not lines_by_hand():
            self.document_without_work("by hand")
        lines = lines_by_hand()
        chosen = {key: credits for key in lines if (credits := self.draw_credits_by_hand(key))}
        key = self.pick_target(chosen, lambda ledger, key: ledger.choose(key, chosen[key]))
        if key:
            self.choose(what, key, chosen[key], by_window=True)

    def draw_credits_by_hand(self, key):
        document = self.ledger.lines[key].document
        unit, client = self.ledger.documents[document].unit, self.records[document].partner_id
        invoices = [
            name
            for name in self.documents("posted", credit=False)
            if self.ledger.documents[name].unit == unit and self.records[name].partner_id == client
        ]
        rows = [row for name in invoices for line in self.ledger.lines_of(name) for row in self.ledger.rows_on(line)]
        claims = [claim for claim in rows if self.ledger.net_billed(claim) > 0]
        if not claims:
            return None
        release = self.pick(("share", "none"))
        if self.ledger.documents[document].state == "posted":
            return self.make_up(self.ledger.lines[key].amount, self.pick_some(claims, 2), [release])
        credits = {
            claim: self.integer(1, int(self.ledger.net_billed(claim) / unit)) * unit
            for claim in self.pick_some(claims, 2)
        }
        return [(claim, amount, release) for claim, amount in credits.items()]

    @step("replace", rare=True)
    def replace(self, what):
        reversal, replacement = self.name("D"), self.name("D")
        name = self.pick_target(
            self.documents("posted", credit=None if self.one_in(4) else False),
            lambda ledger, name: ledger.replace(name, reversal, replacement),
        )
        if not name:
            return

        def do():
            new = self.reversal(name, modify=True)
            others = self.records[name].reversal_move_ids - self.env["account.move"].union(
                *(record for key, record in self.records.items() if key[0] == "D")
            )
            return {reversal: others, replacement: new}

        self.attempt(
            what, f"{replacement} = replace {name}, reversed by {reversal}",
            lambda ledger: ledger.replace(name, reversal, replacement), do,
        )

    # Documents that bill no work.

    @step("duplicate", "debit note", "by hand")
    def document_without_work(self, how):
        names = self.documents("posted", credit=False) if how != "duplicate" else list(self.ledger.documents)
        if not names:
            return
        name = self.pick(names)
        new, origin = self.name("D"), self.ledger.documents[name]
        claims = [row for line in self.ledger.lines_of(name) for row in self.ledger.rows_on(line)]
        left = max((self.ledger.net_billed(claim) for claim in claims), default=Fraction(0))
        price = float(self.integer(1, max(1, int(left / origin.unit))) * origin.unit)

        def do():
            move = self.move(name)
            if how == "duplicate":
                return {new: move.copy().sudo()}
            if how == "debit note":
                wizard = (
                    self.env["account.debit.note"]
                    .with_user(self.firm.biller)
                    .with_context(active_model="account.move", active_ids=move.ids)
                    .create({"copy_lines": True})
                )
                return {new: self.env["account.move"].browse(wizard.create_debit()["res_id"])}
            return {
                new: self.env["account.move"].create(
                    {
                        "move_type": "out_refund",
                        "partner_id": move.partner_id.id,
                        "currency_id": move.currency_id.id,
                        "invoice_line_ids": [Command.create({"name": "Rebate", "price_unit": price})],
                    }
                )
            }

        self.attempt(
            how, f"{new} = {how} of {name}",
            lambda ledger: ledger.documents.update(
                {new: Document(how == "by hand" or origin.is_credit, origin.unit)}
            ),
            do,
        )


@tagged("post_install", "-at_install")
class TestLedgerMachine(TimebillCommon):
    """Work is billed exactly once, whatever is done in whatever order."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.restrictive_audit_trail = False  # invoices that were once posted can be deleted
        cls.reason = cls.env.ref("timebill_legal.reason_agreement")
        cls.done, cls.refused = Counter(), Counter()
        currencies = {name: cls.env.ref(f"base.{name}") for name in ("EUR", "JPY", "KWD")}
        cls.rate_records = {}
        for name, rate in (("JPY", 160.0), ("KWD", 0.34)):
            currencies[name].active = True
            cls.rate_records[name] = cls.env["res.currency.rate"].create(
                {"name": "2020-01-01", "rate": rate, "currency_id": currencies[name].id, "company_id": cls.company.id}
            )
        cls.clients = {"Lys": cls.lys, "Morel": cls.morel}
        cls.clients_of = {"euro": ["Lys"], "joint": ["Lys", "Morel"], "yen": ["Lys"], "dinar": ["Lys"]}
        cls.matters = {
            "euro": cls.matter,
            "joint": cls.joint_matter,
            "yen": cls._matter("Yen", cls.lys, currency_id=currencies["JPY"].id),
            "dinar": cls._matter("Dinar", cls.lys, currency_id=currencies["KWD"].id),
        }
        cls.units = {
            name: Fraction(str(matter.currency_id.rounding)).limit_denominator(1000)
            for name, matter in cls.matters.items()
        }
        #: What the rate lists give for an hour, by matter; there is none in yen or dinars.
        cls.rates = dict.fromkeys(("euro", "joint"), Fraction(200))
        cls._create_types()
        cls.income = cls.phone.product_id.property_account_income_id
        cls.pass_through = cls.stamp.product_id.property_account_income_id
        cls.exempt = cls.stamp.product_id.taxes_id
        cls.has_sending_state = "timebill_sending_state" in cls.env["account.move"]._fields
        cls.env.flush_all()
        # Hypothesis would look for interesting numbers in the source of every module that is loaded, all of Odoo's.
        cls.startClassPatcher(patch("hypothesis.internal.conjecture.providers._get_local_constants", Constants))
        # Looking for garbage in all of Odoo, again and again, is a good part of the time.
        gc.freeze()
        cls.addClassCleanup(gc.unfreeze)

    @classmethod
    def _create_types(cls):
        """Each kind with its usual tax (on payment), one on the invoice and one that prices include."""
        usual = cls.company.timebill_time_tax_id
        cls.taxes = {
            "on payment": None,
            "on invoice": usual.copy({"name": "On invoice", "tax_exigibility": "on_invoice", "amount": 8.5}),
            "included": usual.copy({"name": "Included", "price_include_override": "tax_included"}),
        }
        cls.types = {}
        for kind, activity_type in (
            ("time", cls.phone), ("service", cls.deed), ("expense", cls.copies), ("disbursement", cls.stamp)
        ):
            for name, tax in cls.taxes.items():
                new = activity_type.copy({"name": f"{activity_type.name} {name}", "default_price": 0})
                if tax and kind != "disbursement":
                    new.product_id.taxes_id = tax
                cls.types[kind, name] = new

    def test_any_order(self):
        started = time.process_time()
        try:
            run_state_machine_as_test(
                lambda: LedgerMachine(self),
                settings=settings(
                    max_examples=SOAK_EXAMPLES or EXAMPLES,
                    stateful_step_count=LENGTH,
                    derandomize=not SOAK_EXAMPLES,
                    database=None,
                    deadline=None,
                    print_blob=False,
                    report_multiple_bugs=False,
                    phases=PHASES,
                    suppress_health_check=list(HealthCheck),
                ),
            )
        finally:
            told = [f"{name:27} {self.done[name]:6} done {self.refused[name]:6} refused" for name in STEPS]
            count = sum((self.done + self.refused).values())
            told += [f"{count} steps, {time.process_time() - started:.0f} s of CPU\n"]
            sys.stdout.write("\n".join(told))
        if not SOAK_EXAMPLES:
            self.assertFalse([name for name in STEPS if self.done[name] < SELDOM], "steps that hardly ever succeed")
