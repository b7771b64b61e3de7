from uuid import uuid4

from dateutil.relativedelta import relativedelta
from odoo import api, fields, models
from odoo.exceptions import AccessError, RedirectWarning, UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import format_date

from ..lib.durations import MINUTES_PER_DAY, format_duration
from ..lib.rates import Work, choose_rate
from .timebill_kind import KINDS

#: Values beyond these are slips of the keyboard.
MAX_HOURLY_RATE = 10_000
MAX_QUANTITY = 1_000_000
MAX_UNIT_PRICE = 100_000_000
MAX_YEARS_AGO = 20

#: Kinds whose price is what they cost.
COST_KINDS = ("expense", "disbursement")

#: The latest entries of a user say what she is likely to enter next.
LATEST = 100
MAX_RECENT_MATTERS = 5
MAX_RECENT_TYPES = 4

#: What a line of the quick entry takes over from the one before.
STICKY_FIELDS = ("date", "matter_id", "partner_id", "user_id")

#: Where the price comes from. The form sends them back; only the server says what they are.
RATE_FIELDS = {"rate_price", "rate_level", "rate_id"}

#: What an invoice shows of an activity or computes from it: frozen while one bills it.
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
}


class TimebillActivity(models.Model):
    """One piece of work or cost on a matter.

    ``duration`` is the time that was worked, never altered; ``billable_duration`` what the
    client may be charged for. Both are whole minutes. ``billable_quantity`` (minutes for time,
    units for the rest) is what the ledger can cover, ``covered`` what its live rows do cover:
    only these two say what is left to bill.
    """

    _name = "timebill.activity"
    _description = "Billable Activity"
    _inherit = [
        "timebill.activity.billing",
        "timebill.activity.import",
        "timebill.activity.rounding",
        "timebill.activity.source",
        "timebill.activity.timer",
    ]
    _order = "date desc, id desc"
    _rec_name = "description"
    _check_company_auto = True

    matter_id = fields.Many2one(
        "timebill.matter", required=True, ondelete="restrict", index=True, check_company=True
    )
    company_id = fields.Many2one(related="matter_id.company_id", store=True, index=True, precompute=True)
    currency_id = fields.Many2one(related="matter_id.currency_id", store=True, precompute=True)
    responsible_id = fields.Many2one(related="matter_id.responsible_id", store=True, index=True, precompute=True)
    # Domain of the matters offered in the entry dialog.
    matter_domain = fields.Binary(compute="_compute_matter_domain", export_string_translation=False)
    # Domain of the timekeepers offered to the user.
    user_domain = fields.Binary(compute="_compute_user_domain", export_string_translation=False)
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
    kind = fields.Selection(KINDS, required=True, default="time", index=True)
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
        default=lambda self: self.env.user._get_default_timekeeper(),
        domain=[("share", "=", False)],
        index=True,
    )
    date = fields.Date(required=True, default=fields.Date.context_today, index=True)
    # Only lives in an open form: the type whose defaults the form shows.
    proposed_type_id = fields.Many2one("timebill.activity.type", store=False, export_string_translation=False)
    # Only live in an open dialog or line: whether it logs the parts of a composite category too, and which.
    with_parts = fields.Boolean("Log with It", default=True, store=False)
    parts_label = fields.Char("Logged with It", compute="_compute_parts_label")
    description = fields.Text(
        compute="_compute_from_type",
        store=True,
        readonly=False,
        precompute=True,
        index="trigram",
        help="Printed on the invoice.",
    )
    note = fields.Text("Internal Note", help="Never shown to the client.")
    duration = fields.Integer(
        "Time Worked",
        compute="_compute_from_type",
        store=True,
        readonly=False,
        precompute=True,
        help="As 45, 1h30, 1:30 or 1.5: a whole number is hours below 10, and minutes from 10 on.",
    )
    quantity = fields.Float(
        digits=(16, 6), compute="_compute_from_type", store=True, readonly=False, precompute=True
    )
    price_unit = fields.Monetary(
        "Price",
        compute="_compute_price_unit",
        store=True,
        readonly=False,
        groups="timebill_legal.group_amounts",
        help="Hourly rate for time, unit price for services, unit cost for expenses and disbursements; excl. tax.",
    )
    unit_cost = fields.Monetary(
        compute="_compute_unit_cost",
        inverse="_inverse_unit_cost",
        compute_sudo=True,
        help="Of an expense or a disbursement, also for who enters it without the right to see rates; excl. tax.",
    )
    rate_price = fields.Monetary(
        "Price of the Rate Lists", compute="_compute_price_unit", store=True, groups="timebill_legal.group_amounts"
    )
    rate_level = fields.Selection(
        [
            ("matter", "Rate list of the matter"),
            ("client", "Rate list of the client"),
            ("firm", "Rate list of the firm"),
            ("type", "Activity type"),
            ("none", "No rate found"),
        ],
        compute="_compute_price_unit",
        store=True,
        groups="timebill_legal.group_amounts",
    )
    rate_id = fields.Many2one(
        "timebill.rate",
        compute="_compute_price_unit",
        store=True,
        ondelete="set null",
        index="btree_not_null",
        groups="timebill_legal.group_amounts",
    )
    price_origin = fields.Char(
        "Why This Price?", compute="_compute_price_origin", groups="timebill_legal.group_amounts"
    )
    billable = fields.Boolean(compute="_compute_billable", store=True, readonly=False, precompute=True)
    amount = fields.Monetary(
        "Amount (excl. tax)",
        compute="_compute_amount",
        store=True,
        groups="timebill_legal.group_amounts",
    )
    tax_ids = fields.Many2many("account.tax", string="Taxes", compute="_compute_tax_ids")
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
    recent_matter_ids = fields.Many2many(
        "timebill.matter", compute="_compute_recent_choices", export_string_translation=False
    )
    recent_type_ids = fields.Many2many(
        "timebill.activity.type", compute="_compute_recent_choices", export_string_translation=False
    )
    # Says which open form it was entered in: sent again because the answer got lost, it is entered once all the same.
    entry_token = fields.Char(copy=False, exportable=False)
    day_total = fields.Char(compute="_compute_day_total", export_string_translation=False)

    _duration_sane = models.Constraint(
        f"CHECK (duration BETWEEN 0 AND {MINUTES_PER_DAY} AND billable_duration BETWEEN 0 AND {MINUTES_PER_DAY})",
        "A duration lies between nothing and 24 hours.",
    )
    _one_per_form = models.UniqueIndex(
        "(entry_token) WHERE entry_token IS NOT NULL", "This was saved already. Close the window."
    )
    _create_uid_idx = models.Index("(create_uid, id)")

    #=== COMPUTE METHODS ===#

    @api.depends("matter_id", "type_id", "date", "matter_id.confidential", "matter_id.member_ids")
    @api.depends_context("uid", "lang")
    def _compute_display_name(self):
        """Never the narrative: names are shown to people who may not read the activity."""
        for activity in self:
            matter = activity.matter_id
            if not matter or matter._is_hidden_from_user():
                activity.display_name = matter.reference or self.env._("New activity")
            else:
                parts = (matter.reference, format_date(self.env, activity.date), activity.type_id.name)
                activity.display_name = " · ".join(filter(None, parts))

    @api.depends_context("timebill_partner_ids")
    def _compute_matter_domain(self):
        self.matter_domain = list(self._get_offered_matters_domain())

    @api.depends_context("uid")
    def _compute_user_domain(self):
        """Oneself and the people for whom one enters activities; everybody for billing."""
        user = self.env.user
        offered = Domain("share", "=", False)
        if not user.has_group("timebill_legal.group_billing"):
            offered &= Domain("id", "in", [user.id, *user.sudo().timebill_types_for_ids.ids])  # sudo: one's own
        self.user_domain = list(offered)

    @api.depends("type_id")
    @api.depends_context("uid", "lang")
    def _compute_parts_label(self):
        for activity in self:
            activity.parts_label = ", ".join(part._get_label() for part in activity.type_id.part_ids)

    @api.depends("matter_id.client_ids.partner_id", "matter_id.client_ids.inactive")
    def _compute_matter_partner_ids(self):
        for activity in self:
            activity.matter_partner_ids = activity.matter_id._get_active_clients()

    @api.depends("matter_id")
    def _compute_partner_id(self):
        """The only client of the matter; with several, nobody is guessed."""
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
        """The type that the timekeeper used last for this kind, else the first of the catalogue."""
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
        """On another matter, there is no such task: its title would tell about the one before."""
        for activity in self:
            if activity.task_id.sudo().matter_id != activity.matter_id._origin:  # sudo: compared, not shown
                activity.task_id = False

    @api.depends("type_id")
    def _compute_from_type(self):
        """What the catalogue proposes, as long as the user has not typed something else."""
        for activity in self:
            new, previous = activity.type_id, activity.proposed_type_id or activity._origin.type_id
            activity.proposed_type_id = new
            for name, default in (
                ("description", "description"),
                ("duration", "default_duration"),
                ("quantity", "default_quantity"),
            ):
                if not activity[name] or activity[name] == previous[default]:
                    activity[name] = new[default]
            if activity.kind == "time":
                activity.quantity = 1.0
            else:
                activity.duration = 0

    @api.depends("type_id", "matter_id")
    def _compute_billable(self):
        for activity in self:
            before = activity._origin
            is_same_type = before.type_id == activity.type_id._origin
            if before and before != activity and is_same_type and not before.matter_id.internal:
                # An open form: what somebody decided not to bill stays so in another matter, see write() as well.
                activity.billable = before.billable and not activity.matter_id.internal
            else:
                activity.billable = activity.type_id.billable and not activity.matter_id.internal

    @api.depends("matter_id", "partner_id", "type_id", "user_id", "date", "kind")
    def _compute_price_unit(self):
        """Price of the most specific rate; a price that the user typed stays.

        Later changes of the rate lists alter nothing that is recorded.
        """
        rates = self._get_rates()
        for activity in self:
            typed = activity.price_unit and activity.currency_id.compare_amounts(
                activity.price_unit, activity.rate_price
            )
            activity.rate_level, activity.rate_id, activity.rate_price = rates[activity]
            if not typed:
                activity.price_unit = activity.rate_price

    @api.depends("kind", "price_unit")
    def _compute_unit_cost(self):
        for activity in self:
            activity.unit_cost = activity.price_unit if activity.kind in COST_KINDS else 0.0

    def _inverse_unit_cost(self):
        for activity in self:
            if activity.kind in COST_KINDS:
                # sudo: a cost is no rate, an assistant types it from the receipt
                activity.sudo().price_unit = activity.unit_cost

    @api.depends("price_unit", "rate_price", "rate_level", "rate_id")
    def _compute_price_origin(self):
        levels = dict(self._fields["rate_level"]._description_selection(self.env))
        for activity in self:
            currency = activity.currency_id
            is_typed = currency and currency.compare_amounts(activity.price_unit, activity.rate_price)
            if activity.kind == "disbursement":
                activity.price_origin = self.env._("Exact cost")
            elif is_typed or not activity.rate_level:
                activity.price_origin = self.env._("Typed on the activity")
            elif activity.rate_id:
                # sudo: the name of the rate explains a price that the user may see
                activity.price_origin = f"{levels[activity.rate_level]} › {activity.rate_id.sudo().display_name}"
            else:
                activity.price_origin = levels[activity.rate_level]

    @api.depends("kind", "billable_duration", "quantity", "price_unit", "currency_id")
    def _compute_amount(self):
        for activity in self:
            activity.amount = activity._get_amount_at(activity.price_unit)

    @api.depends("type_id", "company_id")
    def _compute_tax_ids(self):
        for activity in self:
            # sudo: the taxes of a product are no secret, the product itself may not be readable
            taxes = activity.type_id.product_id.sudo().taxes_id
            activity.tax_ids = taxes._filter_taxes_by_company(activity.company_id or self.env.company)

    @api.depends("kind", "billable", "billable_duration", "quantity")
    def _compute_billable_quantity(self):
        for activity in self:
            quantity = activity.billable_duration if activity.kind == "time" else activity.quantity
            activity.billable_quantity = quantity if activity.billable else 0.0


    @api.depends("kind")
    @api.depends_context("uid", "timebill_partner_ids")
    def _compute_recent_choices(self):
        """Those of the latest work that the user did or typed for somebody, and that she may still choose."""
        latest = self.search_fetch(
            ["|", ("user_id", "=", self.env.uid), ("create_uid", "=", self.env.uid)],
            ["matter_id", "type_id", "kind"],
            order="id desc",
            limit=LATEST,
        )
        offered = self._get_offered_matters_domain() & Domain("id", "in", latest.matter_id.ids)
        matters = (latest.matter_id & self.env["timebill.matter"].search(offered))[:MAX_RECENT_MATTERS]
        types = latest.type_id._filtered_access("read").filtered("active")
        for activity in self:
            activity.recent_matter_ids = matters
            activity.recent_type_ids = types.filtered(lambda t, kind=activity.kind: t.kind == kind)[:MAX_RECENT_TYPES]

    @api.depends("user_id", "date")
    @api.depends_context("lang", "tz")
    def _compute_day_total(self):
        """“Today 5 h 20”: the time that the timekeeper has entered for the day, without this activity."""
        totals = {
            (user, day): minutes
            for user, day, minutes in self._read_group(
                [
                    ("user_id", "in", self.user_id.ids),
                    ("date", "in", self.mapped("date")),
                    ("id", "not in", self._origin.ids),
                ],
                ["user_id", "date:day"],
                ["duration:sum"],
            )
        }
        today = fields.Date.context_today(self)
        for activity in self:
            day = self.env._("Today") if activity.date == today else format_date(self.env, activity.date)
            total = format_duration(totals.get((activity.user_id._origin, activity.date), 0))
            activity.day_total = f"{day} {total}"


    #=== CONSTRAINTS ===#


    @api.constrains("kind", "type_id")
    def _check_type_kind(self):
        for activity in self:
            if problem := self._get_kind_problem(activity.type_id, activity.kind):
                raise ValidationError(problem)

    @api.model
    def _get_kind_problem(self, activity_type, kind):
        """Why an activity of ``kind`` cannot be of this category, or False."""
        if not activity_type or activity_type.kind == kind:
            return False
        return self.env._(
            "The category “%(type)s” is not of the kind “%(kind)s”. Choose another category.",
            type=activity_type.name,
            kind=dict(self._fields["kind"]._description_selection(self.env))[kind],
        )

    @api.constrains("partner_id", "matter_id")
    def _check_client(self):
        for activity in self:
            if problem := self._get_client_problem(activity.matter_id, activity.partner_id.id):
                raise ValidationError(problem)
            if problem := activity._get_inactive_client_problem():
                raise ValidationError(problem)

    @api.model
    def _get_client_problem(self, matter, partner_id):
        """Why work on ``matter`` cannot be for this client, or False."""
        if not partner_id or partner_id in matter.client_ids.partner_id.ids:
            return False
        return self.env._(
            "%(client)s is not a client of the matter %(matter)s. Choose one of its clients, or add this client to the"
            " matter first.",
            client=self.env["res.partner"].browse(partner_id).display_name,
            matter=matter.display_name,
        )

    @api.constrains("matter_id", "billable")
    def _check_internal_not_billable(self):
        for activity in self:
            if activity.billable and activity.matter_id.internal:
                raise ValidationError(
                    self.env._("The matter %s is internal: its work is never billed.", activity.matter_id.display_name)
                )

    @api.constrains("date")
    def _check_date(self):
        for activity in self:
            if problem := self._get_date_problem(activity.date):
                raise ValidationError(problem)

    @api.model
    def _get_date_problem(self, date):
        """Why no work is dated so, or False."""
        today = fields.Date.context_today(self)
        if not date or today - relativedelta(years=MAX_YEARS_AGO) <= date <= today + relativedelta(years=1):
            return False
        return self.env._(
            "%(date)s looks like a slip: work is dated from %(years)s years ago to one year ahead.",
            date=format_date(self.env, date),
            years=MAX_YEARS_AGO,
        )

    @api.constrains("kind", "duration", "billable_duration", "quantity", "price_unit")
    def _check_values(self):
        """All that is wrong with the figures of an activity, in one message."""
        for activity in self.sudo():  # sudo: prices are checked too when the user may not see them
            figures = {name: activity[name] for name in ("duration", "billable_duration", "quantity", "price_unit")}
            problems = activity._get_figure_problems(activity.kind, figures)
            if problems:
                raise ValidationError("\n".join([activity.display_name, *problems]))

    @api.model
    def _get_figure_problems(self, kind, figures):
        """What is wrong with the figures of an activity of ``kind``, a dict of those to look at."""
        if kind == "time":
            worked, billable = figures.get("duration"), figures.get("billable_duration")
            longest = max(worked or 0, billable or 0)
            checks = [
                (worked is not None and worked <= 0, self.env._("The time worked must be more than nothing.")),
                ((billable or 0) < 0, self.env._("The billable time cannot be negative.")),
                (
                    longest > MINUTES_PER_DAY,
                    self.env._(
                        "A day has 24 hours: %s is too long. Make one entry for each day.",
                        format_duration(round(longest)),
                    ),
                ),
                (figures.get("price_unit", 0) < 0, self.env._("The hourly rate cannot be negative.")),
                (
                    # Anything that is no number compares as false.
                    not figures.get("price_unit", 0) <= MAX_HOURLY_RATE,
                    self.env._("An hourly rate above %s looks like a slip. Check it.", MAX_HOURLY_RATE),
                ),
            ]
        else:
            checks = [
                (figures.get("quantity", 1) <= 0, self.env._("The quantity must be more than nothing.")),
                (
                    not figures.get("quantity", 1) <= MAX_QUANTITY,
                    self.env._("A quantity above %s looks like a slip. Check it.", MAX_QUANTITY),
                ),
                (figures.get("price_unit", 0) < 0, self.env._("The price cannot be negative.")),
                (
                    not figures.get("price_unit", 0) <= MAX_UNIT_PRICE,
                    self.env._("A price above %s looks like a slip. Check it.", MAX_UNIT_PRICE),
                ),
            ]
        return [message for is_wrong, message in checks if is_wrong]

    @api.model
    def _check_timekeepers(self, user_ids):
        """Say clearly for whom the user may not enter work; the record rules would refuse it less kindly.

        :raises AccessError: naming the timekeepers
        """
        if self.env.su:
            return
        timekeepers = self.env["res.users"].browse(filter(None, user_ids))
        if others := timekeepers - timekeepers._filter_typed_for():
            raise AccessError(
                self.env._(
                    "You may not enter activities for %s. An administrator sets for whom you do, under Configuration ›"
                    " Timekeepers.",
                    ", ".join(others.sudo().mapped("name")),  # sudo: the name is on every screen
                )
            )

    def _check_priced(self):
        """Time may wait for its rate; nothing else is worth recording without a price.

        No constraint, for it is checked once the cost of an expense is known as well.
        """
        for activity in self.sudo():  # sudo: prices are checked too when the user may not see them
            if activity.kind != "time" and activity.billable and not activity.price_unit:
                raise ValidationError("\n".join([activity.display_name, self._get_price_problem()]))

    @api.model
    def _get_price_problem(self):
        return self.env._("A billable cost or service needs a price.")

    @api.model
    def _check_figures(self, kind, vals):
        """Refuse figures on which the database or the rounding would stumble before any constraint.

        :raises ValidationError: all that is wrong, in one message
        """
        figures = {
            name: vals[name] or 0
            for name in ("duration", "billable_duration", "quantity", "price_unit")
            if isinstance(vals.get(name), int | float)
        }
        if kind in COST_KINDS and isinstance(vals.get("unit_cost"), int | float):
            figures["price_unit"] = vals["unit_cost"]
        if problems := self._get_figure_problems(kind, figures):
            raise ValidationError("\n".join(problems))

    #=== CRUD METHODS ===#

    def onchange(self, values, field_names, fields_spec):
        """An open form is computed with all rights: only for a matter that the user reads, and on its own history."""
        matter_id = values.get("matter_id", self.default_get(["matter_id"]).get("matter_id"))
        self.env["timebill.matter"].browse(matter_id).check_access("read")
        if "allocation_ids" in values:
            values = {**values, "allocation_ids": [Command.set(self.allocation_ids.ids)]}
        if self.env.context.get("timebill_sticky") and not (self or values or field_names):
            sticky = {f"default_{name}": value for name, value in self._get_sticky_values().items()}
            self = self.with_context(**{**sticky, **self.env.context})
        result = super().onchange(values, field_names, fields_spec)
        if "entry_token" in fields_spec and not (self or field_names):
            result["value"]["entry_token"] = uuid4().hex
        return result

    @api.model
    def default_get(self, fields):
        """Defaults, of the context or of the user, propose only what she may write."""
        if not self.env.su:
            fields = [
                name
                for name in fields
                if not self._is_kept(name) and self._has_field_access(self._fields[name], "write")
            ]
        return super().default_get(fields)

    @api.model_create_multi
    def create(self, vals_list):
        vals_list = [self._keep_written_by_users(vals) for vals in vals_list]
        if not all(vals.get("matter_id") or self.env.context.get("default_matter_id") for vals in vals_list):
            raise ValidationError(self.env._("Choose a matter: every activity belongs to one."))
        self._check_not_entered(vals_list)
        self._check_timekeepers({vals.get("user_id") for vals in vals_list})
        for vals in vals_list:
            self._check_figures(vals.get("kind") or self.env.context.get("default_kind", "time"), vals)
        activities = super().create(vals_list)
        self.browse().union(
            *(activity for activity, vals in zip(activities, vals_list, strict=True) if vals.get("with_parts"))
        )._log_parts()
        activities.matter_id._check_open_for_entry()
        activities._check_task()
        activities._check_priced()
        self.union(
            *(activity for activity, vals in zip(activities, vals_list, strict=True) if "price_unit" in vals)
        )._store_rates()
        self.env["timebill.matter"]._join_teams(activities)
        return activities

    def write(self, vals):
        vals = self._check_written(vals)
        decided = self._filter_keeping_billable(vals)
        with self.env.protecting([self._fields["billable"]], decided):
            res = super().write(vals)
        if BILLED_FIELDS.intersection(vals) and (approved := self.filtered("approved")):
            # What changed has to be looked at again; whoever may edit the work may say so.
            super(TimebillActivity, approved).write({"approved": False, "approved_by_id": False})
        if "price_unit" in vals:
            self._store_rates()
        if not {"kind", "type_id", "billable", "price_unit", "unit_cost"}.isdisjoint(vals):
            self._check_priced()
        if "task_id" in vals or "matter_id" in vals:
            self._check_task()
        if "user_id" in vals or "matter_id" in vals:
            # Odoo checks the record as it was: nobody gives work to somebody for whom she may not enter it.
            self.check_access("write")
            self.env["timebill.matter"]._join_teams(self)
        return res

    @api.model
    def _check_not_entered(self, vals_list):
        """
        :raises RedirectWarning: what an open form held was saved before, and leads there
        """
        tokens = [vals["entry_token"] for vals in vals_list if vals.get("entry_token")]
        # sudo: the token is known to nobody but the window that holds it
        if tokens and (entered := self.sudo().search([("entry_token", "in", tokens)], limit=1)):
            raise RedirectWarning(
                self.env._("This was saved already, as %s. Close the window.", entered.display_name),
                entered._get_form_action(),
                self.env._("Open the activity"),
            )

    def _check_written(self, vals):
        """Refuse values that may not be written here, by this user, or at all.

        :return: those to write, without what only the server says
        """
        self._check_may_edit()
        if BILLED_FIELDS.intersection(vals):
            self._check_not_on_invoice(vals)
        vals = self._keep_written_by_users(vals)
        for kind in {vals["kind"]} if vals.get("kind") else set(self.mapped("kind")):
            self._check_figures(kind, vals)
        if "user_id" in vals:
            self._check_timekeepers({vals["user_id"]})
        if "matter_id" in vals:
            if not vals["matter_id"]:
                raise ValidationError(self.env._("Choose a matter: every activity belongs to one."))
            matter = self.env["timebill.matter"].browse(vals["matter_id"])
            matter._check_open_for_entry()
            self._check_movable(matter)
        return vals

    def _filter_keeping_billable(self, vals):
        """Work of which another matter changes nothing of whether it is billed, see :meth:`_is_billable_on`."""
        if "matter_id" not in vals or "type_id" in vals:
            return self.browse()
        matter = self.env["timebill.matter"].browse(vals["matter_id"])
        return self.filtered(lambda activity: not (activity.matter_id.internal or matter.internal))


    def copy_data(self, default=None):
        """A copy made by somebody who does not see amounts is priced anew."""
        hidden = {
            name: False
            for name, field in self._fields.items()
            if field.copy and not self._has_field_access(field, "read")
        }
        return [
            {name: value for name, value in vals.items() if name not in hidden}
            for vals in super().copy_data({**hidden, **(default or {})})
        ]


    def _keep_written_by_users(self, vals):
        """Values of ``vals`` that people write; forms send back where the price comes from, which only the server says.

        :raises AccessError: some are kept by the program, which ``readonly`` only hides in forms
        """
        if self.env.su:
            return vals
        vals = {name: value for name, value in vals.items() if name not in RATE_FIELDS}
        kept = [
            field._description_string(self.env)
            for name, field in self._fields.items()
            if self._is_kept(name)
            and (name in vals or (f"default_{name}" in self.env.context and not field.precompute))
        ]
        if kept:
            raise AccessError(self.env._("Odoo keeps this by itself, it cannot be written: %s.", ", ".join(kept)))
        return vals

    @api.model
    def _is_kept(self, name):
        """Whether the program alone writes a field."""
        field = self._fields[name]
        return field.readonly and field.store and name not in models.MAGIC_COLUMNS

    def _store_rates(self):
        """A price that comes with the record keeps Odoo from computing what the rate lists say next to it."""
        found = {}
        for activity, rate in self._get_rates().items():
            found[rate] = found.get(rate, self.browse()) | activity
        for (level, rate, price), activities in found.items():
            # sudo: whoever writes a price may not write where the lists' own comes from
            activities.sudo().write({"rate_level": level, "rate_id": rate.id, "rate_price": price})

    def _check_task(self):
        """An activity names a task of its own matter only, or its title would tell about another matter."""
        for activity in self.filtered("task_id"):
            if activity.task_id.sudo().matter_id != activity.matter_id:  # sudo: compared, not shown
                raise ValidationError(
                    self.env._(
                        "The task of %(activity)s does not belong to the matter %(matter)s.",
                        activity=activity.display_name,
                        matter=activity.matter_id.display_name,
                    )
                )

    def _check_not_on_invoice(self, vals):
        """Refuse to change what an invoice shows.

        :raises UserError: naming each activity and the invoices that hold it
        """
        messages = [
            self.env._(
                "%(activity)s stands on %(invoices)s and cannot be changed from here. Edit it on the draft invoice,"
                " take it off, or make a credit note.",
                activity=activity.display_name,
                invoices=activity._get_holding_invoice_names(),
            )
            for activity in self
            if activity.sudo().covered  # sudo: rows on invoices that this user cannot see hold the activity too
            and activity._has_other_values(vals)
        ]
        if messages:
            raise UserError("\n".join(messages))

    def _write_description_from_invoice(self, description):
        """Correct the text of activities that stand on a draft invoice.

        The ledger has checked that the invoice is a draft, and the user's right to edit it.
        """
        # Past this class's own write(), which refuses it.
        return super().write({"description": description})  # pylint: disable=super-method-mismatch

    def _has_other_values(self, vals):
        """Whether ``vals`` changes something that an invoice shows (a form sends values back unchanged)."""
        self.ensure_one()
        return any(self._has_other_value(name, vals) for name in BILLED_FIELDS)

    def _has_other_value(self, name, vals):
        """Whether ``vals`` changes a field of one of these activities."""
        field = self._fields[name]
        return name in vals and any(
            field.convert_to_cache(vals[name], activity) != field.convert_to_cache(activity[name], activity)
            for activity in self.sudo()  # sudo: compared, not shown
        )

    #=== ACTION METHODS ===#

    @api.model
    def _get_entry_action(self, kind, defaults=None):
        """Window action of the entry dialog."""
        context = {f"default_{name}": value for name, value in (defaults or {}).items()}
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New activity"),
            "res_model": self._name,
            "view_mode": "form",
            "views": [(self.env.ref("timebill_legal.timebill_activity_view_form_dialog").id, "form")],
            "target": "new",
            "context": {**context, "default_kind": kind, "dialog_size": "medium"},
        }

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

    @api.model
    def action_open_home(self):
        """First page of the application, by role."""
        user = self.env.user
        if user.has_group("timebill_legal.group_manager"):
            return self.env["ir.actions.act_window"]._for_xml_id("timebill_legal.timebill_matter_action_mine")
        if user.has_group("timebill_legal.group_billing"):
            return self.env["timebill.to.bill"].action_open()
        return self.env["ir.actions.client"]._for_xml_id("timebill_legal.timebill_my_day_action")

    def action_save(self):
        """The form is saved before a button acts: nothing is left but to close."""
        return {"type": "ir.actions.act_window_close"}

    def action_save_and_new(self):
        """Start over with the same date, matter, client and timekeeper."""
        self.ensure_one()
        return self._get_entry_action(self.kind, self._prepare_sticky_values())


    #=== BUSINESS METHODS ===#

    def _prepare_sticky_values(self):
        """Values of this activity with which the next entry begins."""
        self.ensure_one()
        return {name: self._fields[name].convert_to_write(self[name], self) for name in STICKY_FIELDS}

    @api.model
    def _get_sticky_values(self):
        """Values with which a line of the quick entry begins: those of what the user entered last today.

        What was converted was not entered by hand: perhaps somebody else did it, by approving an expense.
        """
        last = self.search(
            [("create_uid", "=", self.env.uid), ("source_model", "=", False)], order="id desc", limit=1
        )
        today = fields.Date.context_today(self)
        if not last or fields.Datetime.context_timestamp(self, last.create_date).date() < today:
            return {}
        values = last._prepare_sticky_values()
        if not last.matter_id.filtered_domain(self.env["timebill.matter"]._get_entry_domain()):
            del values["matter_id"], values["partner_id"]
        return values

    @api.model
    def _get_offered_matters_domain(self):
        """Matters to enter work on, of one client when the dialog was opened from it."""
        domain = self.env["timebill.matter"]._get_entry_domain()
        partner_ids = self.env.context.get("timebill_partner_ids")
        of_client = Domain("client_ids", "any", [("partner_id", "in", partner_ids), ("inactive", "=", False)])
        return domain & of_client if partner_ids else domain

    def _get_rates(self, matter=None, client=None):
        """Level, rate and price that the rate lists give for each activity, in one pass.

        :param matter: timebill.matter as if it was given to it, when that is not empty
        :param client: res.partner as if it was given to him, or to all clients when that is empty
        :return: {activity: (level, timebill.rate, price)}
        """
        company_lists = {company: company.timebill_rate_list_id for company in (matter or self.matter_id).company_id}
        lists_of = {}
        for activity in self:
            priced_matter = matter or activity.matter_id
            company = priced_matter.company_id
            partner = (activity.partner_id if client is None else client).with_company(company)
            lists_of[activity] = [
                (level, rate_list)
                for level, rate_list in (
                    ("matter", priced_matter.rate_list_id),
                    ("client", partner.timebill_rate_list_id or partner.commercial_partner_id.timebill_rate_list_id),
                    ("firm", company_lists.get(company)),
                )
                if rate_list and rate_list.currency_id == priced_matter.currency_id
            ]
        all_lists = self.env["timebill.rate.list"].union(*(lst for lists in lists_of.values() for _level, lst in lists))
        rates_of = all_lists._get_rates()
        result = {}
        for activity in self:
            activity_type = activity.type_id.sudo()  # sudo: priced also for a user who may not see amounts
            work = Work(
                kind=activity.kind,
                type_id=activity_type.id,
                user_id=activity.user_id.id,
                grade_id=activity.user_id.sudo().timebill_grade_id.id,  # sudo: as above
                date=activity.date or fields.Date.context_today(self),
            )
            found = choose_rate([(level, rates_of[lst.id]) for level, lst in lists_of[activity]], work)
            if found:
                level, rate = found
                result[activity] = (level, self.env["timebill.rate"].browse(rate.id), float(rate.price))
            elif activity_type.default_price:
                result[activity] = ("type", self.env["timebill.rate"], activity_type.default_price)
            else:
                result[activity] = ("none", self.env["timebill.rate"], 0.0)
        return result


