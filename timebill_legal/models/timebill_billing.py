from dataclasses import dataclass, field
from functools import cached_property

from odoo import api, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tools.misc import clean_context

from ..lib.money import to_decimal
from ..tools.by_program import BY_PROGRAM
from ..tools.creating import create_sudo


@dataclass
class BillingLine:
    """Line of an invoice that is prepared.

    :ivar key: names the line within its invoice; its rows find the line that was created by it
    :ivar values: values of account.move.line, without key, sequence and company; ``tax_ids``, if any, is
        ``[Command.set(ids)]``
    :ivar section: code of its section, see ``timebill.kind``; empty for none
    :ivar matter: timebill.matter under whose title it stands where an invoice bills several; None for none
    :ivar rows: values of timebill.allocation, without ``move_line_id``
    :ivar is_extra: it bills no choice; stands after those that do
    """

    key: str
    values: dict
    section: str = ""
    matter: models.BaseModel | None = None
    rows: list[dict] = field(default_factory=list)
    is_extra: bool = True


@dataclass
class BillingGroup:
    """Choices that go on one invoice, and that invoice as it is prepared.

    :ivar grouping: what the choices have in common, see ``_get_invoice_grouping_values``
    :ivar choices: records of a model that inherits timebill.billing.choice.mixin
    :ivar common_values: values of account.move that the caller wants, on every invoice of the run
    :ivar parts: {choice: part}, see ``_prepare_part_values``
    :ivar problems: why there is no invoice, each naming its activity
    :ivar lines: [:class:`BillingLine`] in their order, titles of sections apart
    :ivar contact: res.partner who receives the invoice
    :ivar fiscal_position: account.fiscal.position of the invoice
    :ivar sections: {code: Section} in their order, see ``timebill.kind``, in the language of the contact
    :ivar amount_untaxed: total of the invoice
    :ivar amount_tax: taxes of the invoice
    :ivar values: values of account.move
    :ivar move: account.move, the draft, once it is created
    """

    grouping: dict
    choices: models.BaseModel
    common_values: dict
    parts: dict = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)
    lines: list[BillingLine] = field(default_factory=list)
    contact: models.BaseModel | None = None
    fiscal_position: models.BaseModel | None = None
    sections: dict = field(default_factory=dict)
    amount_untaxed: float = 0.0
    amount_tax: float = 0.0
    values: dict = field(default_factory=dict)
    move: models.BaseModel | None = None

    @property
    def company(self):
        return self.grouping["company_id"]

    @property
    def payer(self):
        return self.grouping["payer_id"]

    @property
    def currency(self):
        return self.grouping["currency_id"]

    @cached_property
    def matters(self):
        return self.choices.activity_id.matter_id


@dataclass(frozen=True)
class BillingResult:
    """What became of the choices of one invoice.

    :ivar move: account.move, the draft; empty if there are problems
    :ivar problems: why there is no invoice, each naming its activity
    """

    choices: models.BaseModel
    move: models.BaseModel
    problems: list[str]


