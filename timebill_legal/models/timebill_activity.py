from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import format_date

from ..lib.durations import MINUTES_PER_DAY
from ..tools.changes import would_change
from ..tools.creating import without_personal_defaults

#: What an invoice shows of an activity or computes from it: frozen while the activity is billed.
BILLED_FIELDS = {
    "matter_id",
    "partner_id",
    "kind",
    "type_id",
    "user_id",
    "date",
    "description",
    "billable",
    "billable_duration",
    "quantity",
    "price_unit",
    "price_is_typed",
}

#: Where the price comes from. Forms send these fields back; only the program writes them.
RATE_FIELDS = {"rate_price", "rate_level", "rate_id"}


class TimebillActivity(models.Model):
    """One piece of work or cost on a matter.

    ``duration`` is the time that was worked, never altered; ``billable_duration`` what the
    client may be charged for. Both are whole minutes. ``billable_quantity`` (minutes for time,
    units for the rest) is what the ledger can cover, ``covered`` what its live rows do cover:
    only these two say what is left to bill.

    This file holds the record and its life-cycle: ``create``, ``write``, ``unlink``, ``copy_data`` and ``onchange``
    name their steps in order, and no other file overrides them. The files ``timebill_activity_<subject>.py`` supply
    the steps: *check* (what is refused), *entry* (what the dialogs propose), *price*, *rounding*, *timer*, *source*
    (what it was converted from), *cost* (of a cost document), *billing* (what is left to bill) and *operations*
    (transfer, split, merge).
    """

    _name = "timebill.activity"
    _inherit = ["timebill.kind.mixin"]
    _description = "Billable Activity"
    _order = "date desc, id desc"
    _rec_name = "description"
    _check_company_auto = True

    matter_id = fields.Many2one(
        "timebill.matter", required=True, ondelete="restrict", index=True, check_company=True
    )
    company_id = fields.Many2one(related="matter_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one("res.currency", compute="_compute_currency_id", store=True, precompute=True)
    responsible_id = fields.Many2one(related="matter_id.responsible_id", store=True, index=True, precompute=True)
    matter_partner_ids = fields.Many2many("res.partner", compute="_compute_matter_partner_ids")
    partner_id = fields.Many2one(
        "res.partner",
        "Client",
        compute="_compute_partner_id",
        store=True,
        readonly=False,
        precompute=True,
        ondelete="restrict",
        index="btree_not_null",
        domain="[('id', 'in', matter_partner_ids)]",
        help="Empty for work that is common to all the clients of the matter.",
    )
    client_label = fields.Char("Client or Common", compute="_compute_client_label", export_string_translation=False)
    kind = fields.Selection(required=True, default="time", index=True)
    is_cost = fields.Boolean(
        compute="_compute_is_cost", store=True, precompute=True, export_string_translation=False
    )
    type_id = fields.Many2one(
        "timebill.activity.type",
        "Activity Type",
        compute="_compute_type_id",
        store=True,
        readonly=False,
        precompute=True,
        required=True,
        ondelete="restrict",
        index=True,
        domain="[('kind', '=', kind)]",
        check_company=True,
    )
    user_id = fields.Many2one(
        "res.users",
        "Timekeeper",
        required=True,
        default=lambda self: self.env.user._timebill_get_default_timekeeper(),
        domain=[("share", "=", False)],
        index=True,
    )
    date = fields.Date(required=True, default=fields.Date.context_today, index=True)
    description = fields.Text(
        compute="_compute_description",
        store=True,
        readonly=False,
        precompute=True,
        index="trigram",
        help="Printed on the invoice.",
    )
    note = fields.Text("Internal Note", help="Never shown to the client.")
    duration = fields.Integer(
        "Time Worked",
        compute="_compute_duration",
        store=True,
        readonly=False,
        precompute=True,
        help="As 45, 1h30, 1:30 or 1.5: a whole number is hours below 10, and minutes from 10 on.",
    )
    quantity = fields.Float(
        digits=(16, 6), compute="_compute_quantity", store=True, readonly=False, precompute=True
    )
    billable = fields.Boolean(compute="_compute_billable", store=True, readonly=False, precompute=True)
    billable_quantity = fields.Float(
        digits=(16, 6),
        compute="_compute_billable_quantity",
        store=True,
        precompute=True,
    )
    allocation_ids = fields.One2many(
        "timebill.allocation", "activity_id", "Billing History", copy=False, readonly=True
    )
    task_id = fields.Many2one(
        "project.task",
        compute="_compute_task_id",
        store=True,
        readonly=False,
        precompute=True,
        index="btree_not_null",
        ondelete="set null",
        copy=False,
    )
    part_of_id = fields.Many2one(
        "timebill.activity",
        "Logged with",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="The activity of a composite category, to which this one belongs.",
    )
    part_ids = fields.One2many("timebill.activity", "part_of_id", "Parts", readonly=True, copy=False)

    _duration_sane = models.Constraint(
        f"CHECK (duration BETWEEN 0 AND {MINUTES_PER_DAY} AND billable_duration BETWEEN 0 AND {MINUTES_PER_DAY})",
        "A duration is between 0 and 24 hours.",
    )
    _create_uid_idx = models.Index("(create_uid, id)")

    #=== COMPUTE METHODS ===#

    @api.depends("matter_id", "type_id", "date", "matter_id.confidential", "matter_id.member_ids")
    @api.depends_context("uid", "lang")
    def _compute_display_name(self):
        """Names never hold the narrative: they are shown to users who cannot read the activity."""
        for activity in self:
            matter = activity.matter_id
            if not matter or matter._is_hidden_from_user():
                activity.display_name = matter.reference or self.env._("New activity")
            else:
                parts = (matter.reference, format_date(self.env, activity.date), activity.type_id.name)
                activity.display_name = " · ".join(filter(None, parts))

    @api.depends("matter_id.currency_id")
    def _compute_currency_id(self):
        """That of the matter; before one is chosen, the amounts of an open form are in the currency of the firm."""
        for activity in self:
            activity.currency_id = activity.matter_id.currency_id or self.env.company.currency_id

    @api.depends("matter_id.client_ids.partner_id", "matter_id.client_ids.inactive")
    def _compute_matter_partner_ids(self):
        for activity in self:
            activity.matter_partner_ids = activity.matter_id._get_active_clients()

    @api.depends("matter_id")
    def _compute_partner_id(self):
        """Set the client if the matter has only one; leave it empty if there are several."""
        for activity in self:
            clients = activity.matter_id._get_active_clients()
            if len(clients) == 1:
                activity.partner_id = clients
            elif activity.partner_id not in clients:
                activity.partner_id = False

    @api.depends("partner_id", "matter_id.internal")
    def _compute_client_label(self):
        for activity in self:
            common = "" if activity.matter_id.internal else self.env._("Common")
            activity.client_label = activity.partner_id.display_name or common

    @api.depends("kind", "user_id")
    def _compute_type_id(self):
        """Propose the activity type that the timekeeper used last for this kind, or else the first one of the kind."""
        missing = self.filtered(lambda a: not a.type_id or a.type_id.kind != a.kind)
        for (kind, user, company), activities in missing.grouped(
            lambda a: (a.kind, a.user_id, a.matter_id.company_id or self.env.company)
        ).items():
            offered = Domain("kind", "=", kind) & Domain("company_id", "in", (False, company.id))
            last = self.search(
                [("user_id", "=", user.id), ("type_id", "any", offered & Domain("active", "=", True))],
                order="id desc",
                limit=1,
            )
            activities.type_id = last.type_id or self.env["timebill.activity.type"].search(offered, limit=1)

    @api.depends("matter_id")
    def _compute_task_id(self):
        """Remove the task when the matter changes: it belongs to the former matter, and would disclose its title."""
        for activity in self:
            # sudo: only compared, the values are not shown
            if activity.task_id.sudo().timebill_matter_id != activity.matter_id._origin:
                activity.task_id = False

    # One compute for each of these: a form that opens with a value of one of them still needs the others.

    @api.depends("type_id")
    def _compute_description(self):
        for activity in self:
            activity.description = activity._get_typed_or_default("description", "description")

    @api.depends("type_id")
    def _compute_duration(self):
        for activity in self:
            duration = activity._get_typed_or_default("duration", "default_duration")
            activity.duration = duration if activity.is_timed else 0

    @api.depends("type_id")
    def _compute_quantity(self):
        for activity in self:
            quantity = activity._get_typed_or_default("quantity", "default_quantity")
            activity.quantity = 1.0 if activity.is_timed else quantity or 1.0

    @api.depends("type_id", "matter_id")
    def _compute_billable(self):
        for activity in self:
            before = activity._origin
            is_same_type = before.type_id == activity.type_id._origin
            if before and before != activity and is_same_type and not before.matter_id.internal:
                # In an open form, a decision not to bill is kept when the matter changes; write() does the same.
                activity.billable = before.billable and not activity.matter_id.internal
            else:
                activity.billable = activity.type_id.billable and not activity.matter_id.internal

    @api.depends("is_timed", "billable", "billable_duration", "quantity")
    def _compute_billable_quantity(self):
        for activity in self:
            quantity = activity.billable_duration if activity.is_timed else activity.quantity
            activity.billable_quantity = quantity if activity.billable else 0.0

    #=== CRUD METHODS ===#

    @api.model
    def default_get(self, fields):
        """Propose only values of fields that the user can write, whether they come from the context or from her
        defaults; what the program creates has none of her defaults.
        """
        if not self.env.su:
            fields = [
                name
                for name in fields
                if not self._timebill_is_program_only(name) and self._has_field_access(self._fields[name], "write")
            ]
        records = without_personal_defaults(self) if self.env.su else self
        return super(TimebillActivity, records).default_get(fields)

    def onchange(self, values, field_names, fields_spec):
        """Compute an open form.

        Odoo computes it with all rights, hence on the billing history that is recorded only.
        """
        self._timebill_check_client_values([values])
        values = self._keep_billing_history(values)
        is_opening = not (self or field_names)
        self = self._with_price_question(fields_spec)._with_emptied_price(values, field_names)
        if is_opening and not values:
            self = self._with_sticky_defaults()
        result = super().onchange(values, field_names, fields_spec)
        if is_opening:
            self._add_entry_token(result, fields_spec)
        return result

    @api.model_create_multi
    def create(self, vals_list):
        """Record work, in this order:

        1. check what the user wrote, the sources and the timers;
        2. create the activities;
        3. stop the timers, tell the sources, round the day again, compare with the cost document;
        4. log the parts of composite activity types, check the result, join the teams.
        """
        self._timebill_check_client_values(vals_list, is_form=False)
        vals_list = [self._drop_program_only(vals) for vals in vals_list]
        self._check_new(vals_list)
        vals_list = self._read_prices(self._add_default_sources(vals_list))
        self._check_sources(vals_list)
        self._check_timers({vals.get("timer_id", self.env.context.get("default_timer_id")) for vals in vals_list})

        together = self._with_entries_of_one_day(vals_list)
        with self._converting_once(vals_list):
            activities = super(TimebillActivity, together).create(vals_list).with_env(self.env)
        activities._write_typed_prices(vals_list)

        activities._finish_timers()
        activities._invalidate_conversions()
        activities._round_new_days()
        activities._filter_of_costs()._check_agrees_with_cost()

        activities._filter_by_values(vals_list, lambda vals: vals.get("with_parts"))._log_parts()
        activities.matter_id._check_open_for_entry()
        activities._check_task()
        activities._check_priced()
        self.env["timebill.matter"]._join_teams(activities)
        return activities

    def write(self, vals):
        """Change recorded work, in this order:

        1. check the rights and the values on the state before;
        2. write, forget the typed price of what became a cost or ceased to be one, mark the prices that were typed;
        3. stop the timers, tell the sources, round the day again, compare with the cost document;
        4. withdraw the approval, check the result, join the teams.
        """
        self._timebill_check_client_values([vals], is_form=False)
        vals = self._read_price(self._check_written(vals))
        timed = self._filter_newly_timed(vals)
        terms = self._get_cost_terms()
        days = self._get_days_to_round(vals)

        repriced = self._filter_changing_cost(vals)
        with self.env.protecting([self._fields["billable"]], self._filter_keeping_billable(vals)):
            res = super().write(vals)
        repriced._forget_typed_prices()
        self._write_typed_prices([vals] * len(self))

        timed._finish_timers()
        if "user_id" in vals:
            self._invalidate_conversions()
        self._round_days_again(days, vals)
        self._check_changed_costs(terms)

        if BILLED_FIELDS.intersection(vals) and (approved := self.filtered("approved")):
            # Changed work must be approved again. This bypasses our own write(): the user may lack the right to
            # approve.
            super(TimebillActivity, approved).write({"approved": False, "approved_by_id": False})
        if not {"kind", "type_id", "billable", "price_is_typed", "unit_cost"}.isdisjoint(vals):
            self._check_priced()
        if "task_id" in vals or "matter_id" in vals:
            self._check_task()
        if "user_id" in vals or "matter_id" in vals:
            # Odoo checked the rules on the values before. The new timekeeper and matter must be allowed as well.
            self.check_access("write")
            self.env["timebill.matter"]._join_teams(self)
        return res

    def unlink(self):
        """Delete work that was never billed: its source can be converted again, its day is rounded again."""
        days = self._get_rounded_days()
        self._invalidate_conversions()
        res = super().unlink()
        self._round_days_again(days)
        return res

    def copy(self, default=None):
        """
        :raises UserError: naming each activity that comes from a cost document, which is charged once
        """
        self._check_not_of_costs()
        return super().copy(default)

    def copy_data(self, default=None):
        """A copy is work of today. Its price and billable time are computed anew unless somebody typed them, or the
        user may not see them.
        """
        default = {"date": fields.Date.context_today(self), **(default or {})}
        hidden = {
            name: False
            for name, field in self._fields.items()
            if field.copy and not self._has_field_access(field, "read")
        }
        return [
            {
                name: value
                for name, value in vals.items()
                if name not in hidden and (name in default or not activity._is_computed_on_copy(name))
            }
            for activity, vals in zip(self, super().copy_data({**hidden, **default}), strict=True)
        ]

    @api.ondelete(at_uninstall=False)
    def _unlink_except_billed(self):
        problems = [
            self.env._(
                "%(activity)s has a billing history (%(invoices)s) and cannot be deleted. Remove it from the draft"
                " invoice first; an activity that was billed once is kept.",
                activity=activity.display_name,
                invoices=", ".join(rows.move_id.mapped("display_name")),
            )
            for activity in self
            # sudo: allocations on invoices that the user cannot read lock the activity as well; only their number is
            # shown
            if (rows := activity.sudo().allocation_ids)
        ]
        if problems:
            raise UserError("\n".join(problems))

    #=== STEPS OF THE LIFE-CYCLE ===#

    def _filter_by_values(self, vals_list, condition):
        """New activities whose values meet ``condition``, a function of a dict of values."""
        return self.browse([a.id for a, vals in zip(self, vals_list, strict=True) if condition(vals)])

    @api.model
    def _check_new(self, vals_list):
        """Check the values of new activities before anything is computed from them.

        :raises AccessError: naming the timekeepers for whom the user may not enter work
        :raises RedirectWarning: the open form was saved before; leads to the activity
        :raises ValidationError: no matter, or figures out of range
        """
        if not all(vals.get("matter_id") or self.env.context.get("default_matter_id") for vals in vals_list):
            raise ValidationError(self.env._("Choose a matter: every activity belongs to one."))
        self._check_not_entered(vals_list)
        self._check_timekeepers({vals.get("user_id") for vals in vals_list})
        for vals in vals_list:
            # sudo: the currency of a matter is no secret; the access rules refuse the activity itself
            matter = self.env["timebill.matter"].sudo().browse(
                vals.get("matter_id") or self.env.context.get("default_matter_id")
            )
            self._check_figures(vals.get("kind") or self.env.context.get("default_kind", "time"), vals, matter)

    def _check_written(self, vals):
        """Refuse values that may not be written on these activities, by this user, or at all.

        :return: those to write, without what only the program computes
        :raises AccessError: the user may not change these activities, or these fields
        :raises UserError: the activities are billed, or cannot move to the matter
        :raises ValidationError: figures out of range
        """
        self._check_may_edit()
        if BILLED_FIELDS.intersection(vals):
            self._check_not_on_invoice(vals)
        vals = self._drop_program_only(vals)
        self._check_source_kept(vals)
        for kind in {vals["kind"]} if vals.get("kind") else set(self.mapped("kind")):
            # Work goes to matters in its own currency only.
            for activities in self.grouped("currency_id").values():
                self._check_figures(kind, vals, activities[0].matter_id)
        if "user_id" in vals:
            self._check_timekeepers({vals["user_id"]})
            self._check_given_sources(vals["user_id"])
        if "matter_id" in vals:
            if not vals["matter_id"]:
                raise ValidationError(self.env._("Choose a matter: every activity belongs to one."))
            matter = self.env["timebill.matter"].browse(vals["matter_id"])
            matter._check_open_for_entry()
            self._check_movable(matter)
        return vals

    def _keep_billing_history(self, values):
        """Return ``values`` of an open form with the recorded billing history in place of the one that the client sent.
        """
        if "allocation_ids" not in values:
            return values
        return {**values, "allocation_ids": [Command.set(self.allocation_ids.ids)]}

    def _is_computed_on_copy(self, name):
        """Whether a copy computes this field anew, because nobody typed its value."""
        self.ensure_one()
        if name in ("price_unit", "price_is_typed"):
            return self._is_price_computed_on_copy()
        return name == "billable_duration" and self.billable_duration == self.proposed_duration

    def _filter_keeping_billable(self, vals):
        """Activities that keep their *billable* when ``vals`` move them to another matter, see :meth:`_is_billable_on`.
        """
        if "matter_id" not in vals or "type_id" in vals:
            return self.browse()
        matter = self.env["timebill.matter"].browse(vals["matter_id"])
        return self.filtered(lambda activity: not (activity.matter_id.internal or matter.internal))

    def _drop_program_only(self, vals):
        """Return ``vals`` without the source of the price, which forms send back and only the server computes.

        :raises AccessError: ``vals`` hold a field that only the program writes; ``readonly`` only concerns forms
        """
        if self.env.su:
            return vals
        vals = {name: value for name, value in vals.items() if name not in RATE_FIELDS}
        kept = [
            field._description_string(self.env)
            for name, field in self._fields.items()
            if self._timebill_is_program_only(name)
            and (name in vals or (f"default_{name}" in self.env.context and not field.precompute))
        ]
        if kept:
            raise AccessError(self.env._("These fields are computed and cannot be written: %s.", ", ".join(kept)))
        return vals

    def _timebill_check_program_only(self, vals_list):
        """Done before anything is computed, see :meth:`_drop_program_only`."""

    def _check_not_on_invoice(self, vals):
        """Refuse to change what an invoice shows.

        :raises UserError: naming each activity and the invoices that hold it
        """
        messages = [
            self.env._(
                "%(activity)s is on %(invoices)s and cannot be changed here. Edit it on the draft invoice, remove"
                " it from that invoice, or create a credit note.",
                activity=activity.display_name,
                invoices=activity._get_holding_invoice_names(),
            )
            for activity in self
            # sudo: allocations on invoices that the user cannot read lock the activity as well; only their number is
            # shown
            if activity.sudo().covered
            and activity._has_other_values(vals)
        ]
        if messages:
            raise UserError("\n".join(messages))

    def _forget_typed_prices(self):
        """Take the prices of activities that became a cost, or ceased to be one, from the rate lists again.

        A rate never becomes a cost, nor a cost a rate.
        """
        if self:
            # This bypasses our own write(): the value follows from others that were checked.
            # sudo: also for a user who cannot see rates; the right to edit was checked
            # pylint: disable-next=super-method-mismatch
            super(TimebillActivity, self.sudo()).write({"price_is_typed": False})

    def _write_typed_prices(self, vals_list):
        """Store whether the prices that were written with ``vals_list`` are typed, where the values had it wrong."""
        for is_typed, activities in self._group_by_wrong_price_mark(vals_list).items():
            # This bypasses our own write(): the value follows from others that were checked.
            # pylint: disable-next=super-method-mismatch
            super(TimebillActivity, activities).write({"price_is_typed": is_typed})

    def _write_description_from_invoice(self, description):
        """Correct the text of activities that stand on a draft invoice.

        The ledger has checked that the invoice is a draft, and the user's right to edit it.
        """
        # This bypasses our own write(), which refuses to change billed activities.
        return super().write({"description": description})  # pylint: disable=super-method-mismatch

    def _has_other_values(self, vals):
        """Whether ``vals`` changes something that an invoice shows (a form sends values back unchanged)."""
        self.ensure_one()
        return any(self._has_other_value(name, vals) for name in BILLED_FIELDS)

    def _has_other_value(self, name, vals):
        """Whether ``vals`` changes a field of one of these activities."""
        # sudo: only compared, the values are not shown
        return name in vals and any(would_change(activity, name, vals[name]) for activity in self.sudo())

    #=== ACTION METHODS ===#

    def _get_form_action(self):
        """Window action of the form of this activity."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": self._name,
            "res_id": self.id,
            "views": [(self.env.ref("timebill_legal.timebill_activity_view_form").id, "form")],
        }

    def _get_list_action(self):
        """Window action of the list of these activities."""
        action = self.env["ir.actions.act_window"]._for_xml_id("timebill_legal.timebill_activity_action_all")
        views = [(False, view_mode) for view_mode in action["view_mode"].split(",")]
        return {**action, "views": views, "domain": [("id", "in", self.ids)], "context": {}}
