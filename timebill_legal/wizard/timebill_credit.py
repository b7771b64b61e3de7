from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tools import format_amount

#: Rows proposed at once for a credit note that names no invoice.
CANDIDATE_LIMIT = 200


class TimebillCredit(models.TransientModel):
    """Dialog that chooses the activities which an existing credit note credits.

    It only collects choices: ``account_move_credit.py`` carries them out.
    """

    _name = "timebill.credit"
    _description = "Choose the Activities of a Credit Note"

    move_id = fields.Many2one("account.move", "Credit Note", required=True, readonly=True, ondelete="cascade")
    # Computed, not related: a related field would read any id sent by the client under sudo.
    company_id = fields.Many2one("res.company", compute="_compute_from_move")
    currency_id = fields.Many2one("res.currency", compute="_compute_from_move")
    commercial_partner_id = fields.Many2one("res.partner", compute="_compute_from_move")
    is_draft = fields.Boolean(compute="_compute_from_move", export_string_translation=False)
    is_free = fields.Boolean(compute="_compute_from_move", export_string_translation=False)
    target_ids = fields.Many2many("account.move.line", compute="_compute_from_move", export_string_translation=False)
    has_several_targets = fields.Boolean(compute="_compute_from_move", export_string_translation=False)
    invoice_id = fields.Many2one("account.move", help="Shows the activities that this invoice billed.")
    release = fields.Boolean(
        "Activities to bill again",
        default=True,
        help="What is credited comes back to the work to bill. Otherwise only its price is lowered.",
    )
    line_ids = fields.One2many("timebill.credit.line", "credit_id", "Activities")
    has_several_matters = fields.Boolean(compute="_compute_is_limited", export_string_translation=False)
    is_limited = fields.Boolean(compute="_compute_is_limited", export_string_translation=False)
    summary = fields.Text(compute="_compute_summary")

    #=== COMPUTE METHODS ===#

    @api.depends("move_id")
    def _compute_from_move(self):
        for credit in self:
            move = credit._get_move()
            targets = move._timebill_get_credit_targets() if move else move.invoice_line_ids
            credit.company_id = move.company_id
            credit.currency_id = move.currency_id
            credit.commercial_partner_id = move.commercial_partner_id
            credit.is_draft = move.state == "draft"
            credit.target_ids = targets
            credit.has_several_targets = len(targets) > 1
            credit.is_free = bool(move) and not move.reversed_entry_id and not targets.timebill_origin_line_id

    @api.depends("line_ids")
    def _compute_is_limited(self):
        for credit in self:
            credit.has_several_matters = len({line.matter for line in credit.line_ids if line.matter}) > 1
            credit.is_limited = credit.is_free and len(credit.line_ids) >= CANDIDATE_LIMIT

    @api.depends("line_ids.included", "line_ids.amount", "line_ids.credit_line_id")
    def _compute_summary(self):
        """What each line of the credit note credits, and what was chosen of it."""
        for credit in self:
            texts = []
            for target in credit.target_ids._origin:
                chosen = credit._get_chosen(target)
                texts.append(
                    self.env._(
                        "“%(line)s”: %(chosen)s chosen of %(amount)s",
                        line=(target.name or target.move_id.display_name).split("\n")[0],
                        chosen=format_amount(self.env, chosen, credit.currency_id),
                        amount=format_amount(self.env, target.price_subtotal, credit.currency_id),
                    )
                )
            credit.summary = "\n".join(texts)

    @api.onchange("line_ids")
    def _onchange_line_ids(self):
        """A ticked activity takes what is left of its line of the credit note."""
        for line in self.line_ids:
            if not line.included:
                line.amount = 0
            elif not line.amount:
                targets = line.credit_line_id._origin or (
                    self.target_ids._origin if len(self.target_ids) == 1 else self.target_ids.browse()
                )
                rest = targets.price_subtotal - self._get_chosen(targets) if targets else line.left
                line.amount = max(min(line.left, line.currency_id.round(rest)), 0)

    @api.onchange("invoice_id")
    def _onchange_invoice_id(self):
        """Show the activities of one invoice, and keep those that are ticked."""
        if not self.is_free:
            return
        kept = self.line_ids.filtered("included")
        claims = self._get_move()._timebill_get_candidates_sudo(
            self.target_ids[:1], limit=CANDIDATE_LIMIT, invoice=self.invoice_id._origin
        )
        target = self.target_ids._origin if len(self.target_ids) == 1 else self.target_ids.browse()
        self.line_ids = [
            Command.clear(),
            *(
                Command.create(
                    {
                        "claim_id": line.claim_id.id,
                        "origin_line_id": line.origin_line_id.id,
                        "credit_line_id": line.credit_line_id.id,
                        "included": True,
                        "amount": line.amount,
                    }
                )
                for line in kept
            ),
            *(Command.create(self._prepare_line(claim, target)) for claim in claims - kept._get_claims_sudo()),
        ]

    #=== ACTION METHODS ===#

    @api.model
    def _open(self, move):
        """Window on the credit note ``move``, which the user may edit."""
        credit = self.create({"move_id": move.id})
        credit.line_ids = [Command.create(values) for values in credit._prepare_lines()]
        for target, lines in credit.line_ids.grouped("credit_line_id").items():
            if target and len(lines) == 1 and not credit.is_free:
                lines.write({"included": True, "amount": min(target.price_subtotal, lines.left)})
        return credit._get_records_action(
            name=self.env._("Which activities does this credit note cancel?"),
            target="new",
            context={"dialog_size": "extra-large"},
        )

    def action_save(self):
        """Write what was chosen in the billing history."""
        self.ensure_one()
        move = self.move_id
        move.check_access("write")
        if move.state not in ("draft", "posted"):
            raise UserError(self.env._("%s is cancelled: it cancels no activity.", move.display_name))
        included = self.line_ids.filtered("included")
        included._check_choices()
        if not included:
            raise UserError(
                self.env._(
                    "Tick the activities that %s cancels, or press “No activity is cancelled”.", move.display_name
                )
            )
        for target, lines in included.grouped(self._get_target).items():
            candidates = self.env["timebill.allocation"]
            if target in self.target_ids:
                candidates = move._timebill_get_candidates_sudo(target)
            if any(line._get_claims_sudo() not in candidates for line in lines):
                raise UserError(
                    self.env._(
                        "Choose for each activity the line of %(credit)s that credits it: %(activities)s.",
                        credit=move.display_name,
                        activities=", ".join(lines.mapped("label")),
                    )
                )
            target._timebill_choose_credits(
                [(line._get_claims_sudo(), line.amount, line._get_release()) for line in lines]
            )
        return {"type": "ir.actions.act_window_close"}

    def action_no_activity(self):
        return self.move_id.timebill_action_no_activity()

    #=== BUSINESS METHODS ===#

    def _get_move(self):
        """The credit note, of those that the user may edit."""
        return self.move_id._origin._filtered_access("write")

    def _timebill_get_invoices(self, lines):
        """Invoices of the client of this credit note that the user may read, of those that ``lines`` credit."""
        move = self._get_move()
        invoices = lines._get_origins().move_id.sudo(self.env.su)._filtered_access("read")
        return invoices.filtered(
            lambda invoice: (invoice.commercial_partner_id, invoice.company_id, invoice.currency_id)
            == (move.commercial_partner_id, move.company_id, move.currency_id)
        )

    def _get_target(self, line):
        """Line of the credit note that credits what ``line`` of this window shows."""
        return line.credit_line_id or (self.target_ids if len(self.target_ids) == 1 else self.target_ids.browse())

    def _get_chosen(self, target):
        lines = self.line_ids.filtered("included")
        return sum(lines.filtered(lambda line: self._get_target(line)._origin == target).mapped("amount"))

    def _prepare_lines(self):
        """Values of the activities that this credit note may cancel."""
        targets, move = self.target_ids, self._get_move()
        if self.is_free:
            # The same for each line: they are shown once, to be put on one of them.
            target = targets if len(targets) == 1 else targets.browse()
            candidates = move._timebill_get_candidates_sudo(targets[:1], limit=CANDIDATE_LIMIT)
            return [self._prepare_line(claim, target) for claim in candidates]
        result = []
        for target in targets:
            candidates = move._timebill_get_candidates_sudo(target)
            rows = target._timebill_get_rows_sudo().filtered(lambda row: row.release in ("share", "none"))
            # What was chosen before, unless the line was edited since.
            amount_of = {} if target._timebill_is_credit_edited() else {r.reversed_id: r.agreed_amount for r in rows}
            result += [
                {**self._prepare_line(claim, target), "included": claim in amount_of, "amount": amount_of.get(claim, 0)}
                for claim in candidates.sorted("id")
            ]
        return result

    def _prepare_line(self, claim, target):
        return {"claim_id": claim.id, "origin_line_id": claim.move_line_id.id, "credit_line_id": target.id}
