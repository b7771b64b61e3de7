from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.fields import Domain
from odoo.tools import format_amount, format_date, formatLang

from ..lib.durations import format_duration

#: Activities that the daily job releases in one go.
RELEASE_BATCH = 500


class TimebillActivity(models.Model):
    """What may happen to an activity before its invoice: a discount, a write-off, billing later."""

    _inherit = "timebill.activity"

    is_on_draft = fields.Boolean(compute="_compute_is_on_draft", export_string_translation=False)
    billing_message = fields.Char(compute="_compute_billing_message", export_string_translation=False)

    @api.depends("allocation_ids.live", "allocation_ids.move_id.state")
    def _compute_is_on_draft(self):
        for activity in self:
            activity.is_on_draft = "draft" in activity._get_holding_rows().move_id.mapped("state")

    @api.depends("billing_state", "covered", "hold_until", "hold_note")
    @api.depends_context("lang")
    def _compute_billing_message(self):
        """What the form says above an activity that cannot change, or that waits."""
        for activity in self:
            # sudo: whoever may read the activity may know where it stands
            messages = [activity.sudo()._get_covered_message(), activity._get_hold_message()]
            activity.billing_message = " ".join(filter(None, messages))

    def _get_covered_message(self):
        invoices = self._get_holding_invoice_names()
        if not self.covered:
            return ""
        if self.billing_state == "written_off":
            return self.env._("Nothing more will be billed: see the billing history. It cannot change.")
        if self.billing_state == "draft":
            return self.env._("On the draft invoice %s: edit it there, or take it off.", invoices)
        if self.billing_state == "billed":
            return self.env._("Billed (%s): it cannot change.", invoices)
        return self.env._(
            "%(left)s left to bill; the rest is billed or written off (%(invoices)s), hence nothing can change.",
            left=self._get_remaining_label(),
            invoices=invoices or self.env._("billing history"),
        )

    def _get_hold_message(self):
        if self.billing_state != "on_hold":
            return ""
        if self.hold_until:
            message = self.env._("Waits until %s.", format_date(self.env, self.hold_until))
        else:
            message = self.env._("Waits until somebody puts it back to bill.")
        return " ".join(filter(None, [message, self.hold_note]))

    def _get_remaining_label(self):
        """What is left to bill, in time or units, as a person reads it."""
        self.ensure_one()
        remaining = self._get_remaining_quantity()
        if self.kind == "time":
            return format_duration(round(remaining))
        if self.env.user.has_group("timebill_legal.group_amounts"):
            return format_amount(self.env, self.standard_to_bill, self.currency_id)
        return formatLang(self.env, remaining)

    #=== ACTION METHODS ===#

    def action_adjust(self):
        """Open the window *Discount, surcharge or write-off* on these activities."""
        return self.env["timebill.adjust"]._open(self)

    def action_hold(self):
        """Open the window *Bill later* on these activities."""
        return self.env["timebill.hold"]._open(self)

    def action_release(self):
        """Put back to bill what waits.

        :raises UserError: nothing of the selection waits
        """
        held = self.filtered(lambda activity: activity.billing_state == "on_hold")
        if not held:
            raise UserError(self.env._("Nothing here waits to be billed later."))
        held._check_may_hold()
        held._release()

    def action_take_off_draft(self):
        """Take these activities off their draft invoices: they are to bill again.

        :raises UserError: none stands on a draft invoice
        """
        self.check_access("read")
        if not self.env.user.has_group("timebill_legal.group_billing"):
            raise AccessError(self.env._("Only billing people take activities off a draft invoice."))
        rows = self.allocation_ids.filtered(lambda row: row.operation == "claim" and row.move_state == "draft")
        if not rows:
            raise UserError(self.env._("None of these activities stands on a draft invoice."))
        rows.action_take_off()

    #=== BUSINESS METHODS ===#

    def _get_adjustment_problem(self, operation):
        """Why the amount of this activity cannot be changed before billing, or False.

        :param operation: ``write_down``, ``write_up`` or ``write_off``, as in the history
        """
        self.ensure_one()
        if problem := self._get_closed_problem():
            return problem
        if operation != "write_off":
            if self.kind == "disbursement":
                # CGI art. 267, II-2°: a disbursement is recovered at its exact cost, or it is taxable.
                return self.env._("a disbursement is billed at its exact cost")
            if not self.price_unit:
                return self.env._("no price")
        return False

    def _check_adjustable(self, operation):
        """
        :raises UserError: naming each activity whose amount cannot be changed, and why
        """
        problems = [
            self.env._("%(activity)s: %(problem)s", activity=activity.display_name, problem=problem)
            for activity in self
            if (problem := activity._get_adjustment_problem(operation))
        ]
        if problems:
            raise UserError("\n".join([self.env._("Nothing was changed."), *problems]))

    def _check_may_hold(self):
        """Who may say that work is ready to bill may also say that it is to bill later.

        :raises AccessError: naming the matters of other teams
        """
        others = self.matter_id - self.matter_id._filtered_access("write")
        if others and not self.env.su:
            raise AccessError(
                self.env._(
                    "Only the team of a matter and billing people can say when its work is to bill: %s.",
                    ", ".join(others.mapped("display_name")),
                )
            )

    def _hold(self, until, note):
        """Keep these activities from being billed until a date, or until somebody releases them."""
        # sudo: a member of the team holds work of the whole matter back, without the right to edit that of colleagues
        self.sudo().write({"on_hold": True, "hold_until": until, "hold_note": note})

    def _release(self):
        # sudo: as for holding them
        self.sudo().write({"on_hold": False, "hold_until": False, "hold_note": False})

    def _release_due(self):
        """Put back to bill those whose date has come, as the daily job would."""
        due = self.filtered(lambda activity: activity.on_hold and not activity._is_held_back())
        due._release()
        return due

    @api.model
    def _cron_release_due(self):
        """Put back to bill all that waited for today or an earlier day."""
        domain = Domain("on_hold", "=", True) & Domain("hold_until", "<=", fields.Date.context_today(self))
        due = self.search(domain, limit=RELEASE_BATCH, order="id")
        due._release()
        self.env["ir.cron"]._commit_progress(len(due), remaining=self.search_count(domain))