class TimebillBilling(models.AbstractModel):
    """Turns choices of what to bill into draft customer invoices.

    How it works
    ============
    1. The activities are locked and read again. The choices (records of any model that inherits
       ``timebill.billing.choice.mixin``) are grouped by invoice, and checked one after the other: several choices of
       an activity share what is left of it.
    2. Each invoice without problems is prepared: values of the lines that bill its choices, extra lines, titles of
       sections, amounts.
    3. One ``account.move.create`` makes all invoices, one ``create`` the rows of the ledger, which find their lines
       by the key of each line.

    An invoice is made whole or not at all; the others do not depend on it.

    The parts are in three files: this one (from choices to invoices), ``timebill_billing_line.py`` (what a line bills
    and prints) and ``timebill_billing_amounts.py`` (taxes and totals). What may be overridden is listed in
    ``docs/architecture.md``.
    """

    _name = "timebill.billing"
    _description = "Billing of Activities"

    #=== ENTRIES ===#

    @api.model
    def _create_invoices(self, choices, common_values=None):
        """Create the draft invoices of ``choices``, each by itself.

        :param choices: records of a model that inherits timebill.billing.choice.mixin
        :param common_values: values of account.move for every invoice (dates, terms, contact…)
        :return: [:class:`BillingResult`], one for each invoice, with it or with its problems
        :raises AccessError: the user may not read the choices or the activities, or not create invoices
        """
        groups = self._prepare_checked_groups(choices, common_values)
        self._create_moves_apart([group for group in groups if not group.problems])
        no_move = self.env["account.move"]
        return [BillingResult(group.choices, group.move or no_move, group.problems) for group in groups]

    @api.model
    def _create_all_invoices(self, choices, common_values=None):
        """Create the draft invoices of ``choices``, all of them or none.

        Parameters as for :meth:`_create_invoices`.

        :return: account.move, the drafts
        :raises UserError: naming each activity that cannot be billed, and why
        """
        if not choices:
            raise UserError(self.env._("Select at least one activity to bill."))
        groups = self._prepare_checked_groups(choices, common_values)
        if problems := [problem for group in groups for problem in group.problems]:
            raise UserError(
                "\n".join([self.env._("These activities cannot be billed; no invoice was created."), *problems])
            )
        return self._create_moves(groups)

    @api.model
    def _preview_invoices(self, choices, common_values=None):
        """Prepare the invoices that ``choices`` would give; nothing is locked, checked or created.

        Parameters as for :meth:`_create_invoices`.

        :return: [:class:`BillingGroup`], one for each invoice, with its lines and amounts
        """
        groups = self._get_groups(choices, common_values)
        lefts = {}
        for choice, group in self._get_group_of_choices(choices, groups):
            group.parts[choice] = self._take_part(choice, lefts)
        return [self._prepare_group(group) for group in groups]

    #=== LOCK AND CHECK ===#

    @api.model
    def _lock(self, activities):
        """Lock ``activities`` against concurrent billing and editing.

        :raises UserError: somebody else holds them
        """
        if busy := self._try_lock(activities):
            raise UserError(
                self.env._(
                    "Another user is billing or changing these activities: %s. Wait a moment, then try again.",
                    ", ".join(busy.mapped("display_name")),
                )
            )

    @api.model
    def _try_lock(self, activities):
        """Lock ``activities`` and read them again.

        :return: those that somebody else holds
        """
        activities.check_access("read")
        # sudo: the lock changes nothing; billing users bill activities that only the timekeeper can edit
        free = activities.sudo().try_lock_for_update(allow_referencing=True)
        activities.invalidate_recordset()
        return activities - free.sudo(False)

    @api.model
    def _prepare_checked_groups(self, choices, common_values):
        """
        :return: [:class:`BillingGroup`], prepared or with problems
        """
        busy = self._try_lock(choices.activity_id)
        groups = self._get_groups(choices, common_values)
        lefts = {}
        for choice, group in self._get_group_of_choices(choices, groups):
            activity = choice.activity_id
            if activity in busy:
                problem = self.env._("another user is billing or changing it, try again in a moment")
            else:
                problem = choice._get_problem(self._get_left(activity, lefts))
            if problem:
                group.problems += activity._format_problems(lambda _activity, problem=problem: problem)
            else:
                group.parts[choice] = self._take_part(choice, lefts)
        for group in groups:
            if not group.problems:
                group.problems += self._prepare_or_refuse(group)
        return groups

    @api.model
    def _prepare_or_refuse(self, group):
        """Prepare the invoice of ``group``.

        :return: its problems
        """
        try:
            self._prepare_group(group)
        except AccessError:
            raise  # not about this invoice, but about who makes it
        except UserError as error:
            return [str(error)]
        return self._get_invoice_problems(group)

    @api.model
    def _get_groups(self, choices, common_values):
        grouped = choices.grouped(lambda choice: tuple(choice._get_invoice_grouping_values().items()))
        return [BillingGroup(dict(values), of_invoice, common_values or {}) for values, of_invoice in grouped.items()]

    @api.model
    def _get_group_of_choices(self, choices, groups):
        """
        :return: [(choice, its group)] in the order of ``choices``
        """
        group_of = {choice: group for group in groups for choice in group.choices}
        return [(choice, group_of[choice]) for choice in choices]

    @api.model
    def _get_left(self, activity, lefts):
        """The part that bills all that is left of ``activity``.

        :param lefts: {activity: what the run leaves}, filled here
        """
        if activity not in lefts:
            lefts[activity] = activity._prepare_part_values(activity._get_remaining_quantity())
        return lefts[activity]

    @api.model
    def _take_part(self, choice, lefts):
        """The part that ``choice`` bills, taken off what is left for the next choice of its activity."""
        left = self._get_left(choice.activity_id, lefts)
        part = choice._prepare_part_values(left)
        lefts[choice.activity_id] = {
            name: float(to_decimal(value) - to_decimal(part[name])) for name, value in left.items()
        }
        return part

    @api.model
    def _get_invoice_problems(self, group):
        """Why the prepared invoice of ``group`` cannot be made.

        :return: [sentence without a full stop]
        """
        if group.currency.compare_amounts(group.amount_untaxed + group.amount_tax, 0) < 0:
            return [self.env._("%s: the total of the invoice would be negative", group.payer.display_name)]
        return []

    #=== PREPARE METHODS ===#

    @api.model
    def _prepare_group(self, group):
        """Fill in what the invoice of ``group`` will be, in the language of who receives it.

        :return: ``group``
        :raises ValueError: two lines have the same key
        """
        group.contact = self._get_contact(group)
        lang = group.contact.lang or self.env.lang
        billing = self.with_company(group.company).with_context(lang=lang)
        group.choices = group.choices.with_env(billing.env)
        group.contact = group.contact.with_env(billing.env)
        group.fiscal_position = billing.env["account.fiscal.position"]._get_fiscal_position(group.contact)
        group.sections = {section.code: section for section in billing.env["timebill.kind"]._get_sections()}
        group.lines = billing._prepare_work_lines(group)
        group.lines += billing._prepare_extra_lines(group)
        if len({line.key for line in group.lines}) < len(group.lines):
            raise ValueError(f"Two lines of one key: {', '.join(sorted(line.key for line in group.lines))}")
        group.lines.sort(key=lambda line: billing._get_line_place(group, line))
        group.values = billing._prepare_invoice_values(group)
        billing._add_amounts(group)
        line_values = billing._prepare_all_line_values(group)
        group.values["invoice_line_ids"] = [Command.create(values) for values in line_values]
        return group

    @api.model
    def _prepare_invoice_values(self, group):
        """Values of account.move, without its lines."""
        return {
            "move_type": "out_invoice",
            "currency_id": group.currency.id,
            "company_id": group.company.id,
            "invoice_user_id": group.matters[:1].responsible_id.id,
            "invoice_origin": ", ".join(sorted(group.matters.mapped("reference"))),
            "fiscal_position_id": group.fiscal_position.id,
            **group.common_values,
            "partner_id": group.contact.id,
        }

    @api.model
    def _get_contact(self, group):
        """Who receives the invoice of ``group`` (res.partner)."""
        contact_id = group.common_values.get("partner_id") or (
            group.payer and group.payer.address_get(["invoice"])["invoice"]
        )
        return self.env["res.partner"].browse(contact_id)

    #=== CREATE METHODS ===#

    @api.model
    def _create_moves_apart(self, groups):
        """Create the drafts of ``groups``; what Odoo refuses becomes a problem of its own invoice."""
        if not groups:
            return
        try:
            with self.env.cr.savepoint():
                self._create_moves(groups)
        except AccessError:
            raise
        except UserError as error:
            for group in groups:
                group.move = None
            if len(groups) == 1:
                groups[0].problems.append(str(error))
                return
            for group in groups:
                self._create_moves_apart([group])

    @api.model
    def _create_moves(self, groups):
        """Create the drafts of ``groups`` and their rows of the ledger.

        :return: account.move
        """
        # Not with_context(), which would keep the defaults that are meant for the window.
        context = {
            **clean_context(self.env.context),
            "mail_auto_subscribe_no_notify": True,
            "timebill_by_program": BY_PROGRAM,
        }
        moves = self.env(context=context)["account.move"].create([group.values for group in groups])
        rows = []
        for group, move in zip(groups, moves.with_env(self.env), strict=True):
            group.move = move
            rows += self._join_rows(group)
        # sudo: only this code writes the ledger; the rights on activities were checked when they were locked, those on
        # invoices when they were created
        create_sudo(self.env["timebill.allocation"], rows)
        for group in groups:
            group.choices.with_env(self.env)._after_billing(group.move)
        return moves.with_env(self.env)

    @api.model
    def _join_rows(self, group):
        """Values of the rows of ``group``, on the lines that were created.

        :raises ValueError: something else deleted a line that bills work, or used its key
        """
        keyed = group.move.invoice_line_ids.filtered(lambda line: line.timebill_key and line.display_type == "product")
        lines = {line.timebill_key: line for line in keyed}
        if len(lines) < len(keyed):
            raise ValueError(f"Several lines of {group.move} have the same key")
        if lost := [line.key for line in group.lines if line.rows and line.key not in lines]:
            raise ValueError(f"No line of {group.move} has the key of what it bills: {', '.join(lost)}")
        return [{**row, "move_line_id": lines[line.key].id} for line in group.lines for row in line.rows]
