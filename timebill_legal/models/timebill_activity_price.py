from odoo import api, fields, models
from odoo.exceptions import ValidationError

from ..lib.money import time_amount, to_decimal, to_price, units_amount
from ..lib.rates import Work, choose_rate


class TimebillActivity(models.Model):
    """Where the price of an activity comes from, and what the activity costs.

    The rate lists give ``rate_price``, and with it ``price_unit``, unless somebody typed a price: ``price_is_typed``.
    0 is a price like any other; an activity has none (``has_price``) when no rate was found and nobody typed one.
    """

    _inherit = "timebill.activity"

    price_unit = fields.Float(
        "Price",
        min_display_digits="Product Price",
        aggregator="avg",
        compute="_compute_price_unit",
        store=True,
        readonly=False,
        groups="timebill_legal.group_amounts",
        help="Hourly rate for time, unit price for services, unit cost for expenses and disbursements; excl. tax.",
    )
    price_is_typed = fields.Boolean(
        "Price Typed",
        groups="timebill_legal.group_amounts",
        help="Somebody typed the price; it does not follow the rate lists when the date, the category or the matter"
        " changes.",
    )
    has_price = fields.Boolean(
        compute="_compute_has_price",
        store=True,
        help="A rate was found, or somebody typed a price, be it 0.",
    )
    unit_cost = fields.Float(
        min_display_digits="Product Price",
        compute="_compute_unit_cost",
        inverse="_inverse_unit_cost",
        compute_sudo=True,
        help="Of an expense or a disbursement, also for who enters it without the right to see rates; excl. tax.",
    )
    rate_price = fields.Float(
        "Price of the Rate Lists",
        min_display_digits="Product Price",
        aggregator="avg",
        compute="_compute_rate",
        store=True,
        groups="timebill_legal.group_amounts",
    )
    rate_level = fields.Selection(
        [
            ("matter", "Rate list of the matter"),
            ("client", "Rate list of the client"),
            ("firm", "Rate list of the firm"),
            ("type", "Activity type"),
            ("none", "No rate found"),
        ],
        compute="_compute_rate",
        store=True,
        groups="timebill_legal.group_amounts",
    )
    rate_id = fields.Many2one(
        "timebill.rate",
        compute="_compute_rate",
        store=True,
        ondelete="set null",
        index="btree_not_null",
        groups="timebill_legal.group_amounts",
    )
    price_origin = fields.Char(
        "Why This Price?", compute="_compute_price_origin", groups="timebill_legal.group_amounts"
    )
    amount = fields.Monetary(
        "Amount (excl. tax)",
        compute="_compute_amount",
        store=True,
        groups="timebill_legal.group_amounts",
    )
    tax_ids = fields.Many2many("account.tax", string="Taxes", compute="_compute_tax_ids")

    # Used by an open form only: which price to keep when the matter of a recorded activity is changed.
    price_question = fields.Char(
        compute="_compute_price_question", groups="timebill_legal.group_amounts", export_string_translation=False
    )
    price_choice = fields.Selection(
        [("apply", "Apply the new one"), ("keep", "Keep the former one")],
        "Other Price",
        compute="_compute_price_question",
        readonly=False,
        groups="timebill_legal.group_amounts",
    )

    #=== COMPUTE METHODS ===#

    @api.depends("matter_id", "partner_id", "type_id", "user_id", "date", "kind")
    def _compute_rate(self):
        """The most specific rate. Later changes of the rate lists alter nothing that is recorded."""
        for activity, rate in self._get_rates().items():
            activity.rate_level, activity.rate_id, activity.rate_price = rate

    @api.depends("rate_price", "rate_level", "price_is_typed")
    def _compute_price_unit(self):
        for activity in self:
            if not activity.price_is_typed:
                activity.price_unit = activity.rate_price

    @api.depends("price_is_typed", "rate_level")
    def _compute_has_price(self):
        for activity in self:
            activity.has_price = activity.price_is_typed or activity.rate_level not in (False, "none")

    @api.depends("is_cost", "type_id", "price_unit")
    def _compute_unit_cost(self):
        for activity in self:
            # In an open form, the price of what was no cost may still be a rate, which the user may not see.
            was_cost = activity._origin in (activity, activity.browse()) or activity._origin.is_cost
            is_cost = activity.is_cost and activity.type_id.is_cost and was_cost
            activity.unit_cost = activity.price_unit if is_cost else 0.0

    def _inverse_unit_cost(self):
        for activity in self:
            # What the form shows of a cost without a price is 0, which nobody typed.
            if activity.is_cost and activity.unit_cost != activity.sudo().price_unit:
                # sudo: an assistant enters the cost from the receipt, without the right to see rates
                activity.sudo().price_unit = activity.unit_cost

    @api.depends("is_exact", "price_is_typed", "rate_level", "rate_id")
    def _compute_price_origin(self):
        levels = dict(self._fields["rate_level"]._description_selection(self.env))
        for activity in self:
            if activity.is_exact:
                activity.price_origin = self.env._("Exact cost")
            elif activity.price_is_typed or not activity.rate_level:
                activity.price_origin = self.env._("Typed on the activity")
            elif activity.rate_id:
                # sudo: the user can see the price, hence the name of the rate that gave it
                activity.price_origin = f"{levels[activity.rate_level]} › {activity.rate_id.sudo().display_name}"
            else:
                activity.price_origin = levels[activity.rate_level]

    @api.depends("is_timed", "billable_duration", "quantity", "price_unit", "currency_id")
    def _compute_amount(self):
        for activity in self:
            activity.amount = activity._get_amount_at(activity.price_unit)

    @api.depends("type_id", "company_id")
    def _compute_tax_ids(self):
        for activity in self:
            # sudo: the taxes of the activity type may be shown to users without access to products
            taxes = activity.type_id.product_id.sudo().taxes_id
            activity.tax_ids = taxes._filter_taxes_by_company(activity.company_id or self.env.company)

    @api.depends("matter_id", "partner_id")
    @api.depends_context("lang")
    def _compute_price_question(self):
        for activity in self:
            activity.price_question = activity._get_price_change()
            activity.price_choice = "apply"

    @api.onchange("price_unit")
    def _onchange_price_unit(self):
        """The price of an open form follows the rate lists again once it is emptied, or is what they say."""
        if self.env.context.get("timebill_price_emptied"):
            self.price_is_typed = False
            self.price_unit = self.rate_price
        self.price_is_typed = self._is_other_price() or (self.price_is_typed and self.rate_level == "none")

    @api.onchange("price_choice")
    def _onchange_price_choice(self):
        if self.price_question:
            self.price_unit = self._origin.price_unit if self.price_choice == "keep" else self.rate_price

    @api.onchange("matter_id")
    def _onchange_matter_of_recorded(self):
        """Warn when another matter changes the price of a recorded activity, unless the form asks which one to keep."""
        if self.env.context.get("timebill_asks_price") or not self.env.user.has_group("timebill_legal.group_amounts"):
            return None
        change = self._get_price_change()
        return change and {
            "warning": {"type": "notification", "title": self.env._("Other price"), "message": change}
        }

    #=== BUSINESS METHODS ===#

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
            # sudo: activities are also priced for a user who cannot see amounts
            activity_type = activity.type_id.sudo()
            work = Work(
                is_timed=activity.is_timed,
                is_exact=activity.is_exact,
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

    def _read_prices(self, vals_list):
        """``vals_list`` of new activities with whether they type the price, see :meth:`_read_price`."""
        defaults = self.default_get(["price_unit"])
        return [self._read_price({**defaults, **vals}) for vals in vals_list]

    @api.model
    def _read_price(self, vals):
        """``vals`` with whether they type the price: any number does, an empty price is that of the rate lists.

        A form knows better whether the price that it sends was typed, and says it in ``price_is_typed``.
        """
        if "price_unit" not in vals:
            return vals
        price = vals["price_unit"]
        if price is None or price is False:
            return {**{name: value for name, value in vals.items() if name != "price_unit"}, "price_is_typed": False}
        if isinstance(price, int | float):
            vals = {**vals, "price_unit": float(to_price(price))}
        return {"price_is_typed": True, **vals}

    def _filter_changing_cost(self, vals):
        """Activities that ``vals`` turn into a cost, or from a cost into work, without a price of their own."""
        if "kind" not in vals or "price_unit" in vals:
            return self.browse()
        is_cost = self.env["timebill.kind"]._get(vals["kind"]).is_cost
        if is_cost and "unit_cost" in vals:
            return self.browse()
        return self.filtered(lambda activity: activity.is_cost != is_cost)

    def _is_other_price(self):
        """Whether the price is not the one of the rate lists."""
        self.ensure_one()
        return to_price(self.price_unit) != to_price(self.rate_price)

    def _group_by_wrong_price_mark(self, vals_list):
        """Activities whose ``price_is_typed`` is not what it has to be after ``vals_list`` were written.

        The price of the rate lists is not typed, whoever writes it; another one is, as is any where there is no rate,
        and what a cost document charges.

        :param vals_list: values that were written, as many as there are activities, see :meth:`_read_price`
        :return: {whether the price is typed: timebill.activity}
        """
        wrong = {}
        # sudo: only compared, the values are not shown
        priced = self._filter_by_values(vals_list, lambda vals: "price_unit" in vals).sudo()
        of_costs = priced._filter_of_costs()
        for activity in priced:
            is_typed = activity._is_other_price() or activity in of_costs or (
                activity.price_is_typed and activity.rate_level == "none"
            )
            if activity.price_is_typed != is_typed:
                wrong[is_typed] = wrong.get(is_typed, self.browse()) | activity.sudo(self.env.su)
        return wrong

    def _get_amount_at(self, price):
        """What this activity costs at ``price``, in its currency."""
        self.ensure_one()
        quantity = self.billable_duration if self.is_timed else self.quantity
        to_amount = time_amount if self.is_timed else units_amount
        return float(to_amount(to_decimal(quantity), to_price(price), to_decimal(self.currency_id.rounding or 0.01)))

    def _get_price_change(self):
        """“200 € → 150 €: the price of …” of recorded work that is being given to another matter, or False."""
        self.ensure_one()
        before, matter = self._origin, self.matter_id._origin
        if not before or not matter or before.matter_id == matter or before.price_is_typed:
            return False
        # Computed again: a list may not show the price of the open form.
        _level, _rate, price = before._get_rates(matter, self.partner_id._origin)[before]
        if to_price(before.price_unit) == to_price(price):
            return False
        return self.env._(
            "%(before)s → %(after)s: the price of %(matter)s.",
            before=before.currency_id._timebill_format_price(before.price_unit),
            after=matter.currency_id._timebill_format_price(price),
            matter=matter.display_name,
        )

    def _write_priced(self, vals, keep_prices):
        """Write ``vals``, which may lead to other rates.

        :param keep_prices: False for the prices of these rates; True to keep those that there are, as if typed
        """
        kept = self.filtered("has_price") if keep_prices else self.browse()
        with self.env.protecting([self._fields["price_unit"]], kept):
            self.write(vals)
        # sudo: prices are also kept for a user who cannot see them
        kept.sudo().filtered(lambda a: not a.price_is_typed and a._is_other_price()).price_is_typed = True

    def _check_priced(self):
        """Everything but time needs a price: time may be recorded before its rate is known.

        No constraint, for it is checked once the cost of an expense is known as well.
        """
        # sudo: prices are also checked for users who cannot see them; the message does not hold them
        for activity in self.sudo():
            if not activity.is_timed and activity.billable and not activity.has_price:
                raise ValidationError("\n".join([activity.display_name, self._get_price_problem()]))

    @api.model
    def _get_price_problem(self):
        return self.env._("A billable cost or service needs a price.")

    def _with_price_question(self, fields_spec):
        """These activities with the context of a form that asks which price to keep when the matter changes."""
        return self.with_context(timebill_asks_price="price_choice" in fields_spec)

    def _with_emptied_price(self, values, field_names):
        """These activities with the context of a form whose price was emptied; for Odoo, that is a price of 0."""
        is_emptied = "price_unit" in field_names and values.get("price_unit") is False
        return self.with_context(timebill_price_emptied=is_emptied)

    def _is_price_computed_on_copy(self):
        """A copy gets the price of today, unless the price was typed or is a cost."""
        return not self.is_cost and not self.price_is_typed
