"""What should be true of the ledger, in plain Python: the oracle of ``test_ledger_machine``.

It knows nothing of the database and takes nothing from the add-on's code. Amounts and quantities are exact
fractions. Every operation of a user is a method, which raises :class:`Refused` when the operation must be refused
by itself; what the state after it must not be is said by :meth:`Ledger.problems`.
"""

from dataclasses import dataclass
from fractions import Fraction
from math import floor

#: Below one, one minute of time is not given back; of the rest, one millionth of a unit.
MINUTE, MILLIONTH = Fraction(1), Fraction(1, 10**6)
REASON_THRESHOLD = Fraction(1, 20)


@dataclass
class Problem:
    """Why an operation must be refused, and what the refusal must name: one of the activities, one of the documents."""

    text: str
    activities: tuple = ()
    documents: tuple = ()

    def __str__(self):
        return " ".join(filter(None, (", ".join(self.activities), self.text, ", ".join(self.documents))))


class Refused(Exception):
    """The operation must be refused."""

    def __init__(self, text, activities=(), documents=()):
        super().__init__(text)
        self.problem = Problem(text, tuple(activities), tuple(documents))


def exact(value):
    """The decimal that a float of the database stands for."""
    return Fraction(str(round(value or 0.0, 6)))


def to_step(value, step):
    """Nearest multiple of ``step``, half away from zero."""
    units = floor(abs(value) / step + Fraction(1, 2))
    return (units if value >= 0 else -units) * step


def part(whole, share, of, step):
    """What goes with ``share`` out of ``of``; the last part takes everything."""
    return whole if share == of else to_step(whole * share / of, step)


def share_out(total, weights, step):
    """Shares of ``total`` in proportion to ``weights``, by largest remainder, the first ones first."""
    weights = weights if sum(weights) else [1] * len(weights)
    units = abs(total) / step
    wished = [units * weight / sum(weights) for weight in weights]
    given = [floor(share) for share in wished]
    by_remainder = sorted(range(len(wished)), key=lambda index: given[index] - wished[index])
    for index in by_remainder[: int(units) - sum(given)]:
        given[index] += 1
    return [(share if total >= 0 else -share) * step for share in given]


@dataclass
class Activity:
    kind: str
    quantity: Fraction  # minutes or units
    price: Fraction | None  # of an hour or a unit, with all its decimals; 0 is a price, None is none
    unit: Fraction  # smallest unit of its currency
    matter: str
    payer: str | None  # nobody when the work is common to several clients
    held: bool = False

    @property
    def amount(self):
        hours_or_units = self.quantity / 60 if self.kind == "time" else self.quantity
        return to_step(hours_or_units * (self.price or 0), self.unit)

    @property
    def step(self):
        return MINUTE if self.kind == "time" else MILLIONTH


@dataclass
class Document:
    is_credit: bool
    unit: Fraction
    state: str = "draft"
    was_posted: bool = False
    was_sent: bool = False  # since it was posted


@dataclass
class Line:
    document: str
    amount: Fraction
    origin: int | None = None
    has_reason: bool = False
    has_discount: bool = False
    is_exact: bool = False  # has the account and the tax of disbursements


@dataclass
class Row:
    activity: str
    line: int | None = None
    reverses: int | None = None
    release: str | None = None
    matter: str = ""
    client: str | None = None
    coverage: Fraction = Fraction(0)
    standard: Fraction = Fraction(0)
    adjustment: Fraction = Fraction(0)
    agreed: Fraction = Fraction(0)
    price: Fraction | None = None  # what is printed


@dataclass
class Choice:
    """What the billing person types for one activity; nothing typed is None."""

    activity: str
    payer: str
    document: str
    quantity: Fraction | None = None
    instalment: Fraction | None = None
    revised: Fraction | None = None
    has_reason: bool = False


