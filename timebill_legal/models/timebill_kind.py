from dataclasses import dataclass

from odoo import api, fields, models
from odoo.tools import ormcache


@dataclass(frozen=True)
class Kind:
    """One kind of billable work.

    :ivar code: value of the fields ``kind``
    :ivar label: name of the kind
    :ivar entry_label: name in the menus *New activity*
    :ivar command_label: name in the command palette
    :ivar section: code of the section of the invoice under which it is billed, see :class:`Section`
    :ivar is_timed: measured in whole minutes, at an hourly price; otherwise in units
    :ivar is_cost: its price is what the firm paid; a source document of it is charged once
    :ivar is_exact: billed at its exact cost: no rate applies, no discount is granted (CGI art. 267, II-2°)
    :ivar setup: code of the kind whose account and tax it uses in the settings of the company; empty for its own
    """

    code: str
    label: str = ""
    entry_label: str = ""
    command_label: str = ""
    section: str = ""
    is_timed: bool = False
    is_cost: bool = False
    is_exact: bool = False
    setup: str = ""


@dataclass(frozen=True)
class Section:
    """One section of the invoice.

    :ivar code: what :attr:`Kind.section` refers to
    :ivar label: title over the lines of the invoice
    :ivar detail_label: title over the detail of the work
    :ivar is_work: the detail shows the timekeeper, the time and the hourly rate
    """

    code: str
    label: str
    detail_label: str
    is_work: bool = False


#: What a record without a kind yet behaves like.
NO_KIND = Kind("")


class TimebillKind(models.AbstractModel):
    """The table of kinds, which models, SQL, reports and the web client read.

    An add-on that brings a kind extends :meth:`_get_kinds`, and :meth:`_get_sections` for a section of its own.
    """

    _name = "timebill.kind"
    _description = "Kind of Activity"

    @api.model
    def _get_kinds(self):
        """Kinds in the order in which they are shown.

        :return: list of :class:`Kind`, with labels in the language of the context
        """
        return [
            Kind("time", self.env._("Time"), self.env._("Time"), self.env._("Enter time"), "fees", is_timed=True),
            Kind("service", self.env._("Service"), self.env._("Service"), self.env._("Enter a service"), "fees"),
            Kind(
                "expense",
                self.env._("Expense"),
                self.env._("Expense (with VAT)"),
                self.env._("Enter an expense"),
                "expenses",
                is_cost=True,
            ),
            Kind(
                "disbursement",
                self.env._("Disbursement"),
                self.env._("Disbursement (no VAT)"),
                self.env._("Enter a disbursement"),
                "disbursements",
                is_cost=True,
                is_exact=True,
            ),
        ]

    @api.model
    def _get_sections(self):
        """Sections in their order on the invoice: a lawyer's account shows fees, expenses and disbursements apart
        (décret n° 2005-790 art. 12, kept by RIN art. 11-7).

        :return: list of :class:`Section`, with labels in the language of the context
        """
        return [
            Section("fees", self.env._("Fees"), self.env._("Detail of work"), is_work=True),
            Section("expenses", self.env._("Expenses"), self.env._("Detail of expenses")),
            Section("disbursements", self.env._("Disbursements (no VAT)"), self.env._("Detail of disbursements")),
        ]

    @api.model
    @ormcache("self.env.lang")
    def _get_by_code(self):
        """The kinds by their codes."""
        return {kind.code: kind for kind in self._get_kinds()}

    @api.model
    def _get(self, code):
        """The kind of that code; one of which nothing is true for an empty code."""
        return self._get_by_code().get(code, NO_KIND)

    @api.model
    def _get_codes(self, condition):
        """Codes of the kinds that meet ``condition``, a function of a :class:`Kind`."""
        return [kind.code for kind in self._get_by_code().values() if condition(kind)]

    @api.model
    def _get_selection(self):
        return [(kind.code, kind.label) for kind in self._get_by_code().values()]

    @api.model
    def _get_session_info(self):
        """What the web client has to know of each kind."""
        return [
            {
                "kind": kind.code,
                "label": kind.label,
                "entry_label": kind.entry_label or kind.label,
                "command_label": kind.command_label or kind.label,
                "is_timed": kind.is_timed,
                "is_cost": kind.is_cost,
            }
            for kind in self._get_by_code().values()
        ]


class TimebillKindMixin(models.AbstractModel):
    """Records of one kind of work, with what the kind implies for views and Python."""

    _name = "timebill.kind.mixin"
    _description = "Record with a Kind of Activity"

    kind = fields.Selection(lambda self: self.env["timebill.kind"]._get_selection())
    is_timed = fields.Boolean(compute="_compute_kind_flags", export_string_translation=False)
    is_exact = fields.Boolean(compute="_compute_kind_flags", export_string_translation=False)
    # Apart from the others: the activity stores it, for its unique index of sources.
    is_cost = fields.Boolean(compute="_compute_is_cost", export_string_translation=False)

    @api.depends("kind")
    def _compute_kind_flags(self):
        for record in self:
            kind = record._get_kind()
            record.is_timed = kind.is_timed
            record.is_exact = kind.is_exact

    @api.depends("kind")
    def _compute_is_cost(self):
        for record in self:
            record.is_cost = record._get_kind().is_cost

    def _get_kind(self):
        """What the kind of this record implies, see :class:`Kind`."""
        self.ensure_one()
        return self.env["timebill.kind"]._get(self.kind)
