import os
import time
from collections import Counter
from copy import deepcopy
from fractions import Fraction

from hypothesis import HealthCheck, Phase, note, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, precondition, rule, run_state_machine_as_test
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import tagged

from .common import TimebillCommon
from .ledger_model import Activity, Choice, Document, Ledger, Line, Refused, exact, part

#: Random examples instead of the usual ones (``make soak``).
SOAK_EXAMPLES = int(os.environ.get("TIMEBILL_SOAK_EXAMPLES", "0"))
EXAMPLES, STEPS = 40, 20
#: Shrinking a failing example takes minutes, and it is told in plain words anyway.
PHASES = [Phase.generate, Phase.shrink] if os.environ.get("TIMEBILL_SOAK_SHRINK") else [Phase.generate]

#: In the usual run, every sort of step is done at least so many times.
SELDOM = 1


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
        self.counter = Counter()

    def teardown(self):
        self.savepoint.rollback()
        self.savepoint.close(rollback=True)

    # How steps are drawn, done and told.

    def pick(self, items):
        return self.random.choice(list(items))

    def pick_some(self, items, most=4):
        items = list(items)
        return self.random.sample(items, self.integer(1, min(most, len(items))))

    def flip(self):
        return self.pick((False, True))

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
        foreseen = deepcopy(self.ledger)
        try:
            foresee(foreseen)
            problems = foreseen.problems()
        except Refused as refusal:
            problems = [(None, str(refusal))]
        told = ", ".join(" ".join(filter(None, problem)) for problem in problems)
        note(f"{sentence}{' – to be refused: ' * bool(told)}{told}")
        try:
            with self.env.cr.savepoint():
                documents = do()
                self.env.flush_all()
        except UserError as refusal:
            if not problems:
                raise AssertionError(f"{sentence}: refused, and it should not be: {refusal}") from refusal
            matters = {self.ledger.activities[name].matter for name, _problem in problems if name}
            if matters and not any(self.firm.matters[matter].reference in str(refusal) for matter in matters):
                raise AssertionError(f"{sentence}: refused without naming an activity: {refusal}") from refusal
            self.firm.refused[what] += 1
            self.check()
            return False
        if problems:
            raise AssertionError(f"{sentence}: done, and it must be refused: {told}")
        self.firm.done[what] += 1
        self.ledger = foreseen
        if isinstance(documents, dict):
            self.records |= documents
        self.bind()
        self.check()
        return True

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
            key = next(
                (
                    key
                    for key in foreseen
                    if self.records[ledger.rows[key].activity].id == values["activity_id"]
                    and ledger.rows[key].reverses == values["reversed_id"]
                    and (not ledger.rows[key].line or ledger.lines[ledger.rows[key].line].document == document)
                ),
                None,
            )
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
            ledger.lines[key] = ledger.lines[line]
            ledger.lines[key].amount = amounts[key]
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
                **{"net": ledger.net(key), "net_billed": ledger.net_billed(key)} if not row.reverses else {},
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
            values["id"]: (values["amount_untaxed"], values["amount_tax"], values["amount_total"])
            for values in self.query("SELECT * FROM account_move WHERE id IN %s", ledger.documents)
        }
        assert len(moves) == len(ledger.documents)
        for name in self.documents("posted"):
            totals = moves[self.records[name].id]
            assert totals == self.totals.setdefault(name, totals), f"{name}: {totals}, and not {self.totals[name]}"

    def compare(self, what, values, **expected):
        for name, value in expected.items():
            found = exact(values[name]) if isinstance(value, Fraction) else values[name]
            if found != value:
                shown = [float(v) if isinstance(v, Fraction) else v for v in (found, value)]
                raise AssertionError(f"{what}: {name} is {shown[0]}, and not {shown[1]}")

    # Activities.

    @initialize(random=st.randoms(use_true_random=False))
    def start(self, random):
        self.random = random
        per_line = self.flip()
        note(f"taxes are rounded {'line by line' if per_line else 'on the whole'}")
        method = "round_per_line" if per_line else "round_globally"
        if self.firm.company.tax_calculation_rounding_method != method:
            self.firm.company.tax_calculation_rounding_method = method
        for _number in range(self.integer(2, 3)):
            self.new_activity(self.pick(("time", "time", "service", "expense", "disbursement")))
        if self.integer(0, 3):
            self.bill_some(list(self.ledger.activities))
            for name in self.documents("draft"):
                self.post_one(name)

    def draw_price(self, kind, unit):
        highest = 9_999 if kind == "time" else 500_000
        return self.integer(1, min(60_000, int(highest / unit))) * unit

    def draw_quantity(self, kind):
        if kind == "time":
            return Fraction(self.integer(1, 600))
        return self.pick((Fraction(1), Fraction(3), Fraction("0.333333"), Fraction("2.75"), Fraction("7.123457")))

    def quantity_values(self, kind, quantity):
        return {"duration": int(quantity)} if kind == "time" else {"quantity": float(quantity)}

    def new_activity(self, kind):
        matter = self.pick(self.firm.matters)
        clients = self.firm.clients_of[matter]
        payer = clients[0] if len(clients) == 1 else self.pick((None, *clients))
        unit = self.firm.units[matter]
        activity = Activity(
            kind, self.draw_quantity(kind), self.draw_price(kind, unit), unit, matter, payer
        )
        tax = self.pick(self.firm.taxes)
        name = self.name("A")

        def do():
            self.records[name] = self.env["timebill.activity"].create(
                {
                    "matter_id": self.firm.matters[matter].id,
                    "partner_id": self.firm.clients[payer].id if payer else False,
                    "kind": kind,
                    "type_id": self.firm.types[kind, tax].id,
                    "user_id": self.firm.lawyer.id,
                    "date": "2026-10-12",
                    "description": name,
                    "price_unit": float(activity.price),
                    **self.quantity_values(kind, activity.quantity),
                }
            )

        self.attempt(
            "activity",
            f"{name} = {kind}, {float(activity.quantity)} at {float(activity.price)} = {float(activity.amount)}"
            f" on {matter} for {payer}, tax {tax}",
            lambda ledger: ledger.activities.update({name: activity}),
            do,
        )

    @precondition(lambda self: len(self.ledger.activities) < 6)
    @rule(kind=st.sampled_from(("time", "service", "expense", "disbursement")))
    def record_work(self, kind):
        self.new_activity(kind)

    def pick_activity(self):
        """Rather one that is to bill."""
        free = [name for name in self.ledger.activities if self.ledger.left(name)]
        return self.pick(free if free and self.integer(0, 3) else self.ledger.activities)

    @rule(how=st.sampled_from(("edit_activity", "transfer", "hold_or_release", "adjust", "adjust", "write_off")))
    def before_billing(self, how):
        getattr(self, how)()

    def edit_activity(self):
        name = self.pick_activity()
        activity = self.ledger.activities[name]
        quantity = price = None
        if self.flip():
            quantity = self.draw_quantity(activity.kind)
            if quantity == activity.quantity:
                return
            # The time that was worked can always be corrected; this is what the client is charged for.
            values = (
                {"billable_duration": int(quantity)} if activity.kind == "time" else {"quantity": float(quantity)}
            )
        else:
            price = self.draw_price(activity.kind, activity.unit)
            if price == activity.price:
                return
            values = {"price_unit": float(price)}
        self.attempt(
            "edit activity",
            f"write {values} on {name}",
            lambda ledger: ledger.edit(name, quantity, price),
            lambda: self.records[name].write(values),
        )

    def transfer(self):
        name = self.pick_activity()
        activity = self.ledger.activities[name]
        matters = [
            matter
            for matter in self.firm.matters
            if self.firm.units[matter] == activity.unit and matter != activity.matter
        ]
        if not matters:
            return
        matter = self.pick(matters)
        self.attempt(
            "transfer",
            f"move {name} to {matter}",
            lambda ledger: ledger.transfer(name, matter, self.firm.clients_of[matter]),
            lambda: self.records[name].write({"matter_id": self.firm.matters[matter].id}),
        )

    def hold_or_release(self):
        name = self.pick_activity()
        held = not self.ledger.activities[name].held
        activity = self.records[name].with_user(self.firm.biller)

        def foresee(ledger):
            if not held and ledger.state(name) != "on_hold":
                raise Refused("does not wait")
            ledger.activities[name].held = held

        self.attempt(
            "hold" if held else "release",
            f"{'hold' if held else 'release'} {name}",
            foresee,
            lambda: activity._hold(False, "Later") if held else activity.action_release(),
        )

    def adjust(self):
        name = self.pick_activity()
        activity = self.ledger.activities[name]
        units = int(max(self.ledger.amount_to_bill(name), activity.amount) / activity.unit)
        difference = self.integer(-units - 1 if self.flip() else -units // 3, units // 2 + 1) * activity.unit
        if not difference:
            return
        self.attempt(
            "discount" if difference < 0 else "surcharge",
            f"grant {float(difference)} on {name}",
            lambda ledger: ledger.adjust(name, difference),
            lambda: self.ledger_of_biller()._adjust(
                {self.records[name].with_user(self.firm.biller): float(difference)}, self.firm.reason
            ),
        )

    def ledger_of_biller(self):
        return self.env["timebill.allocation"].with_user(self.firm.biller)

    def write_off(self):
        name = self.pick_activity()
        self.attempt(
            "write off",
            f"write {name} off",
            lambda ledger: ledger.write_off(name),
            lambda: self.ledger_of_biller()._write_off(
                self.records[name].with_user(self.firm.biller), self.firm.reason
            ),
        )

    def decisions(self):
        return [key for key, row in self.ledger.rows.items() if not row.line and not row.reverses]

    @precondition(lambda self: self.decisions())
    @rule()
    def undo(self):
        key = self.pick(self.decisions())
        row = self.ledger.rows[key]
        self.attempt(
            "undo",
            f"undo the {'write-off' if row.coverage else f'{float(row.adjustment)}'} of {row.activity}",
            lambda ledger: ledger.undo(key),
            lambda: self.row(key).action_undo(),
        )

    # Billing.

    def draw_choice(self, name):
        """What is typed in the window for one activity."""
        activity, ledger = self.ledger.activities[name], self.ledger
        payer = activity.payer or self.pick(self.firm.clients_of[activity.matter])
        choice = Choice(name, payer, "")
        left = ledger.left(name)
        what = self.pick(("all", "all", "part", "instalment", "revised", "part revised"))
        standard = ledger.standard_to_bill(name)
        if "part" in what and left > activity.step:
            choice.quantity = self.integer(1, int(left / activity.step) - 1) * activity.step
            standard = part(standard, choice.quantity, left, activity.unit)
        elif what == "instalment" and activity.kind != "time" and standard > activity.unit:
            instalment = self.integer(1, int(standard / activity.unit) - 1) * activity.unit
            quantity = part(left, instalment, standard, activity.step)
            if 0 < quantity < left:
                choice.quantity, choice.instalment, standard = quantity, instalment, instalment
        if "revised" in what and standard >= 0:
            choice.revised = self.pick((1, 2, Fraction(1, 2), 0)) * self.integer(
                0, int(standard / activity.unit)
            ) * activity.unit
            choice.revised = int(choice.revised / activity.unit) * activity.unit
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
        moves = bill._create_invoices()
        by_key = {(move.partner_id, move.currency_id): move.sudo() for move in moves}
        return {name: by_key[self.firm.clients[payer], currency] for (payer, currency), name in names.items()}

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

    def bill_some(self, names):
        offered = [self.draw_choice(name) for name in names]
        # The window leaves out, with the reason, what is not to bill.
        choices = [choice for choice in offered if self.ledger.can_be_billed(choice.activity)]
        named = self.name_documents(choices)
        self.attempt(
            "bill",
            f"{', '.join(named.values())} = bill {self.tell_choices(offered)}",
            lambda ledger: ledger.bill(choices, self.firm.clients_of),
            lambda: self.create_invoices(self.open_window(offered), named),
        )

    @precondition(lambda self: any(map(self.ledger.can_be_billed, self.ledger.activities)))
    @rule()
    def bill(self):
        free = [name for name in self.ledger.activities if self.ledger.can_be_billed(name)]
        if self.integer(0, 7):
            self.bill_some(self.pick_some(free))
        else:
            self.bill_some(self.pick_some(self.ledger.activities))

    def facts(self, name):
        ledger = self.ledger
        return (ledger.left(name), ledger.standard_to_bill(name), ledger.adjustment_to_bill(name))

    @precondition(lambda self: not self.window and any(map(self.ledger.can_be_billed, self.ledger.activities)))
    @rule()
    def open_a_window(self):
        """Somebody opens the billing window, and is called away."""
        choices = [
            self.draw_choice(name)
            for name in self.pick_some([n for n in self.ledger.activities if self.ledger.can_be_billed(n)], 2)
        ]
        note(f"open a window on {self.tell_choices(choices)}")
        self.window = (self.open_window(choices), choices, {c.activity: self.facts(c.activity) for c in choices})

    @precondition(lambda self: self.window)
    @rule()
    def use_the_window(self):
        """It bills what it shows, or nothing."""
        (bill, choices, facts), self.window = self.window, None
        choices = [deepcopy(choice) for choice in choices]
        named = self.name_documents(choices)

        def foresee(ledger):
            if any(self.facts(name) != seen for name, seen in facts.items()):
                raise Refused("was changed meanwhile")
            ledger.bill(choices, self.firm.clients_of)

        self.attempt(
            "window",
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

    def edit_draft_line(self, key, values):
        """The user says what the line bills; Odoo says how much that is."""
        name = self.ledger.lines[key].document

        def do():
            self.move(name).write({"invoice_line_ids": [Command.update(key, values)]})

        def foresee(ledger):
            ledger.lines[key].has_reason |= "timebill_reason_id" in values

        before = {k: line.amount for k, line in self.ledger.lines.items()}
        foreseen_check, self.check = self.check, lambda: None
        try:
            done = self.attempt("edit line", f"write {values} on the line of {name} about {self.about(key)}",
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
            price = self.integer(0, units + 2) * unit
            return {"price_unit": float(price)}
        if what == "quantity":
            return {"quantity": self.integer(0, int(record.quantity * 100) + 10) / 100}
        return {"discount": self.pick((10.0, 33.33, 50.0, 100.0))}

    @precondition(lambda self: self.lines("draft"))
    @rule()
    def edit_line(self):
        key = self.pick(self.lines("draft"))
        values = self.draw_line_values(key)
        if self.flip():
            values["timebill_reason_id"] = self.firm.reason.id
        self.edit_draft_line(key, values)

    @precondition(lambda self: self.lines("draft", worked=False))
    @rule()
    def delete_lines(self):
        key = self.pick(self.lines("draft", worked=False))
        name = self.ledger.lines[key].document
        keys = [key, *self.pick_some(self.ledger.lines_of(name), 2)] if self.flip() else [key]
        keys = list(dict.fromkeys(keys))
        self.attempt(
            "delete lines",
            f"delete the lines of {name} about {', '.join(map(self.about, keys))}",
            lambda ledger: ledger.delete_lines(keys),
            lambda: self.move(name).write({"invoice_line_ids": [Command.delete(key) for key in keys]}),
        )

    @precondition(lambda self: self.lines("draft", "posted"))
    @rule()
    def take_off(self):
        lines = self.lines("draft") or self.lines("posted")
        key = self.pick([key for key in lines if len(self.ledger.rows_on(key)) > 1] or lines)
        keys = self.pick_some(self.ledger.rows_on(key), 2)
        name = self.ledger.lines[key].document
        self.attempt(
            "take off",
            f"take {', '.join(self.ledger.rows[k].activity for k in keys)} off {name}",
            lambda ledger: ledger.take_off(keys),
            lambda: self.row(keys).action_take_off(),
        )

    @precondition(lambda self: self.documents("draft"))
    @rule()
    def delete_drafts(self):
        names = self.pick_some(self.documents("draft"), 2)
        moves = self.env["account.move"].union(*map(self.move, names))
        kept = not moves.sudo().check_move_sequence_chain()

        def foresee(ledger):
            if kept:
                raise Refused("would leave a gap in the numbers")
            ledger.delete_lines([line for name in names for line in ledger.lines_of(name)])
            for name in names:
                del ledger.documents[name]

        if self.attempt("delete", f"delete {', '.join(names)}", foresee, lambda: moves.unlink() and None):
            for name in names:
                del self.records[name]

    # Life of a document.

    def post_one(self, name):
        if not self.ledger.lines_of(name):  # Odoo's own affair
            return False
        self.totals.pop(name, None)
        return self.attempt(
            "post a credit note" if self.ledger.documents[name].is_credit else "post",
            f"post {name}",
            lambda ledger: ledger.post(name),
            lambda: self.move(name).action_post(),
        )

    @precondition(lambda self: self.documents("draft"))
    @rule()
    def post(self):
        self.post_one(self.pick(self.documents("draft")))

    def set_state(self, what, states, state, method, credit=None):
        name = self.pick(self.documents(*states, credit=credit))
        self.attempt(
            what,
            f"{what} {name}",
            lambda ledger: setattr(ledger.documents[name], "state", state),
            lambda: getattr(self.move(name), method)(),
        )

    @precondition(lambda self: self.ledger.documents)
    @rule()
    def change_state(self):
        """Rather back to draft or open again, or little is left to credit."""
        choices = [self.reset] * 2 * bool(self.documents("posted"))
        choices += [self.reopen] * 2 * bool(self.documents("cancel"))
        choices += [self.cancel] * bool(self.documents("draft", "posted"))
        self.pick(choices)()

    def reset(self):
        credits = self.documents("posted", credit=True)
        self.set_state("reset", ["posted"], "draft", "button_draft", True if credits and self.flip() else None)

    def cancel(self):
        self.set_state("cancel", ["draft", "posted"], "cancel", "button_cancel")

    def reopen(self):
        self.set_state("reopen", ["cancel"], "draft", "button_draft")

    @precondition(lambda self: self.documents("posted"))
    @rule()
    def pay(self):
        name = self.pick(self.documents("posted"))
        if not self.records[name].amount_residual:
            return
        whole = self.flip()

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

        self.attempt("pay", f"pay {name if whole else f'half of {name}'}", lambda ledger: None, do)

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

    def credit(self, name):
        new = self.name("D")
        what = "bill a credit note again" if self.ledger.documents[name].is_credit else "credit"
        done = self.attempt(
            what,
            f"{new} = reverse {name}",
            lambda ledger: ledger.reverse(name, new),
            lambda: {new: self.reversal(name)},
        )
        return new if done else None

    def pick_credited(self):
        invoices = self.documents("posted", credit=False)
        worked = [name for name in invoices if any(self.ledger.rows_on(line) for line in self.ledger.lines_of(name))]
        return self.pick(worked or invoices)

    @precondition(lambda self: self.documents("posted", credit=False))
    @rule(then=st.sampled_from(("leave", "post", "post", "nothing comes back")))
    def credit_in_full(self, then):
        new = self.credit(self.pick_credited())
        if new and then == "nothing comes back":
            for key in self.ledger.lines_of(new):
                if self.ledger.rows_on(key):
                    rows = [self.ledger.rows[row] for row in self.ledger.rows_on(key)]
                    self.choose(key, [(row.reverses, row.agreed, "none") for row in rows])
        if new and then != "leave":
            self.post_one(new)

    @precondition(lambda self: self.documents("posted", credit=True))
    @rule()
    def reverse_a_credit_note(self):
        self.credit(self.pick(self.documents("posted", credit=True)))

    @precondition(lambda self: self.documents("posted", credit=False))
    @rule()
    def credit_a_rebate(self):
        """Odoo's ordinary partial refund: a line is edited by hand, the others deleted or not."""
        new = self.credit(self.pick_credited())
        if not new:
            return
        keys = [key for key in self.ledger.lines_of(new) if self.ledger.rows_on(key)]
        if keys:
            self.edit_draft_line(self.pick(keys), self.draw_line_values(keys[0]))
        self.post_one(new)

    def draw_credits(self, claims):
        credits = []
        for claim in self.pick_some(claims, 3):
            unit = self.ledger.activities[self.ledger.rows[claim].activity].unit
            left = int(max(self.ledger.net_billed(claim), Fraction(0)) / unit)
            amount = self.pick((left, self.integer(0, left), self.integer(0, left), left + 1)) * unit
            credits.append((claim, amount, self.pick(("share", "share", "none"))))
        return credits

    def choose(self, key, credits):
        told = "; ".join(
            f"{float(amount)} of {self.ledger.rows[claim].activity} ({release})" for claim, amount, release in credits
        )
        name = self.ledger.lines[key].document
        return self.attempt(
            "choose later" if self.ledger.documents[name].state == "posted" else "choose",
            f"{name} credits {told}",
            lambda ledger: ledger.choose(key, credits),
            lambda: self.line(key)._credit_timebill_rows(
                [
                    (self.env["timebill.allocation"].sudo().browse(claim), float(amount), release)
                    for claim, amount, release in credits
                ]
            ),
        )

    @precondition(lambda self: self.documents("posted", credit=False))
    @rule(release=st.sampled_from(("share", "share", "none")))
    def credit_in_part(self, release):
        """Activities are ticked and amounts typed in Odoo's own window."""
        name, new = self.pick_credited(), self.name("D")
        if not self.ledger.has_work(name):
            return
        claims = [key for line in self.ledger.lines_of(name) for key in self.ledger.rows_on(line)]
        amounts = {claim: amount for claim, amount, _release in self.draw_credits(claims)}

        def do():
            wizard = self.open_reversal(name)
            for line in wizard.timebill_line_ids.filtered(lambda line: line.claim_id):
                amount = amounts.get(line.claim_id.id)
                line.write({"included": amount is not None, "amount": float(amount or 0)})
            wizard.timebill_invoice_ids.release = release == "share"
            wizard.refund_moves()
            return {new: wizard.new_move_ids.sudo()}

        told = ", ".join(f"{float(amount)} of {self.ledger.rows[key].activity}" for key, amount in amounts.items())
        done = self.attempt(
            "credit in part",
            f"{new} = credit {told} ({release}) on {name}",
            lambda ledger: ledger.reverse_in_part(name, new, amounts, release),
            do,
        )
        if done and self.flip():
            self.post_one(new)

    @precondition(lambda self: self.documents("posted", credit=False))
    @rule()
    def credit_by_choice(self):
        """What a draft credit note is about is said on its lines."""
        new = self.credit(self.pick_credited())
        if not new:
            return
        for key in self.ledger.lines_of(new):
            if not (claims := self.ledger.rows_on(self.ledger.lines[key].origin)):
                continue
            if self.flip():
                self.choose(key, self.draw_credits(claims))
        if self.flip() or self.flip():
            self.post_one(new)

    @precondition(lambda self: self.documents("posted", credit=True))
    @rule()
    def choose_later(self):
        """A posted credit note is said to be about this work."""
        lines = [key for key in self.lines("posted", credit=True, worked=False) if self.ledger.lines[key].origin]
        rows = self.ledger.rows
        unsaid = [key for key in lines if any(rows[row].release == "unsaid" for row in self.ledger.rows_on(key))]
        if not lines:
            return
        key = self.pick(unsaid or lines)
        claims = self.ledger.rows_on(self.ledger.lines[key].origin)
        if not claims:
            return
        amount, claim = self.ledger.lines[key].amount, self.pick(claims)
        self.choose(key, [(claim, amount, self.pick(("share", "none")))])

    @precondition(lambda self: self.documents("posted"))
    @rule()
    def replace(self):
        name = self.pick(self.documents("posted"))
        reversal, replacement = self.name("D"), self.name("D")

        def do():
            new = self.reversal(name, modify=True)
            others = self.records[name].reversal_move_ids - self.env["account.move"].union(
                *(record for key, record in self.records.items() if key[0] == "D")
            )
            return {reversal: others, replacement: new}

        self.attempt(
            "replace", f"{replacement} = replace {name}, reversed by {reversal}",
            lambda ledger: ledger.replace(name, reversal, replacement), do,
        )

    # Documents that bill no work.

    @precondition(lambda self: self.ledger.documents)
    @rule(how=st.sampled_from(("duplicate", "debit note", "by hand")))
    def document_without_work(self, how):
        name = self.pick(self.documents("posted") if how == "debit note" else self.ledger.documents) if (
            how != "debit note" or self.documents("posted")
        ) else None
        if not name:
            return
        new, origin = self.name("D"), self.ledger.documents[name]
        if how == "debit note" and origin.is_credit:
            return

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
                        "invoice_line_ids": [Command.create({"name": "Rebate", "quantity": 1, "price_unit": 5})],
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
        for name, rate in (("JPY", 160.0), ("KWD", 0.34)):
            currencies[name].active = True
            cls.env["res.currency.rate"].create(
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
        cls._create_types()
        cls.env.flush_all()

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
                    stateful_step_count=STEPS,
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
            steps = sorted({*self.done, *self.refused})
            # pylint: disable=print-used
            print("\n".join(f"{step:25} {self.done[step]:6} done {self.refused[step]:6} refused" for step in steps))
            print(sum((self.done + self.refused).values()), "steps,", round(time.process_time() - started), "s of CPU")
        if not SOAK_EXAMPLES:
            self.assertFalse([step for step in steps if self.done[step] < SELDOM], "steps that hardly ever succeed")
