from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_amount


class AccountMoveLine(models.Model):
    _name = "account.move.line"
    _inherit = ["account.move.line", "timebill.cost.mixin"]

    timebill_allocation_ids = fields.One2many(
        "timebill.allocation", "move_line_id", "Billed Activities", groups="timebill_legal.group_user"
    )
    # The same, all of them: what a user may read of the rows above stays in the cache, also for sudo().
    timebill_row_ids = fields.One2many(
        "timebill.allocation", "move_line_id", groups=fields.NO_ACCESS, export_string_translation=False
    )
    timebill_origin_line_id = fields.Many2one(
        "account.move.line",
        "Reversed or Replaced Line",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
    )
    timebill_reason_id = fields.Many2one(
        "timebill.reason",
        "Reason of the Difference",
        copy=False,
        index="btree_not_null",
        ondelete="restrict",
        help="Why less or more is billed than the activities cost.",
    )

    #=== CRUD METHODS ===#

    def write(self, vals):
        self._check_timebill_written(vals)
        return super().write(vals)

    def _check_timebill_written(self, vals):
        """Refuse what forms do not offer and the billing history relies on.

        :raises UserError: naming the documents
        """
        if self.env.su:
            return
        kept = self.browse()
        if "timebill_origin_line_id" in vals:
            kept += self
        if "move_id" in vals:
            kept += self.filtered(lambda line: line.move_id.id != vals["move_id"] and line._get_timebill_rows())
        if "timebill_reason_id" in vals:
            kept += self.filtered(lambda line: line.parent_state != "draft" and line._get_timebill_rows())
        if kept:
            raise UserError(
                self.env._(
                    "The work that %s bills or credits stays on its line, with its reason once it is validated.",
                    ", ".join(kept.move_id.mapped("display_name")),
                )
            )

    @api.ondelete(at_uninstall=False)
    def _unlink_except_credited(self):
        """A credit note would reverse nothing any more."""
        rows = self._get_timebill_rows()
        credits = rows.reversal_ids.filtered(lambda row: row.move_line_id not in self)
        if credits:
            raise UserError(
                self.env._(
                    "%(credits)s gives back what %(invoices)s billed: this line cannot be deleted. Cancel the invoice"
                    " instead, or delete the credit note first.",
                    credits=", ".join(credits.move_id.mapped("display_name")),
                    invoices=", ".join(
                        f"{claim.move_id.display_name} ({claim.activity_id.display_name})"
                        for claim in credits.reversed_id
                    ),
                )
            )
        # An invoice and its credit note go together: a row goes before the one that it reverses.
        rows.filtered(lambda row: row.reversed_id.move_line_id in self).unlink()

    #=== BUSINESS METHODS ===#

    def _copy_data_extend_business_fields(self, values):
        """Remember the origin of the lines of a credit note and of the invoice that replaces a reversed one.

        Only under a key of our own: a debit note copies lines the same way and bills no activity.
        """
        super()._copy_data_extend_business_fields(values)
        if self.env.context.get("timebill_keep_origin"):
            values["timebill_origin_line_id"] = self.id

    def _get_timebill_rows(self):
        """Rows of the ledger on these lines, whoever asks."""
        # sudo: a biller or an accountant outside a confidential team must not lose its rows silently
        return self.sudo().timebill_row_ids

    def _reverse_timebill_rows(self):
        """Give back on these lines, of new credit notes, what is left of what their origin lines bill.

        On a draft they credit no more than that; the reversal of a credit note bills its work again.
        """
        values_list = []
        for line in self.filtered("timebill_origin_line_id"):
            for row in line.timebill_origin_line_id._get_timebill_rows():
                if row.reversed_id:
                    values_list.append(row._prepare_claim_values(line, sign=-1))
                elif row.net or row.net_billed:
                    values_list.append(row._prepare_credit_values(line, row.net_billed))
        self._create_timebill_rows(values_list)
        # Only these: a line that credits nothing any more takes its tax line with it.
        for line in self.filtered(lambda line: line.parent_state == "draft" and line._get_timebill_rows()):
            rows, origin_rows = line._get_timebill_rows(), line.timebill_origin_line_id._get_timebill_rows()
            amount = sum(rows.mapped("agreed_amount"))
            if rows.reversed_id and line.currency_id.compare_amounts(line.price_subtotal, amount):
                line._reprint_timebill_rows(rows, amount, origin_rows)

    def _claim_timebill_rows(self):
        """Bill again on these lines of replacing invoices what their origin lines billed."""
        self._create_timebill_rows(
            [
                row._prepare_claim_values(line)
                for line in self.filtered("timebill_origin_line_id")
                for row in line.timebill_origin_line_id._get_timebill_rows()
                if not row.reversed_id
            ]
        )

    def _credit_timebill_rows(self, credits):
        """Say which work this line of a credit note credits, and what comes back.

        A draft line then credits just that; the amount of a posted one is what it is.

        :param credits: [(claim (timebill.allocation), amount, release)], see ``_prepare_credit_values``
        :raises UserError: the amounts do not make up a posted line, or exceed what is left to credit
        """
        self.ensure_one()
        total = sum(amount for _claim, amount, _release in credits)
        previous = self._get_timebill_rows()
        if self.parent_state != "draft" and self.currency_id.compare_amounts(total, self.price_subtotal):
            raise UserError(
                self.env._(
                    "%(credit)s is posted and credits %(amount)s for “%(line)s”: the activities chosen must make up"
                    " that amount, not %(total)s.",
                    credit=self.move_id.display_name,
                    amount=format_amount(self.env, self.price_subtotal, self.currency_id),
                    line=self.name,
                    total=format_amount(self.env, total, self.currency_id),
                )
            )
        origin_rows = self.timebill_origin_line_id._get_timebill_rows()
        previous.unlink()
        self._create_timebill_rows([claim._prepare_credit_values(self, *choice) for claim, *choice in credits])
        if self.currency_id.compare_amounts(total, self.price_subtotal):
            self._reprint_timebill_rows(self._get_timebill_rows(), total, origin_rows)

    def _create_timebill_rows(self, values_list):
        # sudo: the ledger is written by this code alone, never by a user
        return self.env["timebill.allocation"].sudo().create(values_list)

    def _get_timebill_unexplained_difference(self):
        """By how much this line bills more, or less, than what its activities cost and was granted on them.

        :return: (difference, expected amount), excl. tax
        """
        self.ensure_one()
        rows = self._get_timebill_rows()
        expected = sum(rows.mapped("standard_amount")) + sum(rows.mapped("adjustment"))
        return self.currency_id.round(self.price_subtotal - expected), expected

    def _reprint_timebill_rows(self, rows, amount, previous_rows):
        """Make this line bill ``amount`` for ``rows`` only, of the ``previous_rows`` that its text was written for.

        The text follows, unless somebody wrote another one.
        """
        self.ensure_one()
        billing = self.env["timebill.billing"].with_context(lang=self.move_id.partner_id.lang or self.env.lang)
        values = billing._prepare_remainder_values(rows, amount, self.tax_ids)
        if not previous_rows or self.name not in billing._get_possible_line_names(previous_rows):
            del values["name"]
        self.write({**values, "discount": 0.0})

    def _get_timebill_text_credited(self):
        """What posted credit notes already credit of these lines that bill no work.

        :return: {id of the line: amount}
        """
        # sudo: amounts of credit notes of an invoice that is already being credited
        groups = self.sudo()._read_group(
            [
                ("timebill_origin_line_id", "in", self.ids),
                ("parent_state", "=", "posted"),
                ("move_id.move_type", "=", "out_refund"),
            ],
            ["timebill_origin_line_id"],
            ["price_subtotal:sum"],
        )
        return {origin.id: amount for origin, amount in groups}

    def _get_timebill_said_credits(self):
        """What the rows of this line of a credit note say that they credit.

        :return: {claim (timebill.allocation): amount}
        """
        rows = self._get_timebill_rows().filtered(lambda row: row.release in ("share", "none"))
        return {row.reversed_id: row.agreed_amount for row in rows}

    def _is_timebill_credit_edited(self):
        """Whether this line of a draft credit note no longer credits what its rows agreed on."""
        self.ensure_one()
        rows = self._origin._get_timebill_rows()
        if not rows or all(row.release == "none" for row in rows):
            return False
        # Work already given back in full is not given back again.
        if not any(row.reversed_id.net for row in rows):
            return False
        return bool(self.currency_id.compare_amounts(self.price_subtotal, sum(rows.mapped("agreed_amount"))))

    def _credit_timebill_choice(self, choices):
        """Make this line of a draft credit note credit just what was chosen.

        :param choices: [(claim or none, amount, release)]
        """
        self.ensure_one()
        rows = self._get_timebill_rows()
        if not choices[0][0]:
            self._credit_timebill_amount(choices[0][1])
        elif {(row.reversed_id, row.agreed_amount, row.release) for row in rows} != {
            (claim, claim.currency_id.round(amount), release) for claim, amount, release in choices
        }:
            self._credit_timebill_rows(choices)

    def _credit_timebill_amount(self, amount):
        """Make this line of a draft credit note, which bills no work, credit ``amount``, excl. tax."""
        self.ensure_one()
        if self.currency_id.compare_amounts(amount, self.price_subtotal):
            # In proportion, for the price may include taxes.
            price = self.price_unit * self.quantity * (1 - self.discount / 100) * amount / self.price_subtotal
            self.write({"quantity": 1.0, "price_unit": price, "discount": 0.0})

    #=== COSTS THAT THE CLIENT PAYS BACK ===#

    def _get_cost_kind(self):
        """What is booked on the pass-through account was paid in the client's name; the rest is the firm's cost."""
        self.ensure_one()
        account = self.company_id._timebill_get_kind_setup("disbursement")["account"]
        return "disbursement" if account and self.account_id == account else "expense"

    def _get_cost_date(self):
        self.ensure_one()
        return self.move_id.invoice_date or self.date

    def _get_cost(self, currency):
        self.ensure_one()
        is_disbursement = self._get_cost_kind() == "disbursement"
        return self.price_total if is_disbursement else self.price_subtotal, self.currency_id

    def _create_analytic_lines(self):
        """What clients pay back is charged by no sales order as well: Odoo looks for one whenever it makes these lines.

        :raises UserError: naming the activities
        """
        super()._create_analytic_lines()
        self.filtered(lambda line: line._get_sales_orders())._check_costs_not_recovered()

    def _get_sales_orders(self):
        self.ensure_one()
        # sudo: orders are named to who may read the bill
        items = self.sudo().analytic_line_ids
        return items.so_line.order_id if "so_line" in items._fields else super()._get_sales_orders()

    def _get_source_title(self):
        self.ensure_one()
        return (self.name or self.move_id.display_name).splitlines()[0]

    def _get_source_action(self):
        self.ensure_one()
        return self.move_id.get_formview_action()

    def _is_recoverable(self):
        """Whether this is a cost that the firm bears, and that a client may have to pay back."""
        self.ensure_one()
        return (
            self.move_id.move_type in ("in_invoice", "in_receipt")
            and self.parent_state == "posted"
            and self.display_type == "product"
        )

    def _check_may_convert(self):
        """
        :raises UserError: it is no cost that the firm bears
        """
        super()._check_may_convert()
        for line in self:
            if not line._is_recoverable():
                raise UserError(
                    self.env._(
                        "Only lines of a validated vendor bill are charged to a client; %s is none.",
                        line.move_id.display_name,
                    )
                )

    def _get_unsure_reason(self, values):
        if not self._is_recoverable():
            return self.env._("not on a validated vendor bill")
        return super()._get_unsure_reason(values)

    def _check_costs_not_recovered(self):
        """
        :raises UserError: naming the activities by which clients pay these costs back
        """
        if activities := self._get_source_activities():
            raise UserError(
                self.env._(
                    "Clients are charged with what %(bills)s cost: %(activities)s. Delete these activities first; one"
                    " that is billed needs a credit note.",
                    bills=", ".join(self.browse(activities.mapped("source_id")).move_id.mapped("display_name")),
                    activities=", ".join(activities.mapped("display_name")),
                )
            )
