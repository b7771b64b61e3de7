from dataclasses import dataclass

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_date
from odoo.tools.misc import clean_context

from ..lib.durations import format_duration
from ..lib.lines import Item, group_items, line_terms
from ..lib.money import MINUTES_PER_HOUR, round_to, to_decimal, to_price
from .timebill_kind import SECTION_OF_KIND


@dataclass(frozen=True)
class Claim:
    """What the billing person decided for one activity.

    :ivar activity: timebill.activity
    :ivar payer: res.partner who pays, a client of the matter
    :ivar amount: amount to bill, excl. tax, in the currency of the activity; None for what it costs less discounts
    :ivar quantity: minutes or units that are billed now; None for all that is left
    :ivar standard: what this part costs, where its amount was agreed and not its quantity (an instalment)
    :ivar reason: timebill.reason of a revised amount
    """

    activity: models.BaseModel
    payer: models.BaseModel
    amount: float | None = None
    quantity: float | None = None
    standard: float | None = None
    reason: models.BaseModel | None = None

    def part_values(self):
        """Coverage, standard amount and adjustment of what is billed now, as values of the ledger."""
        quantity = self.activity._get_remaining_quantity() if self.quantity is None else self.quantity
        values = self.activity._prepare_part_values(quantity)
        if self.standard is not None and self.quantity is not None:
            values["standard_amount"] = self.standard
        return values


