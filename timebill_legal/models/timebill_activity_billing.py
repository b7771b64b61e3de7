from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.fields import Domain
from odoo.tools import format_amount, format_date, formatLang

from ..lib.durations import format_duration
from ..lib.money import part_of, to_decimal

#: Activities that the daily job releases in one go.
RELEASE_BATCH = 500


class TimebillActivity(models.Model):
    """The billing state of an activity: what is covered, what is left to bill, what is on hold.

    The ledger (``timebill.allocation``) alone decides what is billed; everything here is read from it, or decides about
    what is left.
    """

    _inherit = "timebill.activity"

    covered = fields.Float(
        "Quantity Covered", digits=(16, 6), compute="_compute_covered", store=True, copy=False
    )
    billing_state = fields.Selection(
        [
            ("to_bill", "To Bill"),
            ("on_hold", "On Hold"),
            ("draft", "Draft Invoice"),
            ("billed", "Billed"),
            ("written_off", "Written Off"),
            ("not_billable", "Not Billable"),
        ],
        "Status",
        compute="_compute_billing_state",
        store=True,
        index=True,
    )
    standard_to_bill = fields.Monetary(
        "To Bill before Discounts",
        compute="_compute_amounts",
        store=True,
        groups="timebill_legal.group_amounts",
        help="What the part that is left to bill costs, before discounts and surcharges.",
    )
    amount_to_bill = fields.Monetary(
        "To Bill (excl. tax)", compute="_compute_amounts", store=True, groups="timebill_legal.group_amounts"
    )
    amount_billed = fields.Monetary(
        "Billed (excl. tax)", compute="_compute_amounts", store=True, groups="timebill_legal.group_amounts"
    )
    amount_revised = fields.Monetary(
        "Revised (excl. tax)",
        compute="_compute_amounts",
        store=True,
        groups="timebill_legal.group_amounts",
        help="What is billed, and what is left to bill after discounts and surcharges.",
    )
    amount_difference = fields.Monetary(
        "Difference",
        compute="_compute_amounts",
        store=True,
        groups="timebill_legal.group_amounts",
        help="Written down (negative) or up.",
    )
    on_hold = fields.Boolean("Bill Later", readonly=True, copy=False)
    hold_until = fields.Date(readonly=True, copy=False)
    hold_note = fields.Char("Reason to Wait", readonly=True, copy=False)
    move_ids = fields.Many2many(
        "account.move", string="Invoices", compute="_compute_move_ids", groups="account.group_account_invoice"
    )
    approved = fields.Boolean("Ready to Bill", readonly=True, copy=False)
    approved_by_id = fields.Many2one("res.users", readonly=True, copy=False)
    is_on_draft = fields.Boolean(compute="_compute_is_on_draft", export_string_translation=False)
    billing_message = fields.Char(compute="_compute_billing_message", export_string_translation=False)

    _covered_within_billable = models.Constraint(
        "CHECK (covered >= 0 AND covered <= billable_quantity)",
        "An activity cannot be billed beyond its billable time or quantity.",
    )
    _to_bill_idx = models.Index("(company_id, matter_id, date) WHERE billing_state = 'to_bill'")

    #=== COMPUTE METHODS ===#

    @api.depends("allocation_ids.coverage", "allocation_ids.live")
    def _compute_covered(self):
        for activity in self:
            activity.covered = sum(row.coverage for row in activity.allocation_ids if row.live)

    @api.depends(
        "billable", "billable_quantity", "covered", "on_hold", "allocation_ids.live", "allocation_ids.move_id.state"
    )
    def _compute_billing_state(self):
        for activity in self:
            if not activity.billable or not activity.billable_quantity:
                activity.billing_state = "not_billable"
            elif activity._get_remaining_quantity():
                activity.billing_state = "on_hold" if activity.on_hold else "to_bill"
            elif moves := (rows := activity._get_holding_rows_sudo()).move_id:
                activity.billing_state = "draft" if "draft" in moves.mapped("state") else "billed"
            elif any(rows.mapped("taken_over")):
                activity.billing_state = "billed"
            else:
                activity.billing_state = "written_off"

    @api.depends(
        "amount",
        "covered",
        "billable",
        "billable_quantity",
        "allocation_ids.live",
        "allocation_ids.standard_amount",
        "allocation_ids.adjustment",
        "allocation_ids.billed",
    )
    def _compute_amounts(self):
        for activity in self:
            # sudo: allocations on invoices that the user cannot read count as well; only totals are derived from them
            live = activity.sudo().allocation_ids.filtered("live")
            round_ = activity.currency_id.round if activity.currency_id else float
            left = bool(activity._get_remaining_quantity())
            standard = round_(activity.amount - sum(live.mapped("standard_amount"))) if left else 0.0
            adjustment = activity._get_adjustment_to_bill() if left else 0.0
            activity.standard_to_bill = standard
            activity.amount_to_bill = round_(standard + adjustment)
            activity.amount_billed = round_(sum(live.mapped("billed")))
            activity.amount_revised = activity.amount_billed + activity.amount_to_bill
            activity.amount_difference = (
                round_(activity.amount_revised - activity.amount) if activity.billable_quantity else 0.0
            )

    @api.depends("allocation_ids.move_id")
    def _compute_move_ids(self):
        # Odoo checks the access rules of the invoices record by record: prefetch the field that they read.
        self.allocation_ids.move_id.mapped("company_id")
        for activity in self:
            activity.move_ids = activity.allocation_ids.move_id

    @api.depends("allocation_ids.live", "allocation_ids.move_id.state")
    def _compute_is_on_draft(self):
        for activity in self:
            activity.is_on_draft = "draft" in activity._get_holding_rows_sudo().move_id.mapped("state")

    @api.depends("billing_state", "covered", "hold_until", "hold_note")
    @api.depends_context("lang")
    def _compute_billing_message(self):
        """The banner of the form: why the activity cannot be changed, or until when it is on hold."""
        for activity in self:
            # sudo: whoever can read the activity may see its billing state, also when she cannot read the invoice
            messages = [activity.sudo()._get_covered_message(), activity._get_hold_message()]
            activity.billing_message = " ".join(filter(None, messages))

    #=== CONSTRAINTS ===#

    @api.constrains("covered", "billable_quantity")
    def _check_covered(self):
        """Refuse any change that would bill more than the billable quantity, and name the activity and its invoices."""
        for activity in self:
            if not 0 <= activity.covered <= activity.billable_quantity:
                raise ValidationError(
                    self.env._(
                        "%(activity)s would be billed twice, or beyond its billable quantity. It is already on:"
                        " %(invoices)s. Nothing was changed: cancel or credit these documents first.",
                        activity=activity.display_name,
                        invoices=activity._get_holding_invoice_names() or self.env._("no active invoice"),
                    )
                )

    @api.constrains("amount_to_bill")
    def _check_amount_to_bill(self):
        for activity in self:
            if activity.currency_id.compare_amounts(activity.amount_to_bill, 0) < 0:
                raise ValidationError(
                    self.env._(
                        "%s would be billed below zero: the discount is higher than what is left to bill. Lower the"
                        " discount, or undo it in the billing history first.",
                        activity.display_name,
                    )
                )

    @api.constrains("matter_id", "kind")
    def _check_history(self):
        """The currency, the company and the unit of an activity cannot change while it has a billing history."""
        # sudo: allocations on invoices that the user cannot read count as well; only totals are derived from them
        for activity in self.sudo():
            rows = activity.allocation_ids
            if rows and (rows.currency_id, rows.company_id, set(rows.mapped("kind"))) != (
                activity.currency_id,
                activity.company_id,
                {activity.kind},
            ):
                raise ValidationError(
                    self.env._(
                        "%(activity)s has a billing history (%(invoices)s): its kind, company and currency cannot"
                        " be changed.",
                        activity=activity.display_name,
                        invoices=", ".join(rows.move_id.mapped("display_name"))
                        or self.env._("discount or write-off"),
                    )
                )

    #=== ACTION METHODS ===#

    def action_bill(self):
        """Open the billing window on these activities."""
        return self.env["timebill.bill"]._open([("id", "in", self.ids)])

    def action_approve(self):
        """Mark what is to bill as ready, so that the billing person takes it first.

        :return: action, which says what became ready
        :raises UserError: nothing of the selection is to bill
        """
        to_bill = self.filtered(lambda a: a.billing_state == "to_bill")
        if not to_bill:
            raise UserError(self.env._("None of these activities is to bill."))
        to_bill._set_approved(True)
        return to_bill._get_approval_message(self.env._("Ready to bill: %s."))

    def action_disapprove(self):
        """Take back that these activities are ready to bill.

        :return: action, which says what is no longer ready
        :raises UserError: none of the selection is marked
        """
        approved = self.filtered(lambda a: a.approved and a.billing_state in ("to_bill", "on_hold"))
        if not approved:
            raise UserError(self.env._("None of these activities is marked as ready to bill."))
        approved._set_approved(False)
        return approved._get_approval_message(self.env._("No longer ready to bill: %s."))

    def action_adjust(self):
        """Open the window *Discount, surcharge or write-off* on these activities."""
        return self.env["timebill.adjust"]._open(self)

    def action_hold(self):
        """Open the window *Bill later* on these activities."""
        return self.env["timebill.hold"]._open(self)

    def action_release(self):
        """Release activities that are on hold.

        :raises UserError: nothing of the selection waits
        """
        held = self.filtered(lambda activity: activity.billing_state == "on_hold")
        if not held:
            raise UserError(self.env._("None of these activities is on hold."))
        held._check_may_hold()
        held._release()

    def action_take_off_draft(self):
        """Remove these activities from their draft invoices: they are to bill again.

        :raises UserError: none stands on a draft invoice
        """
        self.check_access("read")
        if not self.env.user.has_group("timebill_legal.group_billing"):
            raise AccessError(self.env._("Only billing users can remove activities from a draft invoice."))
        rows = self.allocation_ids.filtered(lambda row: row.operation == "claim" and row.move_state == "draft")
        if not rows:
            raise UserError(self.env._("None of these activities is on a draft invoice."))
        rows.action_take_off()

    #=== BUSINESS METHODS ===#

    def _set_approved(self, approved):
        """
        :raises AccessError: naming the matters of other teams
        """
        others = self.matter_id - self.matter_id._filtered_access("write")
        if others:
            raise AccessError(
                self.env._(
                    "Only the team of a matter and billing users can mark its activities as ready to bill: %s.",
                    ", ".join(others.mapped("display_name")),
                )
            )
        # sudo: a member of the team approves all activities of the matter, also those of colleagues that she cannot
        # edit; the right to write on the matter is checked above
        self.sudo().write({"approved": approved, "approved_by_id": self.env.uid if approved else False})

    def _get_approval_message(self, text):
        """Notification about these activities; whoever may see amounts reads theirs."""
        label = self._get_count_label()
        if self.env.user.has_group("timebill_legal.group_amounts"):
            amounts = [
                format_amount(self.env, sum(activities.mapped("amount_to_bill")), currency)
                for currency, activities in self.grouped("currency_id").items()
            ]
            label = f"{label}, {', '.join(amounts)}"
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": text % label,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _get_remaining_quantity(self):
        """Part of the billable quantity that no live allocation covers (minutes or units)."""
        self.ensure_one()
        return float(to_decimal(round(self.billable_quantity, 6)) - to_decimal(round(self.covered, 6)))

    def _get_remaining_label(self):
        """What is left to bill, formatted as a duration or an amount."""
        self.ensure_one()
        remaining = self._get_remaining_quantity()
        if self.is_timed:
            return format_duration(round(remaining))
        if self.env.user.has_group("timebill_legal.group_amounts"):
            return format_amount(self.env, self.standard_to_bill, self.currency_id)
        return formatLang(self.env, remaining)

    def _get_adjustment_to_bill(self):
        """Discounts (negative) and surcharges that were granted and that no live allocation has used yet."""
        self.ensure_one()
        # sudo: allocations on invoices that the user cannot read count as well; only totals are derived from them
        live = self.sudo().allocation_ids.filtered("live")
        granted = live.filtered(lambda row: not row.move_line_id and not row.coverage)
        adjustment = sum(granted.mapped("adjustment")) - sum((live - granted).mapped("adjustment"))
        return self.currency_id.round(adjustment) if live else 0.0

    def _prepare_part_values(self, quantity, left=None):
        """Values of the ledger for ``quantity`` (minutes or units) of what is left to bill.

        :param left: such values of all that is left, where something else takes a part of it at the same time
        """
        self.ensure_one()
        left = left or {
            "coverage": self._get_remaining_quantity(),
            "standard_amount": self.standard_to_bill,
            "adjustment": self._get_adjustment_to_bill(),
        }
        part, whole = to_decimal(round(quantity, 6)), to_decimal(round(left["coverage"], 6))
        step = to_decimal(self.currency_id.rounding)
        amounts = {
            name: float(part_of(to_decimal(left[name]), part, whole, step)) if whole else 0.0
            for name in ("standard_amount", "adjustment")
        }
        return {"coverage": quantity, **amounts}

    def _get_holding_rows_sudo(self):
        """Live allocations that bill this activity and are not credited in full."""
        # sudo: whoever can read the activity may know that it is billed, also when she cannot read the invoice
        return self.sudo().allocation_ids.filtered(lambda row: row.live and row.net > 0)

    def _get_holding_invoice_names(self):
        """Names of the invoices that bill this activity; of a draft, which has no number, with its client."""
        rows = self._get_holding_rows_sudo()
        names = [
            f"{move.display_name} ({move.partner_id.name})" if move.state == "draft" else move.display_name
            for move in rows.move_id
        ]
        return ", ".join(names + rows.filtered("taken_over").mapped("note"))

    def _format_problems(self, get_problem):
        """Format one line for each activity that has a problem, with the invoices that bill it."""
        lines = []
        for activity in self:
            if problem := get_problem(activity):
                invoices = activity._get_closed_problem() and activity._get_holding_invoice_names()
                problem = f"{problem} ({invoices})" if invoices else problem
                lines.append(
                    self.env._("%(activity)s: %(problem)s", activity=activity.display_name, problem=problem)
                )
        return lines

    def _get_closed_problem(self):
        """Why nothing is left to bill or to adjust, or False."""
        self.ensure_one()
        if self.matter_id.internal:
            return self.env._("internal matter")
        if not self.billable or not self.billable_quantity:
            return self.env._("not billable")
        if self.billing_state == "draft":
            return self.env._("already on a draft invoice")
        if self.billing_state == "billed":
            return self.env._("already billed")
        if self.billing_state == "written_off":
            return self.env._("written off")
        return False

    def _get_billing_problem(self):
        """Why this activity cannot be billed now, or False."""
        self.ensure_one()
        if problem := self._get_closed_problem():
            return problem
        if self._is_held_back():
            until = self.hold_until and self.env._("until %s", format_date(self.env, self.hold_until))
            return ", ".join(filter(None, (self.env._("to bill later"), until, self.hold_note)))
        if problem := self._get_inactive_client_problem():
            return problem
        if not self.has_price:
            return self.env._("no price")
        return False

    def _get_inactive_client_problem(self):
        """Why the client of this activity is inactive on the matter, or False."""
        self.ensure_one()
        matter, clients = self.matter_id, self.matter_id._get_active_clients()
        if matter.internal or (self.partner_id in clients if self.partner_id else clients):
            return False
        if self.partner_id:
            return self.env._(
                "%(client)s is inactive on the matter %(matter)s: choose another client, or make this one active again"
                " under “Clients and parties”",
                client=self.partner_id.display_name,
                matter=matter.display_name,
            )
        return self.env._(
            "all clients of the matter %s are inactive: make one of them active again under “Clients and parties”",
            matter.display_name,
        )

    def _get_adjustment_problem(self, operation):
        """Why the amount of this activity cannot be changed before billing, or False.

        :param operation: ``write_down``, ``write_up`` or ``write_off``, as in the history
        """
        self.ensure_one()
        if problem := self._get_closed_problem():
            return problem
        if operation != "write_off":
            if self.is_exact:
                # CGI art. 267, II-2°: a disbursement is recovered at its exact cost, or it is taxable.
                return self.env._("a disbursement is billed at its exact cost")
            if not self.has_price:
                return self.env._("no price")
        return False

    def _check_may_adjust(self):
        """Discounts and write-offs need the right to see amounts and to edit the activity.

        :raises AccessError: naming what the user may not adjust
        """
        if not self.env.su and not self.env.user.has_group("timebill_legal.group_amounts"):
            raise AccessError(self.env._("Only users who see amounts can change the amount to bill."))
        self._check_may_edit()

    def _check_adjustable(self, operation):
        """
        :raises UserError: naming each activity whose amount cannot be changed, and why
        """
        if problems := self._format_problems(lambda activity: activity._get_adjustment_problem(operation)):
            raise UserError("\n".join([self.env._("Nothing was changed."), *problems]))

    def _get_covered_message(self):
        invoices = self._get_holding_invoice_names()
        if not self.covered:
            return ""
        if self.billing_state == "written_off":
            return self.env._("Nothing is left to bill, see the billing history. The activity cannot be changed.")
        if self.billing_state == "draft":
            return self.env._("On the draft invoice %s: edit the activity there, or remove it there.", invoices)
        if self.billing_state == "billed":
            return self.env._("Billed (%s): the activity cannot be changed.", invoices)
        return self.env._(
            "%(left)s left to bill. The rest is billed or written off (%(invoices)s): the activity cannot be"
            " changed.",
            left=self._get_remaining_label(),
            invoices=invoices or self.env._("billing history"),
        )

    def _is_held_back(self):
        self.ensure_one()
        return self.on_hold and not (self.hold_until and self.hold_until <= fields.Date.context_today(self))

    def _check_may_hold(self):
        """Whoever can approve activities can also put them on hold.

        :raises AccessError: naming the matters of other teams
        """
        others = self.matter_id - self.matter_id._filtered_access("write")
        if others and not self.env.su:
            raise AccessError(
                self.env._(
                    "Only the team of a matter and billing users can put its activities on hold: %s.",
                    ", ".join(others.mapped("display_name")),
                )
            )

    def _hold(self, until, note):
        """Put these activities on hold until a date, or until somebody releases them.

        :raises AccessError: naming the matters of other teams
        :raises UserError: one of them is being changed
        """
        self._check_may_hold()
        self.env["timebill.billing"]._lock(self)
        # sudo: a member of the team holds all activities of the matter, also those of colleagues that she cannot edit
        self.sudo().write({"on_hold": True, "hold_until": until, "hold_note": note})

    def _release(self):
        """Release these activities; callers check the right to do so, the scheduled action needs none."""
        # sudo: see _hold
        self.sudo().write({"on_hold": False, "hold_until": False, "hold_note": False})

    def _release_due(self):
        """Release the activities whose date has come, as the daily scheduled action does."""
        due = self.filtered(lambda activity: activity.on_hold and not activity._is_held_back())
        due._release()
        return due

    @api.model
    def _cron_release_due(self):
        """Release all activities that were on hold until today or an earlier day."""
        domain = Domain("on_hold", "=", True) & Domain("hold_until", "<=", fields.Date.context_today(self))
        due = self.search(domain, limit=RELEASE_BATCH, order="id")
        due._release()
        self.env["ir.cron"]._commit_progress(len(due), remaining=self.search_count(domain))

    def _get_hold_message(self):
        if self.billing_state != "on_hold":
            return ""
        if self.hold_until:
            message = self.env._("On hold until %s.", format_date(self.env, self.hold_until))
        else:
            message = self.env._("On hold until somebody releases it.")
        return f"{message} “{self.hold_note}”" if self.hold_note else message
