from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Domain
from odoo.tools import format_amount

from ..tools.by_program import BY_PROGRAM


class AccountMove(models.Model):
    """Credit notes, the documents. ``timebill_allocation_credit.py`` handles the rows of the ledger.

    How it works
    ============
    A line of an invoice bills activities by its *claims*, rows of the ledger. A line of a credit note gives back by
    its *credits*, rows that each reverse a claim. The line that it copies is its *origin line*. What is credited of a
    line is a list of *choices* ``(claim or none, amount, release)``: an amount without tax, and whether the work comes
    back (``share``) or only costs less (``none``). A line that bills no work has one choice without a claim.

    * **Drafted** by the window *Reverse*, or by any other caller: :meth:`_reverse_moves` takes the choices from the
      values of the new document, Odoo copies the invoice, :meth:`_timebill_write_rows` writes the rows, once, and makes
      each line credit what was chosen; without choices, all that is left. Nothing counts yet: the activity stays
      billed. *Reverse and Create Invoice* posts the credit note at once; the new invoice claims the same work.
    * **Typed by hand**, it has no rows. The banner ``timebill_notice`` asks which activities are meant, the window
      *Choose* answers for one line at a time: :meth:`_timebill_choose_credits`.
    * **Edited**: the rows stay as they are. When a line no longer credits what they agree on, the banner asks again.
      A line that is deleted takes its rows along.
    * **Posted**: :meth:`_timebill_settle_credits` compares each line with its rows. As agreed, or all that is left:
      the work is to bill again. Any other amount lowers the price of work that stays billed. Only the rows of lines
      that were edited, or whose claims were credited meanwhile, are written anew.
    * **Reset to draft** or **cancelled**: its credits no longer count, the invoice bills its work again. Refused,
      naming the activity, when that work was billed again or given to another matter meanwhile.
    * **Deleted**: its rows go with its lines. An invoice that is credited is not deleted.
    * **Reversed** itself: the new invoice claims what the credit note gave back.
    """

    _inherit = "account.move"

    #=== ACTION METHODS ===#

    def timebill_action_choose_activities(self):
        """Open the dialog that chooses the activities which a credit note credits."""
        self.ensure_one()
        self.check_access("write")
        if not self._timebill_get_credit_targets():
            raise UserError(self.env._("%s has no line that could credit an activity.", self.display_name))
        return self.env["timebill.credit"]._open(self)

    def timebill_action_no_activity(self):
        """Confirm that no activity is credited, which removes the banner for good."""
        self.check_access("write")
        self.timebill_no_activity = True
        return {"type": "ir.actions.act_window_close"}

    #=== BUSINESS METHODS ===#

    def _reverse_moves(self, default_values_list=None, cancel=False):
        """Create the rows of the ledger together with the reversing documents.

        :param default_values_list: may hold, besides fields, ``timebill_choices``: {line of the invoice: choices}. The
            lines that it does not name are credited in full; those without any choice disappear. A credit note that
            Odoo posts at once (``cancel``) always credits the whole.
        """
        self._timebill_check_reversible()
        choices_of = {}
        for values in default_values_list or ():
            choices_of.update(values.pop("timebill_choices", {}))
        reverse_moves = super(
            AccountMove, self.with_context(timebill_keep_origin=BY_PROGRAM, timebill_by_program=BY_PROGRAM)
        )._reverse_moves(default_values_list, cancel)
        reverse_moves = self.browse(reverse_moves.ids)
        reverse_moves.invoice_line_ids._timebill_write_rows({} if cancel else choices_of)
        reverse_moves._timebill_take_taxes()
        return reverse_moves

    def _timebill_check_reversible(self):
        """Check that these documents can be reversed: they are posted, and did not only lower a price.

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
                        "%s only lowered the price of activities that stay billed, and cannot be reversed: reset it"
                        " to draft, or bill the amount on a separate invoice.",
                        move.display_name,
                    )
                )
        if problems:
            raise UserError("\n".join(problems))

    def _timebill_get_credits_of_same_work(self):
        """Credit notes among these which credit the same activities as another one of them."""
        moves_of = {}
        for row in self.invoice_line_ids._timebill_get_rows_sudo().filtered("reversed_id"):
            moves_of.setdefault(row.reversed_id, self.browse())
            moves_of[row.reversed_id] |= row.move_id.sudo(False)
        moves = self.browse().union(*(moves for moves in moves_of.values() if len(moves) > 1))
        return self & moves  # keeps the order of posting

    def _timebill_settle_credits(self):
        """Settle what these credit notes give back, just before they are posted; log the activities that only cost
        less.
        """
        # sudo: only this code writes the ledger; whoever can post the credit note settles it
        unsaid = self.invoice_line_ids._timebill_get_rows_sudo()._settle_credits()
        for move, rows in unsaid.grouped("move_id").items():
            body = self.env._(
                "The credited amount is lower than %(invoices)s billed, and no activities were chosen: these"
                " activities stay billed at a lower price: %(activities)s.",
                invoices=", ".join(rows.reversed_id.move_id.mapped("display_name")),
                activities=", ".join(rows.activity_id.mapped("display_name")),
            )
            move.sudo(False)._message_log(body=body)

    def _timebill_has_unsaid_credit(self):
        """Whether this credit note credits, or may credit, activities that nobody chose."""
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
        """Lines of a credit note for which activities can be chosen."""
        self.ensure_one()
        return self.invoice_line_ids.filtered(
            lambda line: line.display_type == "product"
            # a copy of a line that billed no activity credits none
            and (not line.timebill_origin_line_id or line.timebill_origin_line_id._timebill_get_rows_sudo())
            and line.currency_id.compare_amounts(line.price_subtotal, 0) > 0
        )

    def _timebill_get_candidates_sudo(self, line, limit=None, invoice=None):
        """Claims that ``line`` of this credit note may credit.

        Those of the line that it reverses; else those of the invoice that the credit note reverses; else all
        that the client was billed and has left, the latest first.
        """
        self.ensure_one()
        # sudo: the dialog shows only what the user can read of them, see timebill.credit.line
        Claim = self.env["timebill.allocation"].sudo()
        line = line._origin
        domain = Domain("reversed_id", "=", False) & Domain("live", "=", True) & Domain("move_state", "=", "posted")
        domain &= Domain("move_line_id.currency_id", "=", self.currency_id.id)
        domain &= Domain("company_id", "=", self.company_id.id)
        if line.timebill_origin_line_id:
            domain &= Domain("move_line_id", "=", line.timebill_origin_line_id.id)
        elif self.reversed_entry_id:
            domain &= Domain("move_id", "=", self.reversed_entry_id.id)
        else:
            domain &= Domain("move_id.commercial_partner_id", "=", self.commercial_partner_id.id)
        if invoice:
            domain &= Domain("move_id", "=", invoice.id)
        # What the line itself credits can be chosen again.
        own = line._timebill_get_rows_sudo().reversed_id
        domain &= Domain("net_billed", ">", 0) | Domain("id", "in", own.ids)
        return Claim.search(domain, order="id desc", limit=limit)

    def _timebill_get_creditable(self):
        """What a credit note of these invoices can credit, of those that bill activities.

        :return: [(invoice line, claim or none, amount left, excl. tax)], in the order of the detail of the invoice
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
            for claim in claims:
                if claim.live and (claim.net or claim.net_billed):
                    result.append((line, claim, claim.currency_id.round(claim.net_billed)))
        # As on the detail of each invoice; lines of text and amounts alone come last.
        return sorted(
            result,
            key=lambda row: (row[0].move_id.id, not row[1], row[1]._get_detail_order() if row[1] else ()),
        )

    def _timebill_remove_empty_sections(self):
        """Delete the section titles of a credit note that have no lines left."""
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
    """Credit notes, the lines of the documents: see :class:`AccountMove` above."""

    _inherit = "account.move.line"

    timebill_origin_line_id = fields.Many2one(
        "account.move.line",
        "Reversed or Replaced Line",
        readonly=True,
        copy=False,
        index="btree_not_null",
        ondelete="set null",
        groups="base.group_user",
    )

    #=== CRUD METHODS ===#

    @api.ondelete(at_uninstall=False)
    def _unlink_except_timebill_credited(self):
        """Refuse to delete a line that a credit note reverses."""
        rows = self._timebill_get_rows_sudo()
        credits = rows.reversal_ids.filtered(lambda row: row.move_line_id not in self)
        if credits:
            raise UserError(
                self.env._(
                    "%(credits)s credits what %(invoices)s billed: this line cannot be deleted. Cancel the invoice"
                    " instead, or delete the credit note first.",
                    credits=", ".join(credits.move_id.mapped("display_name")),
                    invoices=", ".join(
                        f"{claim.move_id.display_name} ({claim.activity_id.display_name})"
                        for claim in credits.reversed_id
                    ),
                )
            )

    def unlink(self):
        # An invoice and its credit note that are deleted together: a row that is reversed is refused, the reversals go
        # first.
        self.check_access("unlink")
        rows = self._timebill_get_rows_sudo()
        rows.filtered(lambda row: row.reversed_id.move_line_id in self).unlink()
        return super().unlink()

    #=== BUSINESS METHODS ===#

    def _copy_data_extend_business_fields(self, values):
        """Remember the origin of the lines of a credit note and of the invoice that replaces a reversed one.

        Only under a key of our own: a debit note copies lines the same way and bills no activity.
        """
        super()._copy_data_extend_business_fields(values)
        if self.env.context.get("timebill_keep_origin") is BY_PROGRAM:
            values["timebill_origin_line_id"] = self.id

    def _timebill_write_rows(self, choices_of=None):
        """Write the rows of these new lines, copies of lines that bill or credit work.

        Lines of draft credit notes then credit just that.

        :param choices_of: {origin line: choices}, see :meth:`AccountMove._reverse_moves`
        """
        choices_of = choices_of or {}
        copies = self.filtered("timebill_origin_line_id")
        self._timebill_create_rows_sudo(
            [
                values
                for line in copies
                for values in line._timebill_prepare_rows(choices_of.get(line.timebill_origin_line_id))
            ]
        )
        copies._timebill_keep_reasons()
        copies._timebill_get_rows_sudo()._update_costs()
        credits = copies.filtered(lambda line: line.move_type == "out_refund" and line.parent_state == "draft")
        emptied = credits.filtered(lambda line: choices_of.get(line.timebill_origin_line_id) == [])
        amount_of = {}
        for line in credits - emptied:
            if rows := line._timebill_get_rows_sudo():
                amount_of[line] = sum(rows.mapped("agreed_amount"))
            elif choices := choices_of.get(line.timebill_origin_line_id):
                amount_of[line] = choices[0][1]  # it bills no work
        changed = [
            line for line, amount in amount_of.items() if line.currency_id.compare_amounts(line.price_subtotal, amount)
        ]
        if not changed and not emptied:
            return
        moves = credits.move_id
        container = {"records": moves}
        # Compute taxes and totals once, not after each line.
        with moves._check_balanced(container), moves._sync_dynamic_lines(container):
            for line in changed:
                line._timebill_set_credited_amount(amount_of[line])
            emptied.unlink()
            if emptied:
                moves._timebill_remove_empty_sections()

    def _timebill_keep_reasons(self):
        """What these lines bill again differs from its cost for the same reason as before."""
        for line in self.filtered(lambda line: line.move_type == "out_invoice"):
            origin = line.timebill_origin_line_id
            line.timebill_reason_id = (origin | origin.timebill_origin_line_id).timebill_reason_id[:1]

    def _timebill_prepare_rows(self, choices=None):
        """Values of the rows of this line, which copies a line that bills or credits work.

        On an invoice, claims for what its origin line billed or gave back; on a credit note, credits.

        :param choices: what is credited; by default all that is left
        """
        self.ensure_one()
        origin_rows = self.timebill_origin_line_id._timebill_get_rows_sudo()
        if self.move_type == "out_invoice":
            return [row._prepare_claim_values(self) for row in origin_rows]
        if choices is None:
            choices = [(row, row.net_billed, "share") for row in origin_rows if row.net or row.net_billed]
        return [
            # Prefetch the claims of all lines together: the cache of those from the dialog was invalidated.
            claim.with_prefetch(origin_rows._prefetch_ids)._prepare_credit_values(self, *choice)
            for claim, *choice in choices
            if claim
        ]

    def _timebill_choose_credits(self, choices):
        """Replace the rows of this line of a credit note; a draft line then credits just that.

        :param choices: [(claim, amount, release)], see ``_prepare_credit_values``
        :raises UserError: the amounts do not make up a posted line, or exceed what is left to credit
        """
        self.ensure_one()
        total = sum(amount for _claim, amount, _release in choices)
        is_other_amount = self.currency_id.compare_amounts(self.price_subtotal, total)
        if is_other_amount and self.parent_state != "draft":
            raise UserError(
                self.env._(
                    "%(credit)s is posted and credits %(amount)s for “%(line)s”: the chosen activities must add up"
                    " to this amount, not to %(total)s.",
                    credit=self.move_id.display_name,
                    amount=format_amount(self.env, self.price_subtotal, self.currency_id),
                    line=self.name,
                    total=format_amount(self.env, total, self.currency_id),
                )
            )
        # First of all, for what the former rows credit can be credited again.
        self._timebill_get_rows_sudo().unlink()
        self._timebill_create_rows_sudo([claim._prepare_credit_values(self, *choice) for claim, *choice in choices])
        self._timebill_take_setup()
        if self.currency_id.compare_amounts(self.price_subtotal, total):
            self._timebill_set_credited_amount(total)
        if self.parent_state == "posted" and (problem := self._timebill_get_exact_problem()):
            raise UserError(problem)

    def _timebill_set_credited_amount(self, amount):
        """Make this line of a draft credit note credit ``amount``, excl. tax, for its rows if it has any."""
        self.ensure_one()
        if rows := self._timebill_get_rows_sudo():
            keep_text = self._timebill_has_own_text(self.timebill_origin_line_id._timebill_get_rows_sudo())
            self._timebill_reprint_rows(rows, amount, keep_text)
        else:
            # Scale the price, which may include taxes.
            price = self.price_unit * self.quantity * (1 - self.discount / 100) * amount / self.price_subtotal
            self.write({"quantity": 1.0, "price_unit": price, "discount": 0.0})

    def _timebill_get_text_credited(self):
        """What posted credit notes already credit of these lines that bill no work.

        :return: {id of the line: amount}
        """
        # sudo: other credit notes of the invoice that is being credited count as well; only their total is used
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

    def _timebill_is_credit_edited(self):
        """Whether this line of a draft credit note no longer credits what its rows agree on, as far as that matters."""
        self.ensure_one()
        rows = self._origin._timebill_get_rows_sudo()
        if not rows or all(row.release == "none" for row in rows):
            return False
        # An activity that was credited in full is not given back again.
        if not any(row.reversed_id.net for row in rows):
            return False
        return bool(self.currency_id.compare_amounts(self.price_subtotal, sum(rows.mapped("agreed_amount"))))
