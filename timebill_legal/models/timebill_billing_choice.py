from odoo import api, fields, models
from odoo.exceptions import AccessError

from ..lib.money import part_of, to_decimal
from .timebill_allocation import QUANTITY_STEP

#: Fields of a stored choice that only billing itself writes.
PROGRAM_FIELDS = {"move_id", "company_id"}


class TimebillBillingChoiceMixin(models.AbstractModel):
    """What is decided about one activity before it is billed: who pays, which part, for how much.

    A choice bills nothing by itself: :class:`TimebillBilling` takes a recordset of any model that inherits this one.
    An add-on extends this model, and with it every heir: the rows of the window *Create an invoice* and the stored
    choices.

    Amounts are excl. tax, in the currency of the activity. Quantities are minutes for time, units for the rest. A
    *part* is a dict of values of ``timebill.allocation`` (``coverage``, ``standard_amount``, ``adjustment``,
    ``agreed_amount``): what a choice bills.
    """

    _name = "timebill.billing.choice.mixin"
    _description = "Choice of What to Bill"

    activity_id = fields.Many2one("timebill.activity", required=True, ondelete="cascade", index=True)
    # Not under sudo: a choice must not disclose activities that the user cannot read.
    company_id = fields.Many2one(related="activity_id.company_id", related_sudo=False)
    currency_id = fields.Many2one(related="activity_id.currency_id", related_sudo=False)
    payer_id = fields.Many2one(
        "res.partner",
        compute="_compute_payer_id",
        compute_sudo=False,
        store=True,
        readonly=False,
        precompute=True,
        help="Who pays an activity common to several clients.",
    )
    quantity = fields.Float(digits=(16, 6), help="Less than what is left bills a part.")
    amount = fields.Monetary(
        "Amount (excl. tax)",
        help="What the part that is billed now costs. Of a fixed amount, type the instalment.",
    )
    is_revised = fields.Boolean("Revise")
    revised_amount = fields.Monetary("Revised (excl. tax)")
    reason_id = fields.Many2one("timebill.reason")
    note = fields.Char("Remark")

    #=== COMPUTE METHODS ===#

    @api.depends("activity_id")
    def _compute_payer_id(self):
        """The client of the activity, or of its matter when it has one only; nobody is guessed among several."""
        for choice in self:
            clients = choice.activity_id.partner_id or choice.activity_id.matter_id._get_active_clients()
            choice.payer_id = clients if len(clients) == 1 else False

    #=== WHAT IS CHOSEN ===#

    def _get_part_quantity(self):
        """Minutes or units that are billed now; None for all that is left."""
        self.ensure_one()
        return self.quantity or None

    def _get_instalment(self):
        """What the part that is billed now costs, where that was agreed; None for its share of what is left."""
        self.ensure_one()
        return self.amount or None if self.quantity else None

    def _get_revised_amount(self):
        """Amount to bill; None for what the part costs, with the discounts and surcharges granted before."""
        self.ensure_one()
        return self.revised_amount if self.is_revised else None

    def _get_reason(self):
        """Why the amount is revised (timebill.reason), shown in the billing history."""
        self.ensure_one()
        return self.reason_id if self.is_revised else self.reason_id.browse()

    #=== PROBLEMS ===#

    def _get_problem(self, left):
        """Why this choice cannot be billed, or False.

        :param left: the part that would bill all that is left of the activity, less what other choices of the same
            run take of it
        """
        self.ensure_one()
        return (
            self.activity_id._get_billing_problem()
            or self._get_payer_problem()
            or self._get_amount_problem(left)
            or self._get_product_problem()
        )

    def _get_payer_problem(self):
        """Why the payer cannot be billed for the activity, or False."""
        self.ensure_one()
        activity, matter, payer = self.activity_id, self.activity_id.matter_id, self.payer_id
        if not payer:
            return self.env._("choose who pays this common activity")
        if activity.partner_id and payer != activity.partner_id:
            return self.env._(
                "it belongs to %s, the only client who can be billed for it", activity.partner_id.display_name
            )
        if payer not in matter.client_ids.partner_id:
            return self.env._(
                "%(payer)s is not a client of %(matter)s", payer=payer.display_name, matter=matter.display_name
            )
        if payer not in matter._get_active_clients():
            return self.env._(
                "%(payer)s is inactive on the matter %(matter)s",
                payer=payer.display_name,
                matter=matter.display_name,
            )
        return False

    def _get_amount_problem(self, left):
        """Why neither this part nor this amount can be billed, or False.

        :param left: see :meth:`_get_problem`
        """
        self.ensure_one()
        quantity, instalment, revised = self._get_part_quantity(), self._get_instalment(), self._get_revised_amount()
        if revised is not None and revised < 0:
            return self.env._("the revised amount cannot be negative")
        if not 0 < (left["coverage"] if quantity is None else quantity) <= left["coverage"]:
            return self.env._("the part to bill must be greater than zero, and not more than what is left to bill")
        if self.activity_id.is_timed and (quantity or 0) % 1:
            return self.env._("a part of time is billed by whole minutes")
        if instalment is not None and not 0 < instalment <= left["standard_amount"]:
            return self.env._("an instalment must be greater than zero, and not more than what is left to bill")
        if instalment is not None and not self._is_instalment_of_part(quantity, instalment, left):
            return self.env._("the amount of the instalment does not match the part that is billed")
        if self.activity_id.is_exact and revised is not None:
            part = self._prepare_part_values(left)
            if self.currency_id.compare_amounts(revised, part["standard_amount"]):
                # CGI art. 267, II-2°: a disbursement is recovered at its exact cost, or it is taxable.
                return self.env._("a disbursement is billed at its exact cost")
        return False

    def _is_instalment_of_part(self, quantity, instalment, left):
        """Whether ``instalment`` is the share of what is left that goes with ``quantity``, up to rounding.

        Otherwise an instalment would revise the price without a reason.
        """
        step = to_decimal(1) if self.activity_id.is_timed else QUANTITY_STEP
        unit = to_decimal(self.currency_id.rounding)
        values = map(to_decimal, (quantity, instalment, left["coverage"], left["standard_amount"]))
        quantity, instalment, whole, standard = values
        if quantity == whole:
            return instalment == standard
        return (
            abs(part_of(standard, quantity, whole, unit) - instalment) <= unit
            or abs(part_of(whole, instalment, standard, step) - quantity) <= step
        )

    def _get_product_problem(self):
        """Why the activity type cannot be billed, or False."""
        self.ensure_one()
        activity = self.activity_id
        if not activity.type_id.product_id or not self._get_income_account():
            return self.env._(
                "the activity type “%s” has no income account: set it in Configuration › Settings",
                activity.type_id.name,
            )
        if not activity.tax_ids:
            return self.env._(
                "the activity type “%s” has no tax: set it in Configuration › Settings", activity.type_id.name
            )
        return False

    #=== ONE INVOICE, ONE LINE, ONE ROW ===#

    def _get_invoice_grouping_values(self):
        """What choices must have in common to stand on one invoice.

        :return: {name: value}, at least ``company_id``, ``payer_id`` and ``currency_id``, which are records
        """
        self.ensure_one()
        return {"company_id": self.company_id, "payer_id": self.payer_id, "currency_id": self.currency_id}

    def _get_line_grouping_values(self, part):
        """What choices must have in common to share a line of their invoice.

        Besides that, what differs in its taxes or its income account never shares a line. A line of several prices,
        or of time and something else, prints one amount. Without ``matter_id`` there are no titles of matters,
        without ``section`` none of sections.

        :return: {name: value that is hashable}
        """
        self.ensure_one()
        activity = self.activity_id
        return {
            "matter_id": activity.matter_id,
            "section": self._get_section(),
            "type_id": activity.type_id.id,
            "price_unit": activity.price_unit,
            # A revised amount has a line of its own.
            "revised": bool(self._is_revised_part(part)) and activity.id,
        }

    def _get_line_order(self, part):
        """Sort key of the line of this choice within its section; the first choice of a line decides.

        :return: tuple, of the same shape for all choices
        """
        self.ensure_one()
        activity = self.activity_id
        revised_id = activity.id if self._is_revised_part(part) else 0
        return activity.date, activity.type_id.id, activity.price_unit, revised_id

    def _get_section(self):
        """Code of the section of the invoice, see ``timebill.kind``."""
        self.ensure_one()
        return self.activity_id._get_kind().section

    def _prepare_part_values(self, left):
        """What this choice bills.

        :param left: see :meth:`_get_problem`
        :return: a part
        """
        self.ensure_one()
        quantity, instalment, revised = self._get_part_quantity(), self._get_instalment(), self._get_revised_amount()
        part = self.activity_id._prepare_part_values(left["coverage"] if quantity is None else quantity, left)
        round_ = self.currency_id.round
        if instalment is not None:
            part["standard_amount"] = round_(instalment)
        expected = to_decimal(part["standard_amount"]) + to_decimal(part["adjustment"])
        return {**part, "agreed_amount": float(expected) if revised is None else round_(revised)}

    def _prepare_allocation_values(self, part):
        """Values of the row of the ledger (timebill.allocation), without its invoice line.

        :param part: see :meth:`_prepare_part_values`
        """
        self.ensure_one()
        return {"activity_id": self.activity_id.id, "client_id": self.payer_id.id, "note": self.note, **part}

    def _after_billing(self, move):
        """Called once these choices are billed on ``move``, a draft invoice."""

    def _is_revised_part(self, part):
        """Whether ``part`` bills another amount than it costs."""
        return self.currency_id.compare_amounts(part["agreed_amount"], part["standard_amount"])

    def _get_income_account(self):
        """Account to which the product of the activity is booked (account.account).

        Also the fiscal position of the payer may map it; choices of one line have the same payer.
        """
        # sudo: only whether the product has an account is used; billing users may lack access to products
        product = self.activity_id.type_id.product_id.sudo().with_company(self.company_id)
        return product.property_account_income_id


