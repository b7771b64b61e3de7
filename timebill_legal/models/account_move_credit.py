from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain

#: Rows proposed at once for a credit note that names no invoice.
CANDIDATE_LIMIT = 200


class AccountMove(models.Model):
    """What a credit note says of the work that it credits, and the banners of what nobody said."""

    _inherit = "account.move"

    timebill_no_activity = fields.Boolean(
        "No Recorded Activity",
        copy=False,
        tracking=True,
        help="This document credits, or bills, no recorded activity, and somebody said so.",
    )
    timebill_notice = fields.Selection(
        [
            ("unsaid", "Does not say which activities it cancels"),
            ("unrecorded", "Has lines of the catalogue that bill no recorded activity"),
        ],
        compute="_compute_timebill_notice",
        export_string_translation=False,
    )

    #=== COMPUTE METHODS ===#

    @api.depends(
        "state",
        "move_type",
        "partner_id",
        "currency_id",
        "timebill_no_activity",
        "invoice_line_ids.product_id",
        "invoice_line_ids.price_subtotal",
        "timebill_allocation_ids.release",
        "timebill_allocation_ids.reversed_id.net",
    )
    def _compute_timebill_notice(self):
        for move in self:
            move.timebill_notice = False
            if move.timebill_no_activity or move.state not in ("draft", "posted"):
                continue
            if move.move_type == "out_refund" and move._has_unsaid_credit():
                move.timebill_notice = "unsaid"
            elif move.move_type == "out_invoice" and move._get_timebill_unrecorded_lines():
                move.timebill_notice = "unrecorded"

    #=== ACTION METHODS ===#

    def action_choose_timebill_activities(self):
        """Window that says which activities a credit note cancels."""
        self.ensure_one()
        self.check_access("write")
        if not self._get_timebill_credit_targets():
            raise UserError(self.env._("%s has no line that could credit an activity.", self.display_name))
        return self.env["timebill.credit"]._open(self)

    def action_timebill_no_activity(self):
        """Somebody says that no recorded activity is meant: the banner goes for good."""
        self.check_access("write")
        self.timebill_no_activity = True
        return {"type": "ir.actions.act_window_close"}

    #=== BUSINESS METHODS ===#

    def _get_timebill_unrecorded_lines(self):
        """Lines that look like ours and bill no recorded work: copies, debit notes, products chosen by hand."""
        lines = self.invoice_line_ids.filtered(lambda line: line.display_type == "product" and line.product_id)
        lines = lines.filtered(lambda line: not line._origin._get_timebill_rows())
        # sudo: that a product belongs to the catalogue is no secret
        types = self.env["timebill.activity.type"].sudo().with_context(active_test=False)
        products = types.search([("product_id", "in", lines.product_id._origin.ids)]).product_id if lines else []
        return lines.filtered(lambda line: line.product_id._origin in products)

    def _has_unsaid_credit(self):
        """Whether it credits work, or may do so, without saying which."""
        self.ensure_one()
        lines = self.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        rows = lines._origin._get_timebill_rows()
        if any(row.release == "unsaid" and row.reversed_id.live and row.reversed_id.net > 0 for row in rows):
            return True
        if self.state == "draft" and any(line._is_timebill_credit_edited() for line in lines):
            return True
        if rows:
            return False
        return any(self._get_timebill_candidates(line, limit=1) for line in self._get_timebill_credit_targets())

    def _get_timebill_credit_targets(self):
        """Lines of a credit note that may say which activities they credit."""
        self.ensure_one()
        return self.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
            # The copy of a line that billed no work credits none.
            and (not line.timebill_origin_line_id or line.timebill_origin_line_id._get_timebill_rows())
            and line.currency_id.compare_amounts(line.price_subtotal, 0) > 0
        )

    def _get_timebill_candidates(self, line, limit=None, invoice=None):
        """Claims that ``line`` of this credit note may credit.

        Those of the line that it reverses; else those of the invoice that the credit note reverses; else all
        that the client was billed and has left, the latest first.
        """
        self.ensure_one()
        # sudo: what is shown of them is decided by the window
        Claim = self.env["timebill.allocation"].sudo()
        line = line._origin
        origins = line.timebill_origin_line_id or line._get_timebill_rows().reversed_id.move_line_id
        domain = Domain("reversed_id", "=", False) & Domain("live", "=", True) & Domain("move_state", "=", "posted")
        domain &= Domain("move_line_id.currency_id", "=", self.currency_id.id)
        domain &= Domain("company_id", "=", self.company_id.id)
        if origins:
            domain &= Domain("move_line_id", "in", origins.ids)
        elif self.reversed_entry_id:
            domain &= Domain("move_id", "=", self.reversed_entry_id.id)
        else:
            domain &= Domain("move_id.commercial_partner_id", "=", self.commercial_partner_id.id)
        if invoice:
            domain &= Domain("move_id", "=", invoice.id)
        # What its own rows credit can be said anew.
        own = line._get_timebill_rows().reversed_id
        domain &= Domain("net_billed", ">", 0) | Domain("id", "in", own.ids)
        return Claim.search(domain, order="id desc", limit=limit)

    def _get_timebill_creditable(self):
        """What a credit note of these invoices can credit, of those that bill activities.

        :return: [(invoice line, claim or none, amount left, excl. tax)]
        """
        result = []
        moves = self.filtered(lambda m: m.move_type == "out_invoice" and m.timebill_row_count)
        lines = moves.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        credited_of = lines._get_timebill_text_credited()
        for line in lines.sorted(lambda line: (line.move_id.id, line.sequence, line.id)):
            claims = line._get_timebill_rows().filtered(lambda row: not row.reversed_id)
            if not claims:
                left = line.currency_id.round(line.price_subtotal - credited_of.get(line.id, 0.0))
                if left:
                    result.append((line, claims, left))
            for claim in claims.sorted(lambda claim: claim._get_invoice_order()):
                if claim.live and (claim.net or claim.net_billed):
                    result.append((line, claim, claim.currency_id.round(claim.net_billed)))
        return result

    def _remove_empty_timebill_sections(self):
        """Titles of a credit note under which nothing is left."""
        empty = self.env["account.move.line"]
        for move in self:
            in_section = in_subsection = False
            for line in move.invoice_line_ids.sorted(lambda line: (line.sequence, line.id), reverse=True):
                if line.display_type == "line_section":
                    empty += line if not in_section else empty.browse()
                    in_section = in_subsection = False
                elif line.display_type == "line_subsection":
                    empty += line if not in_subsection else empty.browse()
                    in_subsection = False
                else:
                    in_section = in_subsection = True
        empty.unlink()


class AccountMoveLine(models.Model):
    _inherit = "account.move.line"

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