class Ledger:
    """Lines and rows have the keys of their records; those that are only foreseen have negative ones."""

    def __init__(self):
        self.activities, self.documents, self.lines, self.rows = {}, {}, {}, {}
        self.foreseen = 0

    # Foreseen records.

    def add_line(self, document, amount, **values):
        self.foreseen -= 1
        self.lines[self.foreseen] = Line(document, amount, **values)
        return self.foreseen

    def add_row(self, activity, **values):
        self.foreseen -= 1
        reversed_row = self.rows.get(values.get("reverses"))
        matter = reversed_row.matter if reversed_row else self.activities[activity].matter
        price = self.activities[activity].price
        self.rows[self.foreseen] = Row(activity, matter=matter, price=price, **values)
        return self.foreseen

    # What follows from the rows.

    def name_of_document(self, key):
        line = self.rows[key].line
        return self.lines[line].document if line else None

    def document_of(self, key):
        return self.documents.get(self.name_of_document(key))

    def documents_of(self, keys):
        return tuple(dict.fromkeys(filter(None, map(self.name_of_document, keys))))

    def activities_of(self, keys):
        return tuple(dict.fromkeys(self.rows[key].activity for key in keys))

    def rows_on(self, line):
        return [key for key, row in self.rows.items() if row.line == line]

    def lines_of(self, document):
        return [key for key, line in self.lines.items() if line.document == document]

    def rows_of(self, activity):
        return [key for key, row in self.rows.items() if row.activity == activity]

    def reversals(self, key):
        return [other for other, row in self.rows.items() if row.reverses == key]

    def is_live(self, key):
        document, reverses = self.document_of(key), self.rows[key].reverses
        if reverses:
            return (not document or document.state == "posted") and self.is_live(reverses)
        return not document or document.state != "cancel"

    def live(self, activity):
        return [key for key in self.rows_of(activity) if self.is_live(key)]

    def live_reversals(self, key):
        return [other for other in self.reversals(key) if self.is_live(other)]

    def billed(self, key):
        """Share of the row in its line, negative on a credit note."""
        row = self.rows[key]
        if not row.line:
            return Fraction(0)
        line, keys = self.lines[row.line], self.rows_on(row.line)
        document = self.documents[line.document]
        total = -line.amount if document.is_credit else line.amount
        shares = share_out(total, [self.rows[other].agreed for other in keys], document.unit)
        return shares[keys.index(key)]

    def net(self, key, name="coverage"):
        return getattr(self.rows[key], name) + sum(getattr(self.rows[r], name) for r in self.live_reversals(key))

    def net_billed(self, key):
        return self.billed(key) + sum(self.billed(reversal) for reversal in self.live_reversals(key))

    def covered(self, activity):
        return sum((self.rows[key].coverage for key in self.live(activity)), Fraction(0))

    def left(self, activity):
        return self.activities[activity].quantity - self.covered(activity)

    def standard_to_bill(self, activity):
        billed = sum(self.rows[key].standard for key in self.live(activity))
        return self.activities[activity].amount - billed if self.left(activity) else Fraction(0)

    def adjustment_to_bill(self, activity):
        """Discounts and surcharges granted and not yet taken by what was billed or written off."""
        left = Fraction(0)
        for key in self.live(activity):
            row = self.rows[key]
            granted = not row.line and not row.coverage
            left += row.adjustment if granted else -row.adjustment
        return left if self.left(activity) else Fraction(0)

    def amount_to_bill(self, activity):
        return self.standard_to_bill(activity) + self.adjustment_to_bill(activity)

    def amount_billed(self, activity):
        return sum((self.billed(key) for key in self.live(activity)), Fraction(0))

    def holders(self, activity):
        return [key for key in self.live(activity) if self.net(key) > 0]

    def state(self, activity):
        if self.left(activity):
            return "on_hold" if self.activities[activity].held else "to_bill"
        documents = [self.document_of(key) for key in self.holders(activity)]
        if not any(documents):
            return "written_off"
        return "draft" if any(document and document.state == "draft" for document in documents) else "billed"

    def problems(self):
        """What must never be."""
        problems = []
        for name, activity in self.activities.items():
            if not 0 <= self.covered(name) <= activity.quantity:
                problems.append(Problem("would be billed twice", (name,), self.documents_of(self.holders(name))))
            elif self.amount_to_bill(name) < 0:
                problems.append(Problem("would be billed below zero", (name,)))
            elif not self.left(name) and any(self.left_without(name, [])[1:]):
                problems.append(Problem("costs something else now", (name,)))
        for key, row in self.rows.items():
            if not row.reverses and self.is_live(key):
                problems += self._problems_of(key, row)
        return problems

    def _problems_of(self, key, row):
        """What must never be of a claim, a write-off, a discount or a surcharge that counts."""
        problems = []
        document, named = self.document_of(key), ((row.activity,), self.documents_of([key]))
        if document and self.net(key) > 0 and (row.price or 0) != (self.activities[row.activity].price or 0):
            problems.append(Problem("has another price now", *named))
        if document and self.net(key) > 0 and self.has_moved(key):
            problems.append(Problem("is of another matter or client now", *named))
        if self.net(key) < 0:
            problems.append(Problem("would be given back twice", *named))
        if document and document.state == "posted" and self.live_reversals(key):
            if self.net_billed(key) < 0:
                problems.append(Problem("would be credited beyond what was billed", *named))
            elif row.coverage and not self.net(key) and self.net_billed(key):
                problems.append(Problem("would be to bill again and still be billed", *named))
        return problems

    def has_moved(self, key):
        row, activity = self.rows[key], self.activities[self.rows[key].activity]
        return activity.matter != row.matter or (activity.payer and row.client and activity.payer != row.client)

    # Before billing.

    def _stands(self, name):
        return Refused("stands on an invoice", (name,), self.documents_of(self.holders(name)))

    def edit(self, name, **changes):
        if self.covered(name):
            raise self._stands(name)
        for attribute, value in changes.items():
            setattr(self.activities[name], attribute, value)
        self._print_again([key for key in self.rows_of(name) if not self.rows[key].reverses])

    def _print_again(self, claims):
        """Drafts print what their work says now."""
        for key in claims:
            if (document := self.document_of(key)) and document.state == "draft":
                self.rows[key].price = self.activities[self.rows[key].activity].price

    def transfer(self, name, matter, clients):
        if self.covered(name):
            raise self._stands(name)
        activity = self.activities[name]
        activity.matter = matter
        activity.payer = clients[0] if len(clients) == 1 else activity.payer if activity.payer in clients else None

    def adjust(self, name, difference):
        if not self.left(name):
            raise Refused("nothing is to bill", (name,), self.documents_of(self.holders(name)))
        if self.activities[name].kind == "disbursement":
            raise Refused("a disbursement is billed at its exact cost", (name,))
        if self.activities[name].price is None:
            raise Refused("has no price", (name,))
        self.add_row(name, adjustment=difference)

    def write_off(self, name):
        if not self.left(name):
            raise Refused("nothing is to bill", (name,), self.documents_of(self.holders(name)))
        self.add_row(
            name,
            coverage=self.left(name),
            standard=self.standard_to_bill(name),
            adjustment=self.adjustment_to_bill(name),
        )

    def undo(self, key):
        row = self.rows[key]
        if row.line or row.reverses or self.reversals(key):
            raise Refused("cannot be undone", (row.activity,))
        holders = self.holders(row.activity)
        if not row.coverage and any(other > key for other in holders):
            raise Refused("was billed with it", (row.activity,), self.documents_of(holders))
        self.add_row(
            row.activity,
            reverses=key,
            coverage=-row.coverage,
            standard=-row.standard,
            adjustment=-row.adjustment,
        )

    # Invoices.

    def can_be_billed(self, name):
        return self.state(name) == "to_bill" and self.activities[name].price is not None

    def bill(self, choices, clients_of):
        if not choices:
            raise Refused("there is nothing to bill")
        for choice in choices:
            activity = self.activities[choice.activity]
            if not self.can_be_billed(choice.activity):
                raise Refused("is not to bill", (choice.activity,))
            if choice.payer not in clients_of[activity.matter] or activity.payer not in (None, choice.payer):
                raise Refused("is for another client", (choice.activity,))
            left = self.left(choice.activity)
            quantity = left if choice.quantity is None else choice.quantity
            if quantity > left:
                raise Refused("is not to bill as much", (choice.activity,))
            if choice.instalment is not None and quantity == left and choice.instalment != (
                self.standard_to_bill(choice.activity)
            ):
                raise Refused("costs something else", (choice.activity,))
            if choice.instalment is not None and not 0 < choice.instalment <= self.standard_to_bill(choice.activity):
                raise Refused("does not cost as much", (choice.activity,))
            standard = part(self.standard_to_bill(choice.activity), quantity, left, activity.unit)
            if choice.instalment is not None:
                standard = choice.instalment
            adjustment = part(self.adjustment_to_bill(choice.activity), quantity, left, activity.unit)
            agreed = standard + adjustment if choice.revised is None else choice.revised
            if activity.kind == "disbursement" and agreed != standard:
                raise Refused("a disbursement is billed at its exact cost", (choice.activity,))
            self.documents.setdefault(choice.document, Document(False, activity.unit))
            is_revised = agreed != standard + adjustment
            line = self.add_line(
                choice.document,
                agreed,
                has_reason=is_revised and choice.has_reason,
                is_exact=activity.kind == "disbursement",
            )
            self.add_row(
                choice.activity,
                line=line,
                client=choice.payer,
                coverage=quantity,
                standard=standard,
                adjustment=adjustment,
                agreed=agreed,
            )

    # What work costs that was changed while it did not count.

    def left_without(self, name, claims):
        """Quantity, cost and discount of an activity that would be left if these claims did not count."""
        left = [self.activities[name].quantity, self.activities[name].amount, 0]
        for key in self.live(name):
            row = self.rows[key]
            if key in claims or row.reverses in claims:
                continue
            granted = not row.line and not row.coverage
            taken = (row.coverage, row.standard, -row.adjustment if granted else row.adjustment)
            left = [value - share for value, share in zip(left, taken, strict=True)]
        return left

    def change_state(self, name, state):
        if (self.documents[name].state, state) == ("posted", "cancel"):
            self.change_state(name, "draft")
        self.documents[name].state = state
        if state == "draft":
            self.documents[name].was_sent = False
        rows = [key for line in self.lines_of(name) for key in self.rows_on(line)]
        self.update_costs([self.rows[key].reverses or key for key in rows])

    def update_costs(self, claims):
        """What these claims of drafts cost now, and what their lines bill therefore."""
        claims = [
            key
            for key, row in self.rows.items()
            if key in claims and not row.reverses and self.is_live(key) and self.document_of(key).state == "draft"
        ]
        lines = dict.fromkeys(self.rows[key].line for key in claims)
        costs = {line: self.cost(line) for line in lines}
        for name in dict.fromkeys(self.rows[key].activity for key in claims):
            self._update_costs_of(name, [key for key in claims if self.rows[key].activity == name])
        self._print_again(claims)
        for line in lines:
            self._follow_cost(line, costs[line])

    def _update_costs_of(self, name, claims):
        activity = self.activities[name]
        quantity, standard, adjustment = self.left_without(name, claims)
        for key in claims:
            row = self.rows[key]
            covered, net_standard, net_adjustment = (self.net(key, n) for n in ("coverage", "standard", "adjustment"))
            if covered and activity.price is None:
                raise Refused("has no price", (name,), self.documents_of([key]))
            if not covered or covered > quantity:
                continue
            new_standard = part(standard, covered, quantity, activity.unit)
            new_adjustment = part(adjustment, covered, quantity, activity.unit)
            if covered != quantity:
                if (row.price or 0) == (activity.price or 0) and 0 <= net_standard <= standard:
                    new_standard = net_standard
                if min(adjustment, 0) <= net_adjustment <= max(adjustment, 0):
                    new_adjustment = net_adjustment
            row.standard += new_standard - net_standard
            row.adjustment += new_adjustment - net_adjustment
            quantity, standard = quantity - covered, standard - new_standard
            adjustment -= new_adjustment

    def cost(self, line):
        return sum((self.rows[key].standard + self.rows[key].adjustment for key in self.rows_on(line)), Fraction(0))

    def _follow_cost(self, key, former_cost):
        line, cost = self.lines[key], self.cost(key)
        if cost == former_cost:
            return
        if line.amount != former_cost:
            line.has_reason = False
            return
        line.amount, line.has_discount = cost, False
        for row in self.rows_on(key):
            self.rows[row].agreed = self.rows[row].standard + self.rows[row].adjustment

    # What is posted.

    def kinds_on(self, line):
        return {self.activities[self.rows[key].activity].kind for key in self.rows_on(line)}

    def check_exact(self, key):
        """A disbursement is billed at its exact cost, without tax, on its own account; nothing else like it."""
        line, is_exact = self.lines[key], {kind == "disbursement" for kind in self.kinds_on(key)}
        if not is_exact:
            return
        if len(is_exact) > 1 or is_exact != {line.is_exact}:
            raise Refused("has the account and the tax of something else", documents=(line.document,))
        if is_exact == {False}:
            return
        if not self.documents[line.document].is_credit:
            if line.has_discount or line.amount != self.cost(key):
                raise Refused("is not what disbursements cost", documents=(line.document,))
            return
        for credit in self.rows_on(key):
            row = self.rows[credit]
            others = [other for other in self.live_reversals(row.reverses) if other != credit]
            keys = [row.reverses, *others, credit]
            billed = sum(self.billed(other) for other in keys)
            if billed and billed != sum(self.rows[other].standard for other in keys):
                raise Refused("would be billed at something else", (row.activity,), self.documents_of(keys))

    def needs_reason(self, line):
        """Whether the line bills less or more than its work costs, beyond the threshold, for no reason."""
        rows = [self.rows[key] for key in self.rows_on(line)]
        if not rows or self.lines[line].has_reason:
            return False
        unit = self.documents[self.lines[line].document].unit
        expected = self.cost(line)
        return abs(self.lines[line].amount - expected) > to_step(REASON_THRESHOLD * abs(expected), unit)

    def post(self, name):
        document = self.documents[name]
        for line in self.lines_of(name):
            if document.is_credit:
                self._settle(line)
            self.check_exact(line)
            if not document.is_credit and self.needs_reason(line):
                raise Refused("needs a reason", documents=(name,))
        document.state, document.was_posted = "posted", True

    def take_off(self, keys):
        for line in dict.fromkeys(self.rows[key].line for key in keys):
            if self.documents[self.lines[line].document].state != "draft":
                raise Refused("is no longer a draft", self.activities_of(keys), self.documents_of(keys))
            kept = [key for key in self.rows_on(line) if key not in keys]
            amount = abs(sum(self.billed(key) for key in kept))
            if not kept:
                self.delete_lines([line])
                continue
            for key in set(self.rows_on(line)) - set(kept):
                if self.reversals(key):
                    raise Refused("is credited", self.activities_of([key]), self.documents_of([key]))
                del self.rows[key]
            self.lines[line].amount, self.lines[line].has_discount = amount, False

    def delete_lines(self, lines):
        rows = [key for line in lines for key in self.rows_on(line)]
        credited = [key for key in rows if set(self.reversals(key)) - set(rows)]
        if credited:
            raise Refused("is credited", self.activities_of(credited), self.documents_of(credited))
        for key in rows:
            del self.rows[key]
        for line in lines:
            del self.lines[line]

    def delete(self, name):
        self.delete_lines(self.lines_of(name))
        del self.documents[name]

    # Credit notes.

    def _beyond(self, claims):
        return Refused(
            "would be credited beyond what is left", self.activities_of(claims), self.documents_of(claims)
        )

    def _credit_values(self, claim, amount, release):
        """What a row that credits ``amount`` of ``claim`` is."""
        left, net = self.net_billed(claim), self.net(claim)
        activity = self.activities[self.rows[claim].activity]
        if amount > left:
            raise self._beyond([claim])
        quantity = Fraction(0)
        if release == "share" and net:
            # Work comes back in full for all that it was billed, and only then.
            share = to_step(net * amount / left, activity.step) if left else Fraction(0)
            quantity = net if amount == left else min(share, net - activity.step)
        # What comes back costs as much of its price as was credited of what it was billed.
        taken, whole = (amount, left) if left else (quantity, net)
        standard, adjustment = (
            part(self.net(claim, name), taken, whole, activity.unit) if quantity else Fraction(0)
            for name in ("standard", "adjustment")
        )
        return {
            "reverses": claim,
            "release": release,
            "client": self.rows[claim].client,
            "coverage": -quantity,
            "standard": -standard,
            "adjustment": -adjustment,
            "agreed": amount,
        }

    def _settle(self, line):
        """What a line gives back as it is posted."""
        keys = self.rows_on(line)
        if not keys:
            return
        amount, unit = self.lines[line].amount, self.documents[self.lines[line].document].unit
        lefts = [self.net_billed(self.rows[key].reverses) for key in keys]
        if amount > sum(lefts):
            raise self._beyond([self.rows[key].reverses for key in keys])
        agreed = [self.rows[key].agreed for key in keys]
        is_said = sum(agreed) == amount and all(map(lambda a, left: a <= left, agreed, lefts))
        amounts = agreed if is_said else share_out(amount, lefts, unit)
        for key, credited in zip(keys, amounts, strict=True):
            row = self.rows[key]
            release = row.release
            if release != "none":
                release = "share" if amount == sum(lefts) or (is_said and release == "share") else "unsaid"
            for name, value in self._credit_values(row.reverses, credited, release).items():
                setattr(row, name, value)

    def reverse(self, name, new):
        """A draft that gives back all that is left of an invoice, or bills again what a credit note gave back."""
        origin = self.documents[name]
        rows = [self.rows[key] for line in self.lines_of(name) for key in self.rows_on(line)]
        if any(row.reverses and not row.coverage for row in rows):
            raise Refused("lowered the price of work that stays billed", documents=(name,))
        self.documents[new] = Document(not origin.is_credit, origin.unit)
        if origin.is_credit or not self.has_work(name):
            for line in self.lines_of(name):
                self._reverse_rows(line, self._copy_line(line, new, self.lines[line].amount))
            self.update_costs([key for line in self.lines_of(new) for key in self.rows_on(line)])
            return
        chosen = False
        for line in self.lines_of(name):
            creditable, left = self._creditable(line)
            if creditable:
                new_line = self._copy_line(line, new, left)
                self._reverse_rows(line, new_line)
                chosen = True
            elif not self.rows_on(line) and not self.lines[line].amount:
                self._copy_line(line, new, Fraction(0))
        if not chosen:
            raise Refused("nothing is left to credit", documents=(name,))

    def _copy_line(self, key, document, amount):
        """A line like that of another document; an invoice bills it again for the same reason."""
        line = self.lines[key]
        same = [line, *filter(None, [self.lines.get(line.origin)])]
        has_reason = not self.documents[document].is_credit and any(other.has_reason for other in same)
        return self.add_line(document, amount, origin=key, has_reason=has_reason, is_exact=line.is_exact)

    def reverse_in_part(self, name, new, amounts, release):
        """What the window of Odoo's reversal makes of the amounts typed for the ticked claims."""
        self.reverse(name, new)
        for line in self.lines_of(new):
            keys = self.rows_on(line)
            credits = []
            for claim in [self.rows[key].reverses for key in keys if self.rows[key].reverses in amounts]:
                amount, left = amounts[claim], self.net_billed(claim)
                if amount > left:
                    raise self._beyond([claim])
                if amount or not left:
                    credits.append((claim, amount, release))
            if credits:
                self.choose(line, credits)
            elif keys:
                self.delete_lines([line])
        if not self.has_work(new) and not any(self.lines[line].amount for line in self.lines_of(new)):
            raise Refused("nothing is ticked", documents=(name,))

    def has_work(self, name):
        return any(self.rows_on(line) for line in self.lines_of(name))

    def _creditable(self, line):
        """Whether something is left to credit of a line of an invoice, and how much."""
        claims = [key for key in self.rows_on(line) if self.net(key) or self.net_billed(key)]
        if self.rows_on(line):
            return bool(claims), sum((self.net_billed(key) for key in claims), Fraction(0))
        credited = sum(
            other.amount
            for other in self.lines.values()
            if other.origin == line
            and self.documents[other.document].is_credit
            and self.documents[other.document].state == "posted"
        )
        left = self.lines[line].amount - credited
        return bool(left), left

    def _reverse_rows(self, line, new_line):
        for key in self.rows_on(line):
            row = self.rows[key]
            if row.reverses:
                self._claim_again(key, new_line, -1)
            elif self.net(key) or self.net_billed(key):
                values = self._credit_values(key, self.net_billed(key), "share")
                self.add_row(row.activity, line=new_line, **values)

    def _claim_again(self, key, line, sign):
        row = self.rows[key]
        self.add_row(
            row.activity,
            line=line,
            client=row.client,
            coverage=sign * row.coverage,
            standard=sign * row.standard,
            adjustment=sign * row.adjustment,
            agreed=row.agreed,
        )

    def replace(self, name, reversal, replacement):
        """A posted document that reverses all of it, and a draft like it with the same work."""
        origin = self.documents[name]
        if origin.is_credit and self.has_work(name):
            raise Refused("gives work back", documents=(name,))
        if self.has_work(name):
            creditable = [self._creditable(line) for line in self.lines_of(name)]
            if not any(is_left for is_left, _left in creditable):
                raise Refused("nothing is left to credit", documents=(name,))
            billed = sum(self.lines[line].amount for line in self.lines_of(name))
            if sum(left for _is_left, left in creditable) != billed:
                raise Refused("is credited in part", documents=(name,))
        self.documents[reversal] = Document(not origin.is_credit, origin.unit, "posted", True)
        self.documents[replacement] = Document(origin.is_credit, origin.unit)
        for line in self.lines_of(name):
            amount = self.lines[line].amount
            self._reverse_rows(line, self._copy_line(line, reversal, amount))
            new_line = self._copy_line(line, replacement, amount)
            for key in self.rows_on(line):
                if not self.rows[key].reverses:
                    self._claim_again(key, new_line, 1)
        self.update_costs([key for line in self.lines_of(replacement) for key in self.rows_on(line)])

    def choose(self, line, credits):
        """Say which work a line of a credit note is about: [(claim, amount, release)]."""
        document, total = self.documents[self.lines[line].document], sum(amount for _claim, amount, _r in credits)
        if document.state == "posted":
            if total != self.lines[line].amount:
                raise Refused("is not what the line credits", documents=(self.lines[line].document,))
            said = [key for key in self.rows_on(line) if self.rows[key].release != "unsaid"]
            if said:
                raise Refused("was said before", self.activities_of(said), self.documents_of(said))
        claims = [self.rows[key].reverses for key in self.rows_on(line)]
        for key in self.rows_on(line):
            del self.rows[key]
        if self.problems():
            # What was credited after it has given the work back in full: there is nothing to say any more.
            raise Refused("was made up by another credit", self.activities_of(claims), self.documents_of(claims))
        values = [(claim, self._credit_values(claim, amount, release)) for claim, amount, release in credits]
        for claim, row in values:
            self.add_row(self.rows[claim].activity, line=line, **row)
        self.lines[line].amount = total
        is_exact = {kind == "disbursement" for kind in self.kinds_on(line)}
        if document.state == "posted":
            self.check_exact(line)
        elif len(is_exact) == 1:
            (self.lines[line].is_exact,) = is_exact