class TimebillBilling(models.AbstractModel):
    """Turns activities into draft customer invoices, one for each client and currency.

    How it works
    ============
    The activities are locked, read again and checked; :mod:`lib.lines` groups them into lines; one
    ``account.move.create`` makes all the invoices, then the ledger gets its rows. The lines carry
    values that Odoo would compute itself (amounts, tax tags): they spare it three writes a line and
    are corrected by it were they wrong.
    """

    _name = "timebill.billing"
    _description = "Billing of Activities"

    @api.model
    def _create_invoices(self, claims, common_values=None):
        """Create the draft invoices of ``claims``.

        :param claims: list of :class:`Claim`
        :param common_values: values of account.move for every invoice (dates, terms, contact…)
        :return: account.move, the drafts
        :raises UserError: naming each activity that cannot be billed, and why
        """
        self._lock_and_check(claims)
        # Not with_context(), which would keep the defaults that are meant for the window.
        context = {**clean_context(self.env.context), "mail_auto_subscribe_no_notify": True}
        Move = self.env(context=context)["account.move"]
        values_list, rows_list = [], []
        for (company, payer, _currency), group in self._group_by_invoice(claims).items():
            values, rows = self.with_company(company)._prepare_invoice_values(payer, group, common_values or {})
            values_list.append(values)
            rows_list.append(rows)
        moves = Move.create(values_list)
        for move, rows_of in zip(moves, rows_list, strict=True):
            self._create_allocations(move, rows_of)
        return moves.with_env(self.env)

    @api.model
    def _create_allocations(self, move, rows_of):
        """Write what ``move`` bills in the ledger.

        :param rows_of: {sequence of the line: values of its rows}
        """
        # sudo: the ledger is written by this code alone, never by a user
        self.env["timebill.allocation"].sudo().create(
            [
                {**values, "move_line_id": line.id}
                for line in move.invoice_line_ids
                for values in rows_of.get(line.sequence, ())
            ]
        )

    @api.model
    def _lock(self, activities):
        """Keep others from billing or editing ``activities`` until this is done.

        :raises UserError: somebody else holds them
        """
        activities.check_access("read")
        # sudo: the lock writes nothing; a billing person may bill what only its timekeeper may edit
        free = activities.sudo().try_lock_for_update(allow_referencing=True)
        busy = activities - free.sudo(False)
        if busy:
            raise UserError(
                self.env._(
                    "Somebody else is billing or changing these activities right now: %s. Wait a moment, then open"
                    " the window again.",
                    ", ".join(busy.mapped("display_name")),
                )
            )
        activities.invalidate_recordset()

    @api.model
    def _lock_and_check(self, claims):
        activities = self.env["timebill.activity"].union(*(claim.activity for claim in claims))
        if not activities:
            raise UserError(self.env._("Tick at least one activity to bill."))
        if len(claims) > len(activities):
            raise UserError(self.env._("An activity is there twice. Close the window and open it again."))
        self._lock(activities)
        claim_of = {claim.activity: claim for claim in claims}
        problems = activities._name_problems(
            lambda activity: activity._get_billing_problem() or self._get_claim_problem(claim_of[activity])
        )
        if problems:
            raise UserError(
                "\n".join([self.env._("These activities cannot be billed; no invoice was created."), *problems])
            )

    @api.model
    def _get_claim_problem(self, claim):
        """Why a decision cannot be carried out, or False."""
        activity, payer = claim.activity, claim.payer
        if not payer:
            return self.env._("choose who pays this common activity")
        if activity.partner_id and payer != activity.partner_id:
            return self.env._("belongs to %s, who alone can be billed for it", activity.partner_id.display_name)
        if payer not in activity.matter_id.client_ids.partner_id:
            return self.env._(
                "%(payer)s is not a client of %(matter)s",
                payer=payer.display_name,
                matter=activity.matter_id.display_name,
            )
        if payer not in activity.matter_id._get_active_clients():
            return self.env._(
                "%(payer)s is inactive on the matter %(matter)s",
                payer=payer.display_name,
                matter=activity.matter_id.display_name,
            )
        if claim.amount is not None and claim.amount < 0:
            return self.env._("the revised amount cannot be negative")
        if claim.quantity is not None and not 0 < claim.quantity <= activity._get_remaining_quantity():
            return self.env._("what is billed now must be more than nothing, and no more than what is left to bill")
        # Of work at a price of 0, every part costs 0.
        if claim.standard is not None and not (
            0 < claim.standard <= activity.standard_to_bill or claim.standard == activity.standard_to_bill == 0
        ):
            return self.env._("an instalment must be more than nothing, and no more than what is left to bill")
        if (
            activity.kind == "disbursement"
            and claim.amount is not None
            and activity.currency_id.compare_amounts(claim.amount, claim.part_values()["standard_amount"])
        ):
            # CGI art. 267, II-2°: a disbursement is recovered at its exact cost, or it is taxable.
            return self.env._("a disbursement is billed at its exact cost")
        return self._get_product_problem(activity)

    @api.model
    def _get_product_problem(self, activity):
        # sudo: the accounting set-up of a product is checked, not shown
        product = activity.type_id.product_id.sudo().with_company(activity.company_id)
        if not product or not product.property_account_income_id:
            return self.env._(
                "the category “%s” has no income account: set it in Configuration › Settings",
                activity.type_id.name,
            )
        if not activity.tax_ids:
            return self.env._(
                "the category “%s” has no tax: set it in Configuration › Settings", activity.type_id.name
            )
        return False

    @api.model
    def _group_by_invoice(self, claims):
        groups = {}
        for claim in claims:
            activity = claim.activity
            key = (activity.company_id, claim.payer, activity.currency_id)
            groups.setdefault(key, []).append(claim)
        return groups

    #=== PREPARE METHODS ===#

    @api.model
    def _prepare_invoice_values(self, payer, claims, common_values):
        """Values of one draft invoice and of the rows of its lines.

        :param payer: client who pays
        :param claims: his :class:`Claim`, all in one company and currency
        :return: (values of account.move, {sequence of the line: [values of timebill.allocation]})
        """
        activities = self.env["timebill.activity"].union(*(claim.activity for claim in claims))
        contact = self._get_contact(payer, common_values)
        billing = self.with_context(lang=contact.lang or self.env.lang)
        fiscal_position = self.env["account.fiscal.position"]._get_fiscal_position(contact)
        lines, rows_of = billing._prepare_line_values(claims, fiscal_position, common_values.get("invoice_date"))
        values = {
            "move_type": "out_invoice",
            "currency_id": activities.currency_id.id,
            "company_id": activities.company_id.id,
            "invoice_user_id": activities.matter_id[:1].responsible_id.id,
            "invoice_origin": ", ".join(sorted(activities.matter_id.mapped("reference"))),
            "fiscal_position_id": fiscal_position.id,
            **common_values,
            "partner_id": contact.id,
            "invoice_line_ids": [Command.create(line) for line in lines],
        }
        return values, rows_of

    @api.model
    def _get_contact(self, payer, common_values):
        """Who receives the invoice of ``payer``."""
        contact_id = common_values.get("partner_id") or (payer and payer.address_get(["invoice"])["invoice"])
        return self.env["res.partner"].browse(contact_id)

    @api.model
    def _prepare_line_values(self, claims, fiscal_position, invoice_date=None):
        """Values of the sections and lines of one invoice, in the language of the context.

        :return: ([values of account.move.line], {sequence of the line: [values of timebill.allocation]})
        """
        activities = self.env["timebill.activity"].union(*(claim.activity for claim in claims))
        currency = activities.currency_id
        claim_of = {claim.activity.id: claim for claim in claims}
        digits = self.env["decimal.precision"].precision_get("Product Unit")
        part_of = {claim.activity.id: claim.part_values() for claim in claims}
        lines = group_items([self._prepare_item(claim, part_of[claim.activity.id]) for claim in claims], digits)
        values_list, rows_of, current_matter, current_section = [], {}, None, None
        one_matter = len(activities.matter_id) == 1
        for line in lines:
            first = claim_of[line.items[0].id].activity
            matter, section = first.matter_id, line.items[0].section
            if matter != current_matter:
                current_section = None
                if not one_matter:
                    values_list.append(
                        {"display_type": "line_section", "name": self.env._("Matter %s", matter.reference)}
                    )
            if section != current_section:
                values_list.append(
                    {
                        "display_type": "line_section" if one_matter else "line_subsection",
                        "name": self._get_section_name(section),
                    }
                )
            current_matter, current_section = matter, section
            line_claims = [claim_of[item.id] for item in line.items]
            values_list.append(self._prepare_product_line_values(line, line_claims, fiscal_position))
            rows_of[len(values_list)] = [
                self._prepare_allocation_values(claim, part_of[item.id], item)
                for claim, item in zip(line_claims, line.items, strict=True)
            ]
        for sequence, values in enumerate(values_list, start=1):
            values["sequence"] = sequence
        self._add_expected_amounts(
            [values for values in values_list if "display_type" not in values],
            activities.company_id,
            currency,
            invoice_date,
        )
        return values_list, rows_of

    @api.model
    def _prepare_item(self, claim, part):
        """What the arithmetic of lines needs to know of ``claim``.

        :param part: its :meth:`Claim.part_values`
        """
        activity = claim.activity
        standard, adjustment, amount = (
            to_decimal(activity.currency_id.round(value))
            for value in (part["standard_amount"], part["adjustment"], claim.amount or 0.0)
        )
        if claim.amount is None:
            amount = standard + adjustment
        return Item(
            id=activity.id,
            matter=activity.matter_id.id,
            section=SECTION_OF_KIND[activity.kind],
            type=activity.type_id.id,
            is_time=activity.kind == "time",
            quantity=to_decimal(part["coverage"]),
            price=to_price(activity.price_unit),
            amount=amount,
            revised=amount != standard,
        )

    @api.model
    def _get_section_name(self, section):
        return {
            "fees": self.env._("Fees"),
            "expenses": self.env._("Expenses"),
            "disbursements": self.env._("Disbursements (no VAT)"),
        }[section]

    @api.model
    def _prepare_product_line_values(self, line, claims, fiscal_position):
        activities = self.env["timebill.activity"].union(*(claim.activity for claim in claims))
        # sudo: a billing person bills what the catalogue says, also without rights on products
        product = activities[0].type_id.product_id.sudo()
        taxes = fiscal_position.map_tax(activities[0].tax_ids)
        minutes = int(sum(item.quantity for item in line.items)) if line.items[0].is_time else 0
        return {
            **self._prepare_printed_values(activities, minutes, (line.quantity, line.price, line.is_lump), taxes),
            "product_id": product.id,
            "timebill_reason_id": claims[0].reason.id if claims[0].reason else False,
            "tax_ids": [Command.set(taxes.ids)],
            "analytic_distribution": {str(activities.matter_id.analytic_account_id.id): 100},
        }

    @api.model
    def _prepare_printed_values(self, works, minutes, terms, taxes):
        """What a line prints: text, unit, quantity and price.

        :param works: activities or rows of the ledger
        :param minutes: time that the line bills, 0 when it bills no time
        :param terms: (quantity, price excl. tax, whether they are a lump sum), see :func:`lib.lines.line_terms`
        :param taxes: account.tax of the line, which may be included in its price
        """
        currency = works.currency_id
        quantity, price, is_lump = terms
        printed_price = self._get_printed_price(price, taxes, currency)
        if not is_lump and not self._is_exact(quantity, printed_price, currency):
            quantity, is_lump = 1, True
            price *= terms[0]
            printed_price = self._get_printed_price(price, taxes, currency)
        uom = "uom.product_uom_hour" if minutes and not is_lump else "uom.product_uom_unit"
        return {
            # Cached, unlike env.ref(), which asks the database whether the record exists.
            "product_uom_id": self.env["ir.model.data"]._xmlid_to_res_id(uom, raise_if_not_found=True),
            "name": self._get_line_name(works, minutes if is_lump else 0),
            "quantity": float(quantity),
            "price_unit": (
                self._get_exact_lump(printed_price, price, taxes, currency)
                if is_lump
                else float(to_price(printed_price))
            ),
        }

    @api.model
    def _is_exact(self, quantity, printed_price, currency):
        """Whether a line can print ``quantity × printed_price``: the product is a payable amount and not rounded to it.

        :param quantity: Decimal
        :param printed_price: float, with the taxes that are included in prices
        """
        price = to_price(printed_price)
        amount = quantity * price
        # A tax that is taken out of a price may have more decimals than a price.
        return abs(float(price) - printed_price) < 1e-9 and round_to(amount, to_decimal(currency.rounding)) == amount

    @api.model
    def _get_exact_lump(self, printed_price, price, taxes, currency):
        """Price that can be paid, nearest to ``printed_price``, which gives just ``price`` excl. tax.

        With several taxes in the price, each rounded, the nearest one may be a cent off.
        """
        nearest = currency.round(printed_price)
        if nearest == float(price):
            return nearest
        for candidate in (nearest, nearest + currency.rounding, nearest - currency.rounding):
            totals = taxes.compute_all(candidate, currency=currency, rounding_method="round_per_line")
            if not currency.compare_amounts(totals["total_excluded"], float(price)):
                return currency.round(candidate)
        return nearest

    @api.model
    def _get_printed_price(self, price, taxes, currency):
        """Price that makes ``price`` excl. tax once the taxes that are included in prices are taken out of it."""
        if not any(taxes.flatten_taxes_hierarchy().mapped("price_include")):
            return float(price)
        details = taxes._get_tax_details(
            float(price),
            1.0,
            precision_rounding=currency.rounding,
            rounding_method="round_globally",
            special_mode="total_excluded",
        )
        return float(price) + sum(data["tax_amount"] for data in details["taxes_data"] if data["tax"].price_include)

    @api.model
    def _prepare_remainder_values(self, rows, amount, taxes):
        """What a line prints once it bills ``amount``, excl. tax, for these rows of the ledger only."""
        currency = rows.currency_id
        minutes = sum(abs(minutes) for minutes in rows.mapped("minutes"))
        quantity = sum(to_decimal(abs(row.coverage)) for row in rows)
        terms = line_terms(
            quantity / MINUTES_PER_HOUR if minutes else quantity,
            to_price(rows[0].price_unit),
            to_decimal(currency.round(amount)),
            self.env["decimal.precision"].precision_get("Product Unit"),
        )
        return self._prepare_printed_values(rows, minutes, terms, taxes)

    @api.model
    def _get_possible_line_names(self, rows):
        """Texts that a line for these rows may have been given."""
        minutes = sum(abs(minutes) for minutes in rows.mapped("minutes"))
        return {self._get_line_name(rows, 0), self._get_line_name(rows, minutes)}

    @api.model
    def _get_line_name(self, works, minutes):
        """Neutral text: category, matter's reference and period, never the narrative.

        It goes to the accounts, the accounting export and e-invoices, which third parties read.

        :param works: activities, or rows of the ledger, whose activities may have moved to other matters since
        :param minutes: time to print in the text, because the line prints a lump sum; or 0
        """
        dates = works.mapped("date")
        first, last = (format_date(self.env, day) for day in (min(dates), max(dates)))
        name = self.env._(
            "%(category)s, matter %(matter)s, %(period)s",
            category=works[0].type_id.name,
            matter=", ".join(works.matter_id.mapped("reference")),
            period=first if first == last else self.env._("from %(first)s to %(last)s", first=first, last=last),
        )
        if minutes:
            name += f" ({format_duration(minutes)})"
        return name

    @api.model
    def _prepare_allocation_values(self, claim, part, item):
        return {
            "activity_id": claim.activity.id,
            "client_id": claim.payer.id,
            **part,
            "agreed_amount": float(item.amount),
        }

    @api.model
    def _add_expected_amounts(self, values_list, company, currency, invoice_date):
        """Give each line the amounts and tags that Odoo would compute and write one line at a time."""
        base_lines = self._get_base_lines(values_list, company, currency, invoice_date)
        self.env["account.tax"]._add_accounting_data_in_base_lines_tax_details(base_lines, company)
        for values, base_line in zip(values_list, base_lines, strict=True):
            details = base_line["tax_details"]
            values["amount_currency"] = -(details["total_excluded_currency"] + details["delta_total_excluded_currency"])
            values["balance"] = -(details["total_excluded"] + details["delta_total_excluded"])
            values["tax_tag_ids"] = [Command.set(base_line["tax_tag_ids"].ids)]

    @api.model
    def _get_base_lines(self, values_list, company, currency, invoice_date):
        """Lines as Odoo's tax engine wants them, computed and rounded as on the invoice."""
        Tax = self.env["account.tax"]
        date = invoice_date or fields.Date.context_today(self)
        rate = self.env["res.currency"]._get_conversion_rate(company.currency_id, currency, company, date)
        base_lines = [
            Tax._prepare_base_line_for_taxes_computation(
                {},
                price_unit=values["price_unit"],
                quantity=values["quantity"],
                currency_id=currency,
                tax_ids=Tax.browse(values["tax_ids"][0][2]),
                product_id=self.env["product.product"].browse(values["product_id"]),
                rate=rate,
                sign=-1,
            )
            for values in values_list
        ]
        Tax._add_tax_details_in_base_lines(base_lines, company)
        Tax._round_base_lines_tax_details(base_lines, company)
        return base_lines

    @api.model
    def _get_totals(self, claims, common_values=None):
        """Totals of the invoices that ``claims`` would give, without creating anything.

        :param common_values: as for :meth:`_create_invoices`
        :return: [(payer, currency, untaxed, tax)]
        """
        totals = []
        common_values = common_values or {}
        invoice_date = common_values.get("invoice_date")
        for (company, payer, currency), group in self._group_by_invoice(claims).items():
            billing = self.with_company(company)
            contact = self._get_contact(payer, common_values)
            fiscal_position = self.env["account.fiscal.position"].with_company(company)._get_fiscal_position(contact)
            lines = [
                values
                for values in billing._prepare_line_values(group, fiscal_position, invoice_date)[0]
                if "display_type" not in values
            ]
            base_lines = billing._get_base_lines(lines, company, currency, invoice_date)
            details = [base_line["tax_details"] for base_line in base_lines]
            untaxed = sum(d["total_excluded_currency"] + d["delta_total_excluded_currency"] for d in details)
            tax = sum(
                data["tax_amount_currency"] for d in details for data in d["taxes_data"]
            )
            totals.append((payer, currency, currency.round(untaxed), currency.round(tax)))
        return totals
