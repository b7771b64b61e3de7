from markupsafe import Markup
from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import SQL, format_amount


class TimebillMatter(models.Model):
    """File that a firm opens for its clients; everything billable belongs to one."""

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

    # Written when a matter is opened, as by an import, and never again: see ``_check_fixed_fields``.
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
    confidential = fields.Boolean(
        tracking=True, help="Only the team of the matter can see it, its activities and its project."
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
    member_ids = fields.Many2many("res.users", string="Team", domain="[('share', '=', False)]", copy=False)
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
        help="What is recorded stays as it is: the rule applies to what is entered from now on.",
    )
    practice_area_id = fields.Many2one(
        "timebill.practice.area", ondelete="restrict", index="btree_not_null", tracking=True
    )
    opponent_ids = fields.Many2many("res.partner", compute="_compute_opponent_ids")
    note = fields.Html("Internal Note")
    analytic_account_id = fields.Many2one(
        "account.analytic.account", readonly=True, copy=False, ondelete="restrict", index="btree_not_null"
    )
    project_ids = fields.One2many(
        "project.project", "timebill_matter_id", "Projects", domain=[("is_template", "=", False)]
    )
    project_count = fields.Integer(compute="_compute_project_count", export_string_translation=False)
    billing_activity_ids = fields.One2many("timebill.activity", "matter_id", "Billable Activities")
    activity_total = fields.Integer(
        "Number of Activities", compute="_compute_activity_total", export_string_translation=False
    )
    date_last_activity = fields.Date("Last Activity", compute="_compute_date_last_activity")
    amount_to_bill = fields.Monetary(
        "To Bill (excl. tax)", compute="_compute_amount_to_bill", groups="timebill_legal.group_amounts"
    )
    on_hold_label = fields.Char("Billed Later", compute="_compute_on_hold_label")
    invoice_count = fields.Integer(
        compute="_compute_invoice_totals", groups="account.group_account_invoice", export_string_translation=False
    )
    amount_residual = fields.Monetary(
        "Unpaid (incl. tax)", compute="_compute_invoice_totals", groups="account.group_account_invoice"
    )

    _reference_uniq = models.UniqueIndex("(company_id, reference)", "This matter reference is already used.")

    #=== COMPUTE METHODS ===#

    @api.depends("reference", "name", "confidential", "member_ids")
    @api.depends_context("uid")
    def _compute_display_name(self):
        """The reference alone for somebody who may not enter a confidential matter.

        Odoo computes the names behind many2one fields as superuser, hence the test on the user.
        """
        for matter in self:
            if matter._is_hidden_from_user():
                matter.display_name = matter.reference
            elif not matter._origin:
                matter.display_name = matter.name  # it has no number yet
            else:
                matter.display_name = f"{matter.reference} {matter.name or ''}".strip()

    def _is_hidden_from_user(self):
        """Whether the title must not be shown to the user, whatever rights the code runs with."""
        self.ensure_one()
        return self.confidential and self.env.user not in self.member_ids

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

    @api.depends("project_ids")
    def _compute_project_count(self):
        for matter in self:
            matter.project_count = len(matter.project_ids)

    @api.depends("billing_activity_ids")
    def _compute_activity_total(self):
        counts = dict(
            self.env["timebill.activity"]._read_group([("matter_id", "in", self.ids)], ["matter_id"], ["__count"])
        )
        for matter in self:
            matter.activity_total = counts.get(matter, 0)

    @api.depends("billing_activity_ids.date")
    def _compute_date_last_activity(self):
        dates = dict(
            self.env["timebill.activity"]._read_group([("matter_id", "in", self.ids)], ["matter_id"], ["date:max"])
        )
        for matter in self:
            matter.date_last_activity = dates.get(matter)

    @api.depends("billing_activity_ids.amount_to_bill")
    def _compute_amount_to_bill(self):
        amounts = dict(
            self.env["timebill.activity"]._read_group(
                [("matter_id", "in", self.ids)], ["matter_id"], ["amount_to_bill:sum"]
            )
        )
        for matter in self:
            matter.amount_to_bill = amounts.get(matter, 0.0)

    @api.depends("billing_activity_ids.billing_state", "billing_activity_ids.amount_to_bill")
    @api.depends_context("uid", "lang")
    def _compute_on_hold_label(self):
        """How much of the work to bill waits, for who may see amounts."""
        sees_amounts = self.env.user.has_group("timebill_legal.group_amounts")
        groups = self.env["timebill.activity"]._read_group(
            [("matter_id", "in", self.ids), ("billing_state", "=", "on_hold")],
            ["matter_id"],
            ["__count", *(["amount_to_bill:sum"] if sees_amounts else [])],
        )
        label_of = {}
        for matter, count, *amounts in groups:
            label = self.env._("1 activity waits") if count == 1 else self.env._("%s activities wait", count)
            amount = "".join(f" ({format_amount(self.env, amount, matter.currency_id)})" for amount in amounts)
            label_of[matter] = label + amount
        for matter in self:
            matter.on_hold_label = label_of.get(matter._origin, "")

    def _compute_invoice_totals(self):
        # sudo: the rows only tell which invoices to count, which the user's own rights filter again
        moves_of = dict(
            self.env["timebill.allocation"].sudo()._read_group(
                [("matter_id", "in", self.ids), ("move_id", "!=", False)], ["matter_id"], ["move_id:recordset"]
            )
        )
        for matter in self:
            moves = moves_of.get(matter, self.env["account.move"]).sudo(False)._filtered_access("read")
            matter.invoice_count = len(moves)
            matter.amount_residual = sum(
                move.direction_sign * -move.amount_residual for move in moves if move.state == "posted"
            )

    #=== CONSTRAINTS ===#

    @api.constrains("internal")
    def _check_internal_without_billable_work(self):
        for matter in self:
            # sudo: activities that this user cannot read count too
            if matter.internal and matter.sudo().billing_activity_ids.filtered("billable"):
                raise ValidationError(
                    self.env._(
                        "The matter %s has billable activities and cannot become internal. Open another matter for work"
                        " of the firm for itself.",
                        matter.display_name,
                    )
                )

    @api.constrains("name", "internal", "client_ids")  # the name: at every opening
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

    @api.constrains("confidential", "member_ids", "responsible_id")
    def _check_team(self):
        for matter in self:
            if matter.confidential and matter.responsible_id not in matter.member_ids:
                raise ValidationError(
                    self.env._(
                        "%(user)s is responsible for the confidential matter %(matter)s and must stay in its team.",
                        user=matter.responsible_id.name,
                        matter=matter.display_name,
                    )
                )

    #=== CRUD METHODS ===#

    @api.model_create_multi
    def create(self, vals_list):
        self.check_access("create")  # before a reference is used up
        vals_list = [dict(vals) for vals in vals_list]
        for vals in vals_list:
            if vals.get("reference", "/") == "/":
                company = self.env["res.company"].browse(vals.get("company_id")) or self.env.company
                vals["reference"] = self._get_next_reference(company, vals.get("date_open"))
            # A creator who is not in the team could not read back the confidential matter that she opens.
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
        self.check_access("write")  # before _complete_team, which lets the user in
        self._check_fixed_fields(vals)
        vals = dict(vals)
        if vals.get("currency_id"):
            self._check_no_priced_activity(vals["currency_id"])
        if "state" in vals:
            vals["date_closed"] = fields.Date.context_today(self) if vals["state"] == "closed" else False
        if vals.get("responsible_id"):
            vals["member_ids"] = [*(vals.get("member_ids") or []), Command.link(vals["responsible_id"])]
        if vals.get("confidential"):
            self._complete_team()
        res = super().write(vals)
        if not {"name", "confidential"}.isdisjoint(vals):
            self._sync_private_names()
        elif "member_ids" in vals:
            self.filtered("confidential")._sync_private_names()
        return res

    def _check_fixed_fields(self, vals):
        """Refuse what ``readonly`` only hides in forms: all that was written of a matter relies on it.

        :raises AccessError: naming the matters
        """
        if self.env.su:
            return
        for name in {"reference", "company_id", "analytic_account_id", "date_closed"}.intersection(vals):
            field = self._fields[name]
            for matter in self:
                if field.convert_to_cache(vals[name], matter) != field.convert_to_cache(matter[name], matter):
                    raise AccessError(
                        self.env._(
                            "“%(field)s” of the matter %(matter)s cannot change.",
                            field=field._description_string(self.env),
                            matter=matter.display_name,
                        )
                    )

    @api.model
    def _get_next_reference(self, company, date):
        """Next number of the year that no imported matter bears."""
        sequence = self.env["ir.sequence"].with_company(company)
        while True:
            reference = sequence.next_by_code("timebill.matter", sequence_date=date)
            # sudo: those of confidential matters are taken too
            if not self.sudo().with_context(active_test=False).search_count(
                [("company_id", "=", company.id), ("reference", "=", reference)], limit=1
            ):
                return reference

    def _complete_team(self):
        """Who worked on a matter, and who makes it confidential, stay able to read it."""
        for matter in self.filtered(lambda m: not m.confidential):
            # sudo: timekeepers of work that this user cannot read belong to the team too
            timekeepers = matter.sudo().billing_activity_ids.user_id
            matter.sudo().member_ids += matter.responsible_id + timekeepers + self.env.user

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
            if matter.sudo().project_ids:  # sudo: as above
                raise UserError(
                    self.env._(
                        "The matter %s has a project and cannot be deleted. Delete the project first, or archive the"
                        " matter.",
                        matter.display_name,
                    )
                )

    def _has_recorded_work(self):
        """Whether work was recorded here, or billed here and given back before it went to another matter."""
        self.ensure_one()
        matter = self.sudo()  # sudo: work that this user cannot read counts too
        return bool(
            matter.billing_activity_ids
            or self.env["timebill.allocation"].sudo().search_count([("matter_id", "=", self.id)], limit=1)
        )

    def _check_no_priced_activity(self, currency_id):
        for matter in self.filtered(lambda m: m.currency_id.id != currency_id):
            if matter._has_recorded_work():
                raise UserError(
                    self.env._(
                        "The activities of the matter %(matter)s are priced in %(currency)s; its currency cannot"
                        " change. Open another matter for work in another currency.",
                        matter=matter.display_name,
                        currency=matter.currency_id.name,
                    )
                )

    def _order_field_to_sql(self, alias, field_name, direction, nulls, query):
        """Matters are sorted by what is to bill, which the database adds up of unbilled work alone."""
        if field_name != "amount_to_bill":
            return super()._order_field_to_sql(alias, field_name, direction, nulls, query)
        self._check_field_access(self._fields[field_name], "read")
        Activity = self.env["timebill.activity"]
        fields_ = [Activity._fields[name] for name in ("amount_to_bill", "billing_state", "matter_id")]
        totals = SQL(
            "(SELECT matter_id, SUM(amount_to_bill) AS total FROM timebill_activity"
            " WHERE billing_state IN ('to_bill', 'on_hold') GROUP BY matter_id)",
            to_flush=fields_,
        )
        name = query.make_alias(alias, "to_bill")
        condition = SQL("%s = %s", SQL.identifier(name, "matter_id"), SQL.identifier(alias, "id"))
        query.add_join("LEFT JOIN", name, totals, condition)
        return SQL("COALESCE(%s, 0) %s %s", SQL.identifier(name, "total"), direction, nulls)

    #=== ACTION METHODS ===#

    def action_close(self):
        self.write({"state": "closed"})

    def action_reopen(self):
        self.write({"state": "open"})

    def action_open_activities(self):
        self.ensure_one()
        action = self.env["ir.actions.act_window"]._for_xml_id("timebill_legal.timebill_activity_action_all")
        return {
            **action,
            "views": [(False, view_mode) for view_mode in action["view_mode"].split(",")],
            "domain": [("matter_id", "=", self.id)],
            "context": {"default_matter_id": self.id},
        }

    def action_open_to_bill(self):
        return {**self.action_open_activities(), "context": {"default_matter_id": self.id, "search_default_to_bill": 1}}

    def action_open_invoices(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("account.action_move_out_invoice_type")
        return {**action, "domain": [("id", "in", self._get_invoices().ids)], "context": {"create": False}}

    def action_open_projects(self):
        self.ensure_one()
        projects = self.project_ids
        action = self.env["ir.actions.act_window"]._for_xml_id("project.act_project_project_2_project_task_all")
        if len(projects) == 1:
            return {
                **action,
                "name": projects.name,
                "context": {"active_id": projects.id, "default_project_id": projects.id},
                "domain": [("project_id", "=", projects.id), ("display_in_project", "=", True)],
            }
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Projects"),
            "res_model": "project.project",
            "view_mode": "kanban,list,form",
            "domain": [("id", "in", projects.ids)],
        }

    def action_bill(self):
        """Open the billing window on everything of these matters that is to bill."""
        return self.env["timebill.bill"]._open([("matter_id", "in", self.ids)])

    def action_adjust(self):
        """Open the window *Discount, surcharge or write-off* on everything of these matters that is to bill."""
        to_bill = self.billing_activity_ids.filtered(lambda activity: activity.billing_state in ("to_bill", "on_hold"))
        return self.env["timebill.adjust"]._open(to_bill)

    def action_open_history(self):
        return self.env["timebill.allocation"]._get_history_action([("matter_id", "in", self.ids)])

    def action_open_on_hold(self):
        return {
            **self.action_open_activities(),
            "context": {"default_matter_id": self.id, "search_default_on_hold": 1},
        }

    def action_transfer(self):
        """Open the window *Transfer* on everything of these matters that is not billed."""
        # sudo: work that stands on invoices which this user cannot see is billed too
        unbilled = self.sudo().billing_activity_ids.filtered(lambda activity: not activity.covered).sudo(False)
        return self.env["timebill.transfer"]._open(unbilled._filtered_access("read"), "transfer")

    def action_approve(self):
        """A lawyer without the billing right tells that the work may be billed."""
        self.billing_activity_ids.action_approve()

    #=== BUSINESS METHODS ===#

    def _creation_message(self):
        self.ensure_one()
        return self.env._("Matter opened")

    def _timebill_prepare_activity_defaults(self, kind):
        return {"matter_id": self.id}

    @api.model
    def _get_entry_domain(self):
        """Matters that are offered for new work: open, and internal or with a client who is not archived."""
        active_client = Domain("partner_id.active", "=", True) & Domain("inactive", "=", False)
        is_for_somebody = Domain("internal", "=", True) | Domain("client_ids", "any", active_client)
        return Domain("state", "=", "open") & is_for_somebody

    def _get_entry_reason(self):
        """What has to be asked before work is entered on this matter, or False."""
        if not self:
            return self.env._("which matter?")
        if self.state != "open" or not self.active:
            return self.env._("the matter %s is closed", self.display_name)
        if not self.filtered_domain(self._get_entry_domain()):
            return self.env._("the matter %s has no active client", self.display_name)
        return False

    def _get_active_clients(self):
        """Partners who get new activities and are billed, on any of these matters."""
        return self.client_ids.filtered(lambda client: not client.inactive).partner_id

    def _check_open_for_entry(self):
        """Closed matters take work from billing people and managers only.

        :raises UserError: naming the closed matters
        """
        self.check_access("read")
        closed = self.filtered(lambda m: m.state == "closed" or not m.active)
        if closed and not self.env.su and not self.env.user.has_group("timebill_legal.group_billing"):
            raise UserError(
                self.env._(
                    "The matter %s is closed. Reopen it first, or ask a billing person or a manager to enter this"
                    " activity.",
                    ", ".join(closed.mapped("display_name")),
                )
            )

    def _get_invoices(self):
        """Customer invoices and credit notes on which activities of these matters stand."""
        # sudo: the rows only tell which invoices to show, which the user's own rights filter again
        moves = self.env["timebill.allocation"].sudo().search([("matter_id", "in", self.ids)]).move_id
        return self.env["account.move"].search([("id", "in", moves.ids)])

    def _get_link(self):
        """Link for a chatter that people outside the team of this matter may read."""
        self.ensure_one()
        return self._get_html_link(self.reference if self.confidential else self.display_name)

    def _get_amount_to_bill(self):
        self.invalidate_recordset(["amount_to_bill"])
        return self.sudo().amount_to_bill  # sudo: for the chatter, which shows it to who sees amounts only

    def _log_transfer(self, text, activities, amount_before):
        """Tell in the chatter what came or went, and what is to bill since.

        :param text: from where or to where, with links
        :param amount_before: what was to bill before, which the chatter shows to who sees amounts only
        """
        self.ensure_one()
        name = "amount_to_bill"
        matter = self.sudo()  # sudo: see _get_amount_to_bill()
        after = matter._get_amount_to_bill()
        tracking = []
        if self.currency_id.compare_amounts(amount_before, after):
            info = matter.fields_get([name])[name]
            values = self.env["mail.tracking.value"]._create_tracking_values(amount_before, after, name, info, matter)
            tracking.append(Command.create(values))
        body = Markup("%s %s") % (text, activities._get_count_label())
        self._message_log(body=body, tracking_value_ids=tracking)

    @api.model
    def _join_teams(self, activities):
        """Who works on a matter belongs to its team."""
        missing = {
            matter: entries.user_id - matter.member_ids for matter, entries in activities.grouped("matter_id").items()
        }
        for users in set(missing.values()):
            if users:
                matters = self.union(*(matter for matter, others in missing.items() if others == users))
                # sudo: an assistant who may enter work of a colleague may not edit the matter itself
                matters.sudo().write({"member_ids": [Command.link(user.id) for user in users]})

    def _get_private_name(self):
        """Name of what accountants can read (analytic account, project): no title when confidential."""
        self.ensure_one()
        return self.reference if self.confidential else f"{self.reference} {self.name}"

    def _get_private_partner(self):
        """Partner of the analytic account: the only client, unless that is a secret."""
        self.ensure_one()
        return self.env["res.partner"] if self.confidential or len(self.client_ids) > 1 else self.client_ids.partner_id

    def _create_analytic_accounts(self):
        plan, _other_plans = self.env["account.analytic.plan"]._get_all_plans()
        # sudo: opening a matter takes no accounting right, its analytic account only carries its name
        accounts = self.env["account.analytic.account"].sudo().create(
            [
                {
                    "name": matter._get_private_name(),
                    "plan_id": plan.id,
                    "company_id": matter.company_id.id,
                    "partner_id": matter._get_private_partner().id,
                }
                for matter in self
            ]
        )
        for matter, account in zip(self.sudo(), accounts, strict=True):  # sudo: as above
            matter.analytic_account_id = account

    def _create_projects(self):
        # sudo: only project administrators may create projects, every lawyer may open a matter
        projects = self.env["project.project"].sudo().create([matter._prepare_project_values() for matter in self])
        for matter, project in zip(self, projects, strict=True):
            if matter.confidential:
                project.message_subscribe(partner_ids=matter.member_ids.partner_id.ids)

    def _adopt_project(self, project):
        """Put a project that has no matter yet under this matter, opened from it.

        :raises UserError: the project belongs to another matter
        """
        project.check_access("read")
        if project.timebill_matter_id:
            raise UserError(
                self.env._(
                    "The project “%(project)s” already belongs to the matter %(matter)s.",
                    project=project.display_name,
                    matter=project.timebill_matter_id.display_name,
                )
            )
        # sudo: only project administrators may edit projects, every lawyer may open a matter from one she reads
        project.sudo().timebill_matter_id = self

    def _prepare_project_values(self):
        self.ensure_one()
        return {
            "name": self._get_private_name(),
            "timebill_matter_id": self.id,
            "account_id": self.analytic_account_id.id,
            "company_id": self.company_id.id,
            "partner_id": self.client_ids[:1].partner_id.id,
            "user_id": self.responsible_id.id,
            "privacy_visibility": "followers" if self.confidential else "employees",
        }

    def _sync_private_names(self):
        """Keep the names and the followers of what hangs on a matter as secret as the matter."""
        for matter in self.sudo():  # sudo: neither accounts nor projects are writable by a lawyer
            projects = matter.with_context(active_test=False).project_ids
            account = matter.analytic_account_id.with_context(tracking_disable=True)
            if matter.confidential:
                matter._forget_former_names(projects)
                matter._forget_former_names(account)
                projects.privacy_visibility = "followers"
                matter._rename_in_all_languages(projects)
                team = matter.member_ids.partner_id
                for record in [matter, *projects, *projects.task_ids]:
                    record.message_unsubscribe((record.message_partner_ids - team).ids)
                for project in projects:
                    project.message_subscribe(team.ids)
            else:
                hidden = projects.filtered(lambda p, matter=matter: p.name == matter.reference)
                hidden.privacy_visibility = "employees"
                matter._rename_in_all_languages(hidden)
            account.partner_id = matter._get_private_partner()
            matter._rename_in_all_languages(account)

    def _forget_former_names(self, records):
        """What the chatter of ``records`` tells of the time when nothing was a secret."""
        # sudo: whoever makes the matter confidential need not be able to read all that is said
        self.env["mail.tracking.value"].sudo().search(
            [
                ("mail_message_id.model", "=", records._name),
                ("mail_message_id.res_id", "in", records.ids),
                ("field_id.name", "in", ["name", "partner_id"]),
            ]
        ).unlink()

    def _rename_in_all_languages(self, records):
        """Give ``records`` the private name of the matter; neither a translation nor the chatter keeps the title."""
        name = self._get_private_name()
        # English is where Odoo looks when a translation is missing, even when it is not installed.
        languages = {"en_US", *(code for code, _name in self.env["res.lang"].get_installed())}
        for record in records.with_context(tracking_disable=True):
            record.update_field_translations("name", dict.fromkeys(languages, name))

    def _enter_by_breaking_glass(self, reason):
        """Let a manager into a confidential matter, in writing.

        :raises AccessError: the user is no manager
        """
        if not self.env.user.has_group("timebill_legal.group_manager"):
            raise AccessError(self.env._("Only a manager can enter a confidential matter without being in its team."))
        for matter in self.sudo():  # sudo: the point is to enter a matter that the manager cannot read yet
            matter.member_ids += self.env.user
            matter.message_post(
                body=self.env._(
                    "%(user)s entered this confidential matter without being in its team. Reason: %(reason)s",
                    user=self.env.user.name,
                    reason=reason,
                ),
                partner_ids=(matter.member_ids - self.env.user).partner_id.ids,
            )
