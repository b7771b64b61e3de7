from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Domain
from odoo.tools import format_amount


class AccountMove(models.Model):
    _inherit = "account.move"

    timebill_allocation_ids = fields.One2many(
        "timebill.allocation", "move_id", "Billed Activities", groups="timebill_legal.group_user"
    )
    timebill_row_count = fields.Integer(
        compute="_compute_timebill_row_count", export_string_translation=False, groups="base.group_user"
    )
    timebill_matter_ids = fields.Many2many(
        "timebill.matter",
        string="Matter",
        compute="_compute_timebill_matter_ids",
        search="_search_timebill_matter_ids",
        groups="timebill_legal.group_user",
    )
    timebill_has_several_matters = fields.Boolean(
        compute="_compute_timebill_matter_ids", groups="timebill_legal.group_user", export_string_translation=False
    )
    timebill_no_activity = fields.Boolean(
        "No Recorded Activity",
        copy=False,
        tracking=True,
        groups="base.group_user",
        help="This document credits, or bills, no recorded activity, and somebody said so.",
    )
    timebill_notice = fields.Selection(
        [
            ("unsaid", "Does not say which activities it cancels"),
            ("unrecorded", "Has lines of the catalogue that bill no recorded activity"),
        ],
        compute="_compute_timebill_notice",
        groups="base.group_user",
        export_string_translation=False,
    )

    #=== COMPUTE METHODS ===#

    @api.depends("timebill_allocation_ids")
    def _compute_timebill_row_count(self):
        # sudo: only the number of rows is disclosed
        counts = dict(
            self.env["timebill.allocation"].sudo()._read_group([("move_id", "in", self.ids)], ["move_id"], ["__count"])
        )
        for move in self:
            move.timebill_row_count = counts.get(move._origin, 0)

    @api.depends("timebill_allocation_ids.matter_id")
    @api.depends_context("uid")
    def _compute_timebill_matter_ids(self):
        # sudo: the matters found through the ledger are filtered by the user's own access rights below
        matters_of = dict(
            self.env["timebill.allocation"].sudo()._read_group(
                [("move_id", "in", self.ids)], ["move_id"], ["matter_id:recordset"]
            )
        )
        for move in self:
            matters = matters_of.get(move._origin, self.env["timebill.matter"])
            # Matters that the user cannot read are left out: one of them would make the whole list unreadable.
            move.timebill_matter_ids = matters.sudo(self.env.su)._filtered_access("read")
            move.timebill_has_several_matters = len(matters) > 1

    def _search_timebill_matter_ids(self, operator, value):
        if operator in Domain.NEGATIVE_OPERATORS:
            return NotImplemented
        domain = Domain("timebill_allocation_ids.matter_id", operator, value)
        return domain | Domain("timebill_allocation_ids", "=", False) if operator == "in" and False in value else domain

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
            if move.move_type == "out_refund" and move._timebill_has_unsaid_credit():
                move.timebill_notice = "unsaid"
            elif move.move_type == "out_invoice" and move._timebill_get_unrecorded_lines():
                move.timebill_notice = "unrecorded"

    #=== CONSTRAINTS ===#

    @api.constrains("currency_id", "move_type", "auto_post")
    def _check_timebill_rows_allow(self):
        """Refuse to change the currency, the type or the recurrence of a document that bills or credits activities."""
        for move in self.filtered(lambda m: m.is_invoice(include_receipts=True)):
            rows = move.invoice_line_ids._timebill_get_rows_sudo()
            if not rows:
                continue
            move_type = "out_refund" if rows.reversed_id else "out_invoice"
            if (rows.currency_id, move_type) != (move.currency_id, move.move_type):
                raise ValidationError(
                    self.env._(
                        "%(document)s bills or credits activities: %(activities)s. Its currency and its type cannot be"
                        " changed. Delete the draft to bill the activities again.",
                        document=move._timebill_get_document_label(is_credit=bool(rows.reversed_id)),
                        activities=", ".join(rows.activity_id.mapped("display_name")),
                    )
                )
            if move.auto_post not in ("no", "at_date"):
                raise ValidationError(
                    self.env._(
                        "%s bills activities, which are billed once: the invoice cannot recur every month, quarter"
                        " or year.",
                        move.display_name,
                    )
                )

    def _timebill_get_document_label(self, is_credit):
        """Name of this document as a credit note, or as an invoice, whatever type is being written on it."""
        self.ensure_one()
        if self.state != "draft":
            return self.display_name
        draft = self.env._("Draft Credit Note") if is_credit else self.env._("Draft Invoice")
        number = self.name if self.name and self.name != "/" else f"({self.partner_id.name})"
        return f"{draft} {number}"

    #=== ACTION METHODS ===#

    def timebill_action_open_matters(self):
        action = self.env["ir.actions.act_window"]._for_xml_id("timebill_legal.timebill_matter_action_all")
        matters = self.timebill_matter_ids
        if len(matters) == 1:
            return {**action, "views": [(False, "form")], "res_id": matters.id}
        return {**action, "domain": [("id", "in", matters.ids)]}

    def timebill_action_open_history(self):
        """Open the billing history of all activities of these documents."""
        activities = self.timebill_allocation_ids.activity_id
        return self.env["timebill.allocation"]._get_history_action([("activity_id", "in", activities.ids)])

    def action_post(self):
        """Ask for the missing reasons where the caller can show a dialog; elsewhere, ``_post`` refuses."""
        # By this key, Odoo's own action_post knows whether it may return a dialog instead of posting.
        if not self.env.context.get("disable_abnormal_invoice_detection", True):
            self._timebill_check_exact_invoices()
            lines = self._timebill_get_lines_without_reason()
            if lines:
                return self.env["timebill.post.reason"]._open(self, lines)
        return super().action_post()

    def action_validate_moves_with_confirmation(self):
        drafts = self.filtered(lambda move: move.state == "draft")
        drafts._timebill_check_exact_invoices()
        if lines := drafts._timebill_get_lines_without_reason():
            return self.env["timebill.post.reason"]._open(self, lines, from_list=True)
        return super().action_validate_moves_with_confirmation()

    #=== BUSINESS METHODS ===#

    def _post(self, soft=True):
        """Check and settle the ledger: every way of posting a document calls this method."""
        self.check_access("write")
        if overlapping := self._timebill_get_credits_of_same_work():
            # What a credit note gives back depends on earlier credit notes of the same activities: post them one by
            # one.
            batches = [self - overlapping, *overlapping]
            return self.browse().union(*(moves._post(soft=soft) for moves in batches if moves))
        self._timebill_check_clients()
        self._timebill_check_exact_invoices()
        self._timebill_check_reasons()
        today = fields.Date.context_today(self)
        now = self.filtered(lambda move: not soft or move.date <= today)
        now._timebill_follow_rate()
        now._timebill_settle_credits()
        now._timebill_take_taxes()
        now.filtered(lambda move: move.move_type == "out_refund")._timebill_check_exact()
        posted = super()._post(soft=soft)
        posted._timebill_log_costs_given_back()
        posted._timebill_log_vat_on_payment()
        return posted

    def _timebill_check_clients(self):
        """Check that activities are billed to clients of their matter.

        :raises UserError: naming each invoice that bills somebody else
        """
        problems = dict.fromkeys(
            self.env._(
                "%(invoice)s cannot be posted: %(partner)s does not pay for these activities of the matter"
                " %(matter)s.",
                invoice=row.move_id.display_name,
                partner=row.move_id.partner_id.display_name,
                matter=row.matter_id.reference,
            )
            for row in self.invoice_line_ids._timebill_get_rows_sudo()
            if not row._is_billed_to_a_client()
        )
        if problems:
            raise UserError("\n".join(problems))
        self.invoice_line_ids._timebill_get_rows_sudo()._follow_payer()

    def _timebill_get_lines_without_reason(self):
        """Lines without a reason that differ from the cost of their activities by more than the threshold of the
        company.

        Of expenses and disbursements as well as of fees; a discount granted before billing has its own reason.
        """
        lines = self.filtered(lambda move: move.move_type == "out_invoice").invoice_line_ids
        result = self.env["account.move.line"]
        for line in lines:
            if line.timebill_reason_id or not line._timebill_get_rows_sudo():
                continue
            difference, expected = line._timebill_get_unexplained_difference()
            if difference and line.company_id._timebill_needs_reason(difference, expected, line.currency_id):
                result += line
        return result

    def _timebill_check_reasons(self):
        """Check that differences beyond the threshold of the company have a reason.

        :raises UserError: naming each invoice and line
        """
        lines = self._timebill_get_lines_without_reason()
        if lines:
            raise UserError(
                "\n".join(
                    self.env._(
                        "%(invoice)s: “%(line)s” differs by %(difference)s from what its activities cost. Give the"
                        " reason on the line, then validate.",
                        invoice=line.move_id.display_name,
                        line=line.name,
                        difference=format_amount(
                            self.env, line._timebill_get_unexplained_difference()[0], line.currency_id
                        ),
                    )
                    for line in lines
                )
            )

    def button_draft(self):
        """What clients pay back stays paid; what left with the invoice is kept."""
        self.filtered(lambda move: move.is_purchase_document()).invoice_line_ids._timebill_check_not_charged()
        # Before, because the name of an annex contains the number of the posted document.
        self.env["account.move.send"]._timebill_keep_sent_annexes(self.filtered(lambda move: move.state == "posted"))
        return super().button_draft()

    def write(self, vals):
        """What counts again, or no longer gives back, must still be able to take its work, for what it costs now."""
        rows = self.invoice_line_ids._timebill_get_rows_sudo() if "state" in vals else self.env["timebill.allocation"]
        # Computed now, whatever is pending: what rows print depends on the state.
        rows.mapped("price_unit")
        res = super().write(vals)
        if "invoice_currency_rate" in vals:
            self._timebill_note_typed_rate()
        if vals.get("state") in ("draft", "cancel"):
            claims = rows.filtered(lambda row: not row.reversed_id) | rows.reversed_id
            claims._check_not_moved()
            claims._update_costs()
            claims._check_costs_agree()
        return res

    def _timebill_get_details(self, matter=None):
        """Rows of the *detail of work* of the printed invoice, or of the annex of a confidential matter.

        :param matter: the confidential matter whose annex is printed; without it, all that the invoice itself shows
        :return: [(Section, timebill.allocation)] by matter, each with its sections in their order on the invoice
        """
        self.ensure_one()
        if matter:
            self.check_access("read")
            matter.check_access("read")
        # sudo: the printed document is the same whoever prints it; it leaves out confidential matters, which have an
        # annex
        rows = self.invoice_line_ids._timebill_get_rows_sudo()
        rows = rows.sorted(lambda row: row._get_detail_order())
        rows = rows.filtered(lambda row: row.matter_id == matter if matter else not row.matter_id.confidential)
        return [
            (section, section_rows)
            for matter_rows in rows.grouped("matter_id").values()
            for section in self.env["timebill.kind"]._get_sections()
            if (section_rows := matter_rows.filtered(lambda row, code=section.code: row._get_kind().section == code))
        ]

    def _timebill_get_annex_matters_sudo(self):
        """Confidential matters that these documents bill: their detail is printed on an annex that the matter keeps."""
        # sudo: the invoice prints the references of its matters, and that there is an annex
        return self.invoice_line_ids._timebill_get_rows_sudo().matter_id.filtered("confidential")

    def _notify_by_email_get_final_mail_values(self, recipient_ids, mail_values, additional_values=None):
        values = super()._notify_by_email_get_final_mail_values(recipient_ids, mail_values, additional_values)
        annexes = self.env["ir.attachment"].sudo(False).browse(self.env.context.get("timebill_annex_ids", ()))
        # The context comes from the client: keep only attachments that the user can read.
        if annexes := annexes._filtered_access("read"):
            values["timebill_annex_ids"] = [Command.set(annexes.ids)]
            # sudo: addressees of this e-mail; should it fail and be sent again, it goes to no other address
            addressees = self.env["res.partner"].sudo().browse(recipient_ids)
            values["timebill_annex_emails"] = ",".join(addressees.mapped(lambda p: p.email_normalized or ""))
        return values

    def _timebill_get_unrecorded_lines(self):
        """Lines with the product of an activity type that bill no activity: copies, debit notes, products chosen by
        hand.
        """
        lines = self.invoice_line_ids.filtered(lambda line: line.display_type == "product" and line.product_id)
        lines = lines.filtered(lambda line: not line._origin._timebill_get_rows_sudo())
        # sudo: it may be known that a product belongs to an activity type
        types = self.env["timebill.activity.type"].sudo().with_context(active_test=False)
        products = types.search([("product_id", "in", lines.product_id._origin.ids)]).product_id if lines else []
        return lines.filtered(lambda line: line.product_id._origin in products)
