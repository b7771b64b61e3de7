from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Domain

from ..tools.changes import would_change
from ..tools.rates_access import check_may_set_rates

#: Fields that decide on the prices of the work.
RATE_FIELDS = ("rate_list_id", "rounding_id")


class TimebillMatter(models.Model):
    """Case or file that a firm opens for its clients. Every billable activity belongs to a matter.

    Split by subject: billing figures and actions (``timebill_matter_billing``), team (``timebill_matter_team``), names
    of confidential matters (``timebill_matter_confidential``), analytic account and projects
    (``timebill_matter_project``), search (``timebill_matter_search``).
    """

    _name = "timebill.matter"
    _description = "Matter"
    _inherit = ["mail.thread", "mail.activity.mixin", "timebill.capture.mixin"]
    _order = "reference desc, id desc"
    _rec_names_search = [
        "reference",
        "name",
        "client_ids.partner_id.complete_name",
        "party_ids.partner_id.complete_name",
    ]
    _check_company_auto = True
    _mail_post_access = "read"

    # Set on creation (also by an import) and never changed afterwards: see ``_check_fixed_fields``.
    reference = fields.Char(required=True, copy=False, index="trigram", default="/")
    name = fields.Char("Title", required=True, tracking=True, index="trigram")
    active = fields.Boolean(default=True, tracking=True)
    company_id = fields.Many2one(
        "res.company", required=True, index=True, readonly=True, default=lambda self: self.env.company
    )
    currency_id = fields.Many2one(
        "res.currency", required=True, default=lambda self: self.env.company.currency_id, tracking=True
    )
    state = fields.Selection(
        [("open", "Open"), ("closed", "Closed")], required=True, default="open", index=True, tracking=True, copy=False
    )
    internal = fields.Boolean(
        help="Work of the firm for itself (training, administration): it has no client and is never billed."
    )
    date_open = fields.Date("Opened on", default=fields.Date.context_today, copy=False)
    date_closed = fields.Date("Closed on", readonly=True, copy=False)
    responsible_id = fields.Many2one(
        "res.users",
        "Responsible Lawyer",
        required=True,
        default=lambda self: self.env.user,
        domain=[("share", "=", False)],
        index=True,
        tracking=True,
    )
    # Declared before the clients and parties: Odoo creates rows in this order, and the record rules allow those of a
    # confidential matter to members of its team only.
    confidential = fields.Boolean(
        tracking=True, help="Only the team of the matter can see it, its activities and its project."
    )
    member_ids = fields.Many2many(
        "res.users", string="Team", domain="[('share', '=', False)]", copy=False, tracking=True
    )
    client_ids = fields.One2many("timebill.matter.client", "matter_id", "Clients", copy=True)
    partner_ids = fields.Many2many(
        "res.partner", string="Client", compute="_compute_partner_ids", search="_search_partner_ids"
    )
    party_ids = fields.One2many("timebill.matter.party", "matter_id", "Parties", copy=True)
    rate_list_id = fields.Many2one(
        "timebill.rate.list",
        domain="[('currency_id', '=', currency_id)]",
        index="btree_not_null",
        check_company=True,
        tracking=True,
    )
    rounding_id = fields.Many2one(
        "timebill.rounding",
        "Rounding of Billable Time",
        ondelete="restrict",
        index="btree_not_null",
        tracking=True,
        help="Applies to new entries only; recorded activities stay unchanged.",
    )
    practice_area_id = fields.Many2one(
        "timebill.practice.area", ondelete="restrict", index="btree_not_null", tracking=True
    )
    opponent_ids = fields.Many2many("res.partner", compute="_compute_opponent_ids")
    note = fields.Html("Internal Note")

    _reference_uniq = models.UniqueIndex("(company_id, reference)", "This matter reference is already used.")

    #=== COMPUTE METHODS ===#

    @api.depends("client_ids.partner_id")
    def _compute_partner_ids(self):
        for matter in self:
            matter.partner_ids = matter.client_ids.partner_id

    def _search_partner_ids(self, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        domain = Domain("client_ids.partner_id", operator, value)
        return domain | Domain("client_ids", "=", False) if operator == "in" and False in value else domain

    @api.depends("party_ids.partner_id", "party_ids.role_id")
    def _compute_opponent_ids(self):
        role = self.env.ref("timebill_legal.party_role_opponent", raise_if_not_found=False)
        for matter in self:
            matter.opponent_ids = matter.party_ids.filtered(lambda party: party.role_id == role).partner_id

    #=== CONSTRAINTS ===#

    @api.constrains("internal")
    def _check_internal_without_billable_work(self):
        internal = self.filtered("internal")
        # sudo: activities that the user cannot read count as well; only their existence is revealed
        Activity = self.env["timebill.activity"].sudo()
        if found := Activity.search([("matter_id", "in", internal.ids), ("billable", "=", True)], limit=1):
            raise ValidationError(
                self.env._(
                    "The matter %s has billable activities and cannot become internal. Open another matter for work"
                    " of the firm for itself.",
                    found.matter_id.sudo(False).display_name,
                )
            )

    @api.constrains("name", "internal", "client_ids")  # "name" is required, so that every creation is checked
    def _check_clients(self):
        for matter in self:
            if matter.internal and matter.client_ids:
                raise ValidationError(
                    self.env._(
                        "The matter %s is internal: it cannot have clients. Remove them or untick “Internal”.",
                        matter.display_name,
                    )
                )
            if not matter.internal and not matter.client_ids:
                raise ValidationError(
                    self.env._(
                        "The matter %s needs at least one client. Add one, or tick “Internal” for work of the firm"
                        " for itself.",
                        matter.display_name,
                    )
                )

    @api.constrains("rate_list_id", "currency_id")
    def _check_rate_list_currency(self):
        for matter in self:
            if matter.rate_list_id and matter.rate_list_id.currency_id != matter.currency_id:
                raise ValidationError(
                    self.env._(
                        "The rate list “%(list)s” is in %(list_currency)s, the matter %(matter)s in %(currency)s."
                        " Choose a list in the currency of the matter.",
                        list=matter.rate_list_id.name,
                        list_currency=matter.rate_list_id.currency_id.name,
                        matter=matter.display_name,
                        currency=matter.currency_id.name,
                    )
                )

    #=== CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        self._timebill_check_client_values(vals_list, is_form=False)
        self.check_access("create")  # before a number of the sequence is consumed
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            check_may_set_rates(self.browse(), vals, RATE_FIELDS)
            if vals.get("reference", "/") == "/":
                company = self.env["res.company"].browse(vals.get("company_id")) or self.env.company
                vals["reference"] = self._get_next_reference(company, vals.get("date_open"))
            # Add the creator: otherwise she could not read the confidential matter that she has just created.
            team = {self.env.uid, vals.get("responsible_id") or self.env.uid}
            vals["member_ids"] = [*(vals.get("member_ids") or []), *(Command.link(user_id) for user_id in team)]
        matters = super().create(vals_list)
        matters._create_analytic_accounts()
        project = self.env["project.project"].browse(self.env.context.get("timebill_project_id"))
        if project and len(matters) == 1:
            matters._adopt_project(project)
        else:
            matters.filtered(lambda m: m.company_id.timebill_matter_project)._create_projects()
        return matters

    def write(self, vals):
        # Rights first, on the state before: what follows adds users to the team.
        self.check_access("write")
        self._timebill_check_client_values([vals], is_form=False)
        self._check_fixed_fields(vals)
        self._check_may_change_team(vals)
        check_may_set_rates(self, vals, RATE_FIELDS)
        vals = dict(vals)
        if vals.get("currency_id"):
            self._check_no_priced_activity(vals["currency_id"])
        if "state" in vals:
            vals["date_closed"] = fields.Date.context_today(self) if vals["state"] == "closed" else False
        if vals.get("responsible_id"):
            vals["member_ids"] = [*(vals.get("member_ids") or []), Command.link(vals["responsible_id"])]
        if vals.get("confidential"):
            self._check_may_hide_projects()
            self._complete_team()
        former_titles = set(self.mapped("name")) if "name" in vals else ()
        with self._log_team_changes(vals):
            res = super().write(vals)
        if not {"name", "confidential"}.isdisjoint(vals):
            self._sync_private_names(former_titles)
        elif "member_ids" in vals:
            self.filtered("confidential")._sync_followers()
        return res

    def copy(self, default=None):
        """Users who may not set rates copy them with the matter."""
        kept = {name: False for name in RATE_FIELDS if name not in (default or {})}
        if self.env.su or self.env.user.has_group("timebill_legal.group_amounts"):
            return super().copy(default)
        copies = super().copy({**(default or {}), **kept})
        for matter, copied in zip(self, copies, strict=True):
            # sudo: the rates are those of a matter that the user has just copied
            copied.sudo().write({name: matter[name].id for name in kept})
        return copies

    def _timebill_is_program_only(self, name):
        """The closing date follows the state, see ``write``."""
        return name != "date_closed" and super()._timebill_is_program_only(name)

    def _check_fixed_fields(self, vals):
        """Refuse changes of fields that ``readonly`` protects in views only: invoices and accounts rely on them.

        :param vals: values to write
        :raises AccessError: when such a field of one of these matters would change
        """
        if self.env.su:
            return
        for name in {"reference", "company_id", "analytic_account_id", "date_closed"}.intersection(vals):
            for matter in self:
                if would_change(matter, name, vals[name]):
                    raise AccessError(
                        self.env._(
                            "“%(field)s” of the matter %(matter)s cannot be changed.",
                            field=self._fields[name]._description_string(self.env),
                            matter=matter.display_name,
                        )
                    )

    @api.model
    def _get_next_reference(self, company, date):
        """Next number of the year; numbers that imported matters already use are skipped."""
        sequence = self.env["ir.sequence"].with_company(company)
        while True:
            reference = sequence.next_by_code("timebill.matter", sequence_date=date)
            # sudo: references of matters that the user cannot read are taken as well
            if not self.sudo().with_context(active_test=False).search_count(
                [("company_id", "=", company.id), ("reference", "=", reference)], limit=1
            ):
                return reference

    @api.ondelete(at_uninstall=False)
    def _unlink_except_used(self):
        for matter in self:
            if matter._has_recorded_work():
                raise UserError(
                    self.env._(
                        "The matter %s has activities and cannot be deleted. Close or archive it instead.",
                        matter.display_name,
                    )
                )
            if matter.sudo().log_ids:  # sudo: its existence alone counts
                raise UserError(
                    self.env._(
                        "The matter %s has a log of access and cannot be deleted. Close or archive it instead.",
                        matter.display_name,
                    )
                )
            if matter.sudo().project_ids:  # sudo: projects that the user cannot read count as well
                raise UserError(
                    self.env._(
                        "The matter %s has a project and cannot be deleted. Delete the project first, or archive the"
                        " matter.",
                        matter.display_name,
                    )
                )

    #=== ACTION METHODS ===#

    def action_close(self):
        self.write({"state": "closed"})

    def action_reopen(self):
        self.write({"state": "open"})

    #=== BUSINESS METHODS ===#

    def _creation_message(self):
        self.ensure_one()
        return self.env._("Matter opened")

    def _timebill_prepare_activity_defaults(self, kind):
        return {"matter_id": self.id}

    @api.model
    def _get_entry_domain(self):
        """Domain of the matters offered for new activities: open, and either internal or with an active client."""
        active_client = Domain("partner_id.active", "=", True) & Domain("inactive", "=", False)
        has_client = Domain("internal", "=", True) | Domain("client_ids", "any", active_client)
        return Domain("state", "=", "open") & has_client

    def _get_entry_problem(self):
        """Why an activity cannot be entered on this matter without a question to the user.

        :return: str, or False; an empty recordset stands for a matter that is not known
        """
        if not self:
            return self.env._("which matter?")
        if self.state != "open" or not self.active:
            return self.env._("the matter %s is closed", self.display_name)
        if not self.filtered_domain(self._get_entry_domain()):
            return self.env._("the matter %s has no active client", self.display_name)
        return False

    def _get_active_clients(self):
        """Partners to whom new activities of these matters can be assigned and billed."""
        return self.client_ids.filtered(lambda client: not client.inactive).partner_id

    def _get_common_label(self):
        """“Common”, with the clients who share the work of this matter."""
        names = ", ".join(client.name or client.display_name for client in self._get_active_clients())
        return self.env._("Common (%s)", names) if names else self.env._("Common")

    def _check_open_for_entry(self):
        """Only billing users and managers may enter activities on closed matters.

        :raises UserError: when one of these matters is closed for the user
        """
        self.check_access("read")
        closed = self.filtered(lambda m: m.state == "closed" or not m.active)
        if closed and not self.env.su and not self.env.user.has_group("timebill_legal.group_billing"):
            raise UserError(
                self.env._(
                    "The matter %s is closed. Reopen it first, or ask a billing user or a manager to enter this"
                    " activity.",
                    ", ".join(closed.mapped("display_name")),
                )
            )