class TimebillBillingChoice(models.Model):
    """A choice that is kept: billed later, in the background or by somebody else."""

    _name = "timebill.billing.choice"
    _inherit = ["timebill.billing.choice.mixin"]
    _description = "Stored Choice of What to Bill"
    _order = "id"

    # sudo, unlike in the mixin: it follows an activity that somebody moves who does no billing.
    company_id = fields.Many2one(store=True, index=True, related_sudo=True)
    payer_id = fields.Many2one(index="btree_not_null")
    reason_id = fields.Many2one(index="btree_not_null")
    move_id = fields.Many2one(
        "account.move",
        "Invoice",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        help="On which it was billed; empty again once that draft is deleted.",
    )

    _amounts_not_negative = models.Constraint(
        "CHECK (quantity >= 0 AND amount >= 0 AND revised_amount >= 0)",
        "What is billed is never negative.",
    )

    @api.depends("activity_id.matter_id", "activity_id.matter_id.confidential")
    @api.depends_context("uid")
    def _compute_display_name(self):
        for choice in self:
            choice.display_name = choice.activity_id.display_name

    @api.model
    def default_get(self, fields):
        return super().default_get([name for name in fields if name not in PROGRAM_FIELDS])

    @api.model_create_multi
    def create(self, vals_list):
        self._timebill_check_client_values(vals_list, is_form=False)
        self._check_program_fields(set().union(*vals_list))
        return super().create(vals_list)

    def write(self, vals):
        """Check the access to the new activity as well."""
        self._timebill_check_client_values([vals], is_form=False)
        self._check_program_fields(vals)
        res = super().write(vals)
        if "activity_id" in vals:
            self.check_access("write")
        return res

    @api.model
    def _check_program_fields(self, names):
        """
        :raises AccessError: a user would write what only billing itself writes
        """
        if not self.env.su and PROGRAM_FIELDS.intersection(names):
            raise AccessError(self.env._("The invoice and the company of a choice cannot be written."))

    def _get_problem(self, left):
        if self.move_id:
            return self.env._("already billed by this choice on %s", self.move_id.display_name)
        return super()._get_problem(left)

    def _after_billing(self, move):
        super()._after_billing(move)
        # sudo: no user writes the invoice of a choice; the right to bill was checked
        self.sudo().move_id = move
