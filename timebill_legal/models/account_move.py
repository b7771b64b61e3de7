from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import SQL, format_amount

#: Odoo's notification states, the worst first, and what they say of an invoice.
SENDING_STATE_OF_NOTIFICATION = {
    "bounce": "refused",
    "exception": "failed",
    "canceled": "failed",
    "ready": "queued",
    "process": "queued",
    "pending": "queued",
    "sent": "sent",
}

#: Sections of the detail of work and the kinds of activities that they show, in their order on the invoice.
DETAIL_SECTIONS = {"work": ("time", "service"), "expenses": ("expense",), "disbursements": ("disbursement",)}


class AccountMove(models.Model):
    _inherit = "account.move"

    timebill_allocation_ids = fields.One2many(
        "timebill.allocation", "move_id", "Billed Activities", groups="timebill_legal.group_user"
    )
    timebill_row_count = fields.Integer(compute="_compute_timebill_row_count", export_string_translation=False)
    matter_ids = fields.Many2many(
        "timebill.matter",
        compute="_compute_matter_ids",
        search="_search_matter_ids",
        groups="timebill_legal.group_user",
    )
    sending_message_id = fields.Many2one(
        "mail.message", "Message That Sent It", readonly=True, copy=False, index="btree_not_null"
    )
    sending_state = fields.Selection(
        [
            ("to_send", "To Send"),
            ("queued", "Being Sent"),
            ("sent", "Sent"),
            ("failed", "Failed"),
            ("refused", "Address Refused"),
        ],
        compute="_compute_sending_state",
        store=True,
        copy=False,
        help="True to the state of the e-mail itself, unlike the generation of the PDF.",
    )
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

    @api.depends("timebill_allocation_ids")
    def _compute_timebill_row_count(self):
        # sudo: only whether the document bills activities
        counts = dict(
            self.env["timebill.allocation"].sudo()._read_group([("move_id", "in", self.ids)], ["move_id"], ["__count"])
        )
        for move in self:
            move.timebill_row_count = counts.get(move._origin, 0)

    @api.depends("timebill_allocation_ids.matter_id")
    @api.depends_context("uid")
    def _compute_matter_ids(self):
        # sudo: the ledger only says which matters to look at, which the user's own rights filter again
        matters_of = dict(
            self.env["timebill.allocation"].sudo()._read_group(
                [("move_id", "in", self.ids)], ["move_id"], ["matter_id:recordset"]
            )
        )
        for move in self:
            matters = matters_of.get(move._origin, self.env["timebill.matter"])
            # The other matters stand on the invoice by their reference; a link would refuse the whole list.
            move.matter_ids = matters.sudo(self.env.su)._filtered_access("read")

    def _search_matter_ids(self, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        domain = Domain("timebill_allocation_ids.matter_id", operator, value)
        return domain | Domain("timebill_allocation_ids", "=", False) if operator == "in" and False in value else domain

    @api.depends("move_type", "sending_message_id.notification_ids.notification_status")
    def _compute_sending_state(self):
        for move in self:
            # sudo: the state of an e-mail is that of the invoice, also for who did not send it
            message = move.sending_message_id.sudo()
            emails = message.notification_ids.filtered(lambda n: n.notification_type == "email")
            # Followers get the message too; whether the client has it is another matter.
            emails = emails.filtered(lambda n, message=message: n.res_partner_id in message.partner_ids) or emails
            statuses = set(emails.mapped("notification_status"))
            if not move.is_sale_document(include_receipts=True):
                move.sending_state = False
            elif not message:
                move.sending_state = "to_send"
            elif statuses:
                worst = next(status for status in SENDING_STATE_OF_NOTIFICATION if status in statuses)
                move.sending_state = SENDING_STATE_OF_NOTIFICATION[worst]
            elif move.sending_state != "sent":  # Odoo deletes the notifications of old e-mails
                move.sending_state = "failed"
            else:
                move.sending_state = "sent"

    @api.depends("sending_state")
    def _compute_status_in_payment(self):
        """An invoice whose e-mail did not leave is posted, not sent."""
        super()._compute_status_in_payment()
        for move in self:
            if move.status_in_payment == "sent" and move.sending_state != "sent":
                move.status_in_payment = move.state

    @api.depends("sending_state")
    def compute_move_sent_values(self):
        super().compute_move_sent_values()
        for move in self:
            if move.sending_state != "sent":
                move.move_sent_values = "not_sent"

    def _search_move_sent_values(self, operator, value):
        if operator != "in":
            return NotImplemented
        states = [state for state, _label in self._fields["sending_state"].selection]
        wanted = [state for state in states if ("sent" if state == "sent" else "not_sent") in value]
        return [("sending_state", "in", [*wanted, *([False] if "not_sent" in value else [])])]

    def _field_to_sql(self, alias, fname, query=None):
        if fname == "move_sent_values":
            return SQL(
                "CASE WHEN %s = 'sent' THEN 'sent' ELSE 'not_sent' END",
                self._field_to_sql(alias, "sending_state", query),
            )
        return super()._field_to_sql(alias, fname, query=query)

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

    #=== CONSTRAINTS ===#

    @api.constrains("currency_id", "move_type", "auto_post")
    def _check_timebill_rows_allow(self):
        """Refuse what would make the rows of the ledger meaningless, by whatever way it comes."""
        for move in self.filtered(lambda m: m.is_invoice(include_receipts=True)):
            rows = move.invoice_line_ids._get_timebill_rows()
            if not rows:
                continue
            move_type = "out_refund" if rows.reversed_id else "out_invoice"
            if (rows.currency_id, move_type) != (move.currency_id, move.move_type):
                raise ValidationError(
                    self.env._(
                        "Activities stand on %s: its currency and its type cannot change. Delete the draft, the"
                        " activities are then to bill again.",
                        move.display_name,
                    )
                )
            if move.auto_post not in ("no", "at_date"):
                raise ValidationError(
                    self.env._(
                        "Activities stand on %s, and work is billed once: it cannot be repeated every month, quarter"
                        " or year.",
                        move.display_name,
                    )
                )

    #=== ACTION METHODS ===#

    def action_open_matters(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("timebill_legal.timebill_matter_action_all")
        matters = self.matter_ids
        if len(matters) == 1:
            return {**action, "views": [(False, "form")], "res_id": matters.id}
        return {**action, "domain": [("id", "in", matters.ids)]}

    def action_open_history(self):
        """All that happened to the activities of these documents, here and elsewhere."""
        activities = self.timebill_allocation_ids.activity_id
        return self.env["timebill.allocation"]._get_history_action([("activity_id", "in", activities.ids)])

    def action_post(self):
        """Odoo's own buttons ask for the reasons that are missing; other callers are refused by name."""
        if not self.env.context.get("disable_abnormal_invoice_detection", True):
            lines = self._get_timebill_lines_without_reason()
            if lines:
                return self.env["timebill.post.reason"]._open(self, lines)
        return super().action_post()

    def action_validate_moves_with_confirmation(self):
        lines = self.filtered(lambda move: move.state == "draft")._get_timebill_lines_without_reason()
        if lines:
            return self.env["timebill.post.reason"]._open(self, lines, from_list=True)
        return super().action_validate_moves_with_confirmation()

    def action_recover_costs(self):
        """Charge the lines that bear the account of a matter to its client, once each.

        :raises UserError: no line does
        """
        lines = self.invoice_line_ids.filtered(lambda line: line._is_recoverable())
        matters_of = lines._get_cost_matters()
        lines = lines.filtered(matters_of.get)
        if not lines:
            raise UserError(
                self.env._(
                    "No line of %s says for which matter it was. Choose the matter's analytic account on its lines.",
                    ", ".join(self.mapped("display_name")),
                )
            )
        return lines.action_convert_to_activity()

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

    def _post(self, soft=True):
        """Gate of the ledger: every way of posting comes through here."""
        if overlapping := self._get_credits_of_the_same_work():
            # What a credit note gives back depends on what was credited before it.
            batches = [self - overlapping, *overlapping]
            return self.browse().union(*(moves._post(soft=soft) for moves in batches if moves))
        self._check_timebill_clients()
        self._check_timebill_reasons()
        today = fields.Date.context_today(self)
        self.filtered(lambda move: not soft or move.date <= today)._settle_timebill_credits()
        posted = super()._post(soft=soft)
        posted._tell_timebill_costs_given_back()
        return posted

    def _tell_timebill_costs_given_back(self):
        """A vendor gives back what clients were charged with: say it, for somebody to look at."""
        refunds = self.filtered(lambda move: move.move_type == "in_refund" and move.reversed_entry_id)
        activities = refunds.reversed_entry_id.invoice_line_ids._get_source_activities()
        for refund in refunds:
            lines = refund.reversed_entry_id.invoice_line_ids
            charged = activities.filtered(lambda activity, lines=lines: activity.source_id in lines.ids)
            if charged:
                refund._message_log(
                    body=self.env._(
                        "%(bill)s was charged to clients: %(activities)s. Lower these activities or credit them if the"
                        " vendor gives back what they paid.",
                        bill=refund.reversed_entry_id.display_name,
                        activities=", ".join(charged.mapped("display_name")),
                    )
                )

    def _check_timebill_clients(self):
        """Work is billed to the clients of its matter.

        :raises UserError: naming each invoice that bills somebody else
        """
        problems = {
            self.env._(
                "%(invoice)s cannot be posted: %(partner)s is not who pays this work on the matter %(matter)s.",
                invoice=row.move_id.display_name,
                partner=row.move_id.partner_id.display_name,
                matter=row.matter_id.reference,
            ): row
            for row in self.invoice_line_ids._get_timebill_rows()
            if not row._is_billed_to_a_client()
        }
        if problems:
            raise UserError("\n".join(problems))
        self.invoice_line_ids._get_timebill_rows()._follow_payer()

    def _get_credits_of_the_same_work(self):
        """Credit notes among these that credit what another of them credits too, if there are several."""
        moves_of = {}
        for row in self.invoice_line_ids._get_timebill_rows().filtered("reversed_id"):
            moves_of.setdefault(row.reversed_id, self.browse())
            moves_of[row.reversed_id] |= row.move_id.sudo(False)
        moves = self.browse().union(*(moves for moves in moves_of.values() if len(moves) > 1))
        return self & moves  # in the order in which they are posted

    def _get_timebill_lines_without_reason(self):
        """Lines that bill less or more than their activities cost, beyond the threshold of the company, for no reason.

        Of expenses and disbursements as well as of fees; a discount granted before billing has its own reason.
        """
        lines = self.filtered(lambda move: move.move_type == "out_invoice").invoice_line_ids
        result = self.env["account.move.line"]
        for line in lines:
            if line.timebill_reason_id or not line._get_timebill_rows():
                continue
            difference, expected = line._get_timebill_unexplained_difference()
            if difference and line.company_id._timebill_needs_reason(difference, expected, line.currency_id):
                result += line
        return result

    def _check_timebill_reasons(self):
        """A write-down or write-up beyond the threshold of the company has a reason.

        :raises UserError: naming each invoice and line
        """
        lines = self._get_timebill_lines_without_reason()
        if lines:
            raise UserError(
                "\n".join(
                    self.env._(
                        "%(invoice)s: “%(line)s” differs by %(difference)s from what its activities cost. Give the"
                        " reason on the line, then validate.",
                        invoice=line.move_id.display_name,
                        line=line.name,
                        difference=format_amount(
                            self.env, line._get_timebill_unexplained_difference()[0], line.currency_id
                        ),
                    )
                    for line in lines
                )
            )

    def _settle_timebill_credits(self):
        """Fix what credit notes give back; of the rest, the chatter says that it stays billed."""
        # sudo: the ledger is written by this code alone, whoever posts
        unsaid = self.invoice_line_ids._get_timebill_rows()._settle_credits()
        for move, rows in unsaid.grouped("move_id").items():
            body = self.env._(
                "This does not say which work it credits, less than %(invoices)s billed: these activities stay billed,"
                " at a lower price: %(activities)s.",
                invoices=", ".join(rows.reversed_id.move_id.mapped("display_name")),
                activities=", ".join(rows.activity_id.mapped("display_name")),
            )
            move.sudo(False)._message_log(body=body)

    def button_draft(self):
        """What counts again, or no longer gives back, must still be able to take its work; and what clients pay back
        stays paid.
        """
        self.filtered(lambda move: move.is_purchase_document()).invoice_line_ids._check_costs_not_recovered()
        res = super().button_draft()
        rows = self.invoice_line_ids._get_timebill_rows()
        (rows | rows.reversed_id)._check_not_moved()
        return res

    def _check_timebill_reversible(self):
        """A document is reversed once it counts, and a lower price is not reversed: it gave no work back.

        :raises UserError: naming each document, and the way out
        """
        problems = []
        for move in self:
            rows = move.invoice_line_ids._get_timebill_rows()
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

    def _reverse_moves(self, default_values_list=None, cancel=False):
        self._check_timebill_reversible()
        reverse_moves = super(AccountMove, self.with_context(timebill_keep_origin=True))._reverse_moves(
            default_values_list, cancel
        )
        reverse_moves = self.browse(reverse_moves.ids)
        reverse_moves.line_ids._reverse_timebill_rows()
        return reverse_moves

    def _get_timebill_details(self, matter=None):
        """What the *detail of work* shows, of the printed invoice or of the annex of a confidential matter.

        :param matter: the confidential matter whose annex is printed; without it, all that the invoice itself shows
        :return: [(section, timebill.allocation)] by matter, each with its sections in their order on the invoice
        """
        self.ensure_one()
        if matter:
            self.check_access("read")
            matter.check_access("read")
        # sudo: the client's document shows the work whoever prints it; confidential matters have their own annex
        rows = self.invoice_line_ids._get_timebill_rows()
        rows = rows.sorted(lambda row: (row.matter_id.reference, row.date, row.id))
        rows = rows.filtered(lambda row: row.matter_id == matter if matter else not row.matter_id.confidential)
        return [
            (section, section_rows)
            for matter_rows in rows.grouped("matter_id").values()
            for section, kinds in DETAIL_SECTIONS.items()
            if (section_rows := matter_rows.filtered(lambda row, kinds=kinds: row.kind in kinds))
        ]

    def _get_timebill_annex_matters(self):
        """Confidential matters billed on these documents: their work is printed on an annex, kept in the matter."""
        # sudo: that there is an annex is no secret, the reference of the matter stands on the invoice
        return self.invoice_line_ids._get_timebill_rows().matter_id.filtered("confidential")

    def _notify_by_email_get_final_mail_values(self, recipient_ids, mail_values, additional_values=None):
        values = super()._notify_by_email_get_final_mail_values(recipient_ids, mail_values, additional_values)
        annexes = self.env["ir.attachment"].sudo(False).browse(self.env.context.get("timebill_annex_ids", ()))
        # A context can be forged: nobody sends what she may not read herself.
        if annexes := annexes._filtered_access("read"):
            values["timebill_annex_ids"] = [Command.set(annexes.ids)]
        return values

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
