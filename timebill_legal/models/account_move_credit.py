from odoo import api, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_amount


class AccountMove(models.Model):
    """What a credit note does to the work, on documents."""

    _inherit = "account.move"

    #=== ACTION METHODS ===#

    def timebill_action_choose_activities(self):
        """Window that says which activities a credit note cancels."""
        self.ensure_one()
        self.check_access("write")
        if not self._timebill_get_credit_targets():
            raise UserError(self.env._("%s has no line that could credit an activity.", self.display_name))
        return self.env["timebill.credit"]._open(self)

    def timebill_action_no_activity(self):
        """Somebody says that no recorded activity is meant: the banner goes for good."""
        self.check_access("write")
        self.timebill_no_activity = True
        return {"type": "ir.actions.act_window_close"}

    #=== BUSINESS METHODS ===#

    def _reverse_moves(self, default_values_list=None, cancel=False):
        self._timebill_check_reversible()
        reverse_moves = super(AccountMove, self.with_context(timebill_keep_origin=True))._reverse_moves(
            default_values_list, cancel
        )
        reverse_moves = self.browse(reverse_moves.ids)
        reverse_moves.line_ids._timebill_reverse_rows()
        return reverse_moves

    def _timebill_check_reversible(self):
        """A document is reversed once it counts, and a lower price is not reversed: it gave no work back.

        :raises UserError: naming each document, and the way out
        """
        problems = []
        for move in self:
            rows = move.invoice_line_ids._timebill_get_rows_sudo()
            if rows and move.state == "draft":
                problems.append(self.env._("%s is a draft: delete it, or validate it first.", move.display_name))
            elif any(row.reversed_id and not row.coverage for row in rows):
                problems.append(
                    self.env._(
                        "%s lowered the price of work that stays billed, and cannot be reversed: put it back to draft,"
                        " or bill the amount on an invoice of its own.",
                        move.display_name,
                    )
                )
        if problems:
            raise UserError("\n".join(problems))

    def _timebill_get_credits_of_same_work(self):
        """Credit notes among these that credit what another of them credits too, if there are several."""
        moves_of = {}
        for row in self.invoice_line_ids._timebill_get_rows_sudo().filtered("reversed_id"):
            moves_of.setdefault(row.reversed_id, self.browse())
            moves_of[row.reversed_id] |= row.move_id.sudo(False)
        moves = self.browse().union(*(moves for moves in moves_of.values() if len(moves) > 1))
        return self & moves  # in the order in which they are posted

    def _timebill_settle_credits(self):
        """Fix what credit notes give back; of the rest, the chatter says that it stays billed."""
        # sudo: the ledger is written by this code alone, whoever posts
        unsaid = self.invoice_line_ids._timebill_get_rows_sudo()._settle_credits()
        for move, rows in unsaid.grouped("move_id").items():
            body = self.env._(
                "This does not say which work it credits, less than %(invoices)s billed: these activities stay billed,"
                " at a lower price: %(activities)s.",
                invoices=", ".join(rows.reversed_id.move_id.mapped("display_name")),
                activities=", ".join(rows.activity_id.mapped("display_name")),
            )
            move.sudo(False)._message_log(body=body)

    def _timebill_has_unsaid_credit(self):
        """Whether it credits work, or may do so, without saying which."""
        self.ensure_one()
        lines = self.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        rows = lines._origin._timebill_get_rows_sudo()
        if any(row.release == "unsaid" and row.reversed_id.live and row.reversed_id.net > 0 for row in rows):
            return True
        if self.state == "draft" and any(line._timebill_is_credit_edited() for line in lines):
            return True
        if rows:
            return False
        return any(self._timebill_get_candidates_sudo(line, limit=1) for line in self._timebill_get_credit_targets())

    def _timebill_get_credit_targets(self):
        """Lines of a credit note that may say which activities they credit."""
        self.ensure_one()
        return self.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
            # The copy of a line that billed no work credits none.
            and (not line.timebill_origin_line_id or line.timebill_origin_line_id._timebill_get_rows_sudo())
            and line.currency_id.compare_amounts(line.price_subtotal, 0) > 0
        )

    def _timebill_get_candidates_sudo(self, line, limit=None, invoice=None):
        """Claims that ``line`` of this credit note may credit.

        Those of the line that it reverses; else those of the invoice that the credit note reverses; else all
        that the client was billed and has left, the latest first.
        """
        self.ensure_one()
        # sudo: what is shown of them is decided by the window
        Claim = self.env["timebill.allocation"].sudo()
        line = line._origin
        origins = line.timebill_origin_line_id or line._timebill_get_rows_sudo().reversed_id.move_line_id
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
        own = line._timebill_get_rows_sudo().reversed_id
        domain &= Domain("net_billed", ">", 0) | Domain("id", "in", own.ids)
        return Claim.search(domain, order="id desc", limit=limit)

    def _timebill_get_creditable(self):
        """What a credit note of these invoices can credit, of those that bill activities.

        :return: [(invoice line, claim or none, amount left, excl. tax)]
        """
        result = []
        moves = self.filtered(lambda m: m.move_type == "out_invoice" and m.timebill_row_count)
        lines = moves.invoice_line_ids.filtered(lambda line: line.display_type == "product")
        credited_of = lines._timebill_get_text_credited()
        for line in lines.sorted(lambda line: (line.move_id.id, line.sequence, line.id)):
            claims = line._timebill_get_rows_sudo().filtered(lambda row: not row.reversed_id)
            if not claims:
                left = line.currency_id.round(line.price_subtotal - credited_of.get(line.id, 0.0))
                if left:
                    result.append((line, claims, left))
            for claim in claims.sorted(lambda claim: claim._get_invoice_order()):
                if claim.live and (claim.net or claim.net_billed):
                    result.append((line, claim, claim.currency_id.round(claim.net_billed)))
        return result

    def _timebill_remove_empty_sections(self):
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

    #=== CRUD METHODS ===#

    @api.ondelete(at_uninstall=False)
    def _unlink_except_timebill_credited(self):
        """A credit note would reverse nothing any more."""
        rows = self._timebill_get_rows_sudo()
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

    def _timebill_reverse_rows(self):
        """Give back on these lines, of new credit notes, what is left of what their origin lines bill.

        On a draft they credit no more than that; the reversal of a credit note bills its work again.
        """
        values_list = []
        for line in self.filtered("timebill_origin_line_id"):
            for row in line.timebill_origin_line_id._timebill_get_rows_sudo():
                if row.reversed_id:
                    values_list.append(row._prepare_claim_values(line, sign=-1))
                elif row.net or row.net_billed:
                    values_list.append(row._prepare_credit_values(line, row.net_billed))
        self._timebill_create_rows_sudo(values_list)
        # Only these: a line that credits nothing any more takes its tax line with it.
        for line in self.filtered(lambda line: line.parent_state == "draft" and line._timebill_get_rows_sudo()):
            rows, origin_rows = line._timebill_get_rows_sudo(), line.timebill_origin_line_id._timebill_get_rows_sudo()
            amount = sum(rows.mapped("agreed_amount"))
            if rows.reversed_id and line.currency_id.compare_amounts(line.price_subtotal, amount):
                line._timebill_reprint_rows(rows, amount, origin_rows)

    def _timebill_claim_rows(self):
        """Bill again on these lines of replacing invoices what their origin lines billed."""
        self._timebill_create_rows_sudo(
            [
                row._prepare_claim_values(line)
                for line in self.filtered("timebill_origin_line_id")
                for row in line.timebill_origin_line_id._timebill_get_rows_sudo()
                if not row.reversed_id
            ]
        )

    def _timebill_credit_choice(self, choices):
        """Make this line of a draft credit note credit just what was chosen.

        :param choices: [(claim or none, amount, release)]
        """
        self.ensure_one()
        rows = self._timebill_get_rows_sudo()
        if not choices[0][0]:
            self._timebill_credit_amount(choices[0][1])
        elif {(row.reversed_id, row.agreed_amount, row.release) for row in rows} != {
            (claim, claim.currency_id.round(amount), release) for claim, amount, release in choices
        }:
            self._timebill_credit_rows(choices)

    def _timebill_credit_rows(self, credits):
        """Say which work this line of a credit note credits, and what comes back.

        A draft line then credits just that; the amount of a posted one is what it is.

        :param credits: [(claim (timebill.allocation), amount, release)], see ``_prepare_credit_values``
        :raises UserError: the amounts do not make up a posted line, or exceed what is left to credit
        """
        self.ensure_one()
        total = sum(amount for _claim, amount, _release in credits)
        previous = self._timebill_get_rows_sudo()
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
        origin_rows = self.timebill_origin_line_id._timebill_get_rows_sudo()
        previous.unlink()
        self._timebill_create_rows_sudo([claim._prepare_credit_values(self, *choice) for claim, *choice in credits])
        if self.currency_id.compare_amounts(total, self.price_subtotal):
            self._timebill_reprint_rows(self._timebill_get_rows_sudo(), total, origin_rows)

    def _timebill_credit_amount(self, amount):
        """Make this line of a draft credit note, which bills no work, credit ``amount``, excl. tax."""
        self.ensure_one()
        if self.currency_id.compare_amounts(amount, self.price_subtotal):
            # In proportion, for the price may include taxes.
            price = self.price_unit * self.quantity * (1 - self.discount / 100) * amount / self.price_subtotal
            self.write({"quantity": 1.0, "price_unit": price, "discount": 0.0})

    def _timebill_get_text_credited(self):
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

    def _timebill_get_said_credits(self):
        """What the rows of this line of a credit note say that they credit.

        :return: {claim (timebill.allocation): amount}
        """
        rows = self._timebill_get_rows_sudo().filtered(lambda row: row.release in ("share", "none"))
        return {row.reversed_id: row.agreed_amount for row in rows}

    def _timebill_is_credit_edited(self):
        """Whether this line of a draft credit note no longer credits what its rows agreed on."""
        self.ensure_one()
        rows = self._origin._timebill_get_rows_sudo()
        if not rows or all(row.release == "none" for row in rows):
            return False
        # Work already given back in full is not given back again.
        if not any(row.reversed_id.net for row in rows):
            return False
        return bool(self.currency_id.compare_amounts(self.price_subtotal, sum(rows.mapped("agreed_amount"))))
