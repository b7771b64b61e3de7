from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..lib.money import time_amount, to_decimal, units_amount
from ..lib.reasons import tally
from .window import window_action


class TimebillTransfer(models.TransientModel):
    """The windows *Transfer* and *Assign to a client*: what changes for each activity, before it does."""

    _name = "timebill.transfer"
    _description = "Transfer of Activities"

    operation = fields.Selection([("transfer", "Transfer"), ("assign", "Assign to a client")], required=True)
    line_ids = fields.One2many("timebill.transfer.line", "transfer_id", "Activities")
    matter_id = fields.Many2one("timebill.matter", "To the Matter", domain="matter_domain")
    matter_domain = fields.Binary(compute="_compute_matter_domain", export_string_translation=False)
    candidate_ids = fields.Many2many(
        "res.partner", compute="_compute_candidate_ids", export_string_translation=False
    )
    partner_id = fields.Many2one(
        "res.partner",
        "Client",
        compute="_compute_partner_id",
        compute_sudo=False,  # of a matter that the user reads
        store=True,
        readonly=False,
        domain="[('id', 'in', candidate_ids)]",
        help="Empty for work that is common to all the clients of the matter.",
    )
    price_choice = fields.Selection(
        [("apply", "Those that apply there"), ("keep", "Keep them")],
        "Prices",
        required=True,
        default="apply",
        help="A price that was typed stays in any case.",
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_totals")
    summary = fields.Char(compute="_compute_totals", export_string_translation=False)
    left_out = fields.Char(compute="_compute_totals", export_string_translation=False)
    has_problems = fields.Boolean(compute="_compute_totals", export_string_translation=False)
    has_tax_changes = fields.Boolean(compute="_compute_totals", export_string_translation=False)
    amount_before = fields.Monetary(
        "Before (excl. tax)", compute="_compute_totals", groups="timebill_legal.group_amounts"
    )
    amount_after = fields.Monetary(
        "After (excl. tax)", compute="_compute_totals", groups="timebill_legal.group_amounts"
    )

    #=== COMPUTE METHODS ===#

    @api.depends("line_ids.activity_id")
    def _compute_matter_domain(self):
        for window in self:
            activities = window.line_ids.activity_id
            window.matter_domain = [
                *self.env["timebill.matter"]._get_entry_domain(),
                ("company_id", "in", activities.company_id.ids),
                ("id", "not in", activities.matter_id.ids if len(activities.matter_id) == 1 else []),
            ]

    @api.depends("operation", "matter_id", "line_ids.activity_id")
    def _compute_candidate_ids(self):
        for window in self:
            matters = window.matter_id if window.operation == "transfer" else window.line_ids.activity_id.matter_id
            matters.check_access("read")  # Odoo computes an unsaved form with all rights
            window.candidate_ids = matters._get_active_clients()

    @api.depends("matter_id")
    def _compute_partner_id(self):
        """The only client of the matter, or the one whose work it is already; else nobody is guessed."""
        for window in self:
            clients = window.candidate_ids
            present = window.line_ids.activity_id.partner_id
            if len(clients) == 1:
                window.partner_id = clients
            elif window.operation == "transfer":
                window.partner_id = present if len(present) == 1 and present in clients else False

    @api.depends("line_ids.problem", "line_ids.amount_after", "line_ids.tax_change")
    def _compute_totals(self):
        for window in self:
            lines = window.line_ids.filtered(lambda line: not line.problem)
            problems = window.line_ids.mapped("problem")
            activities = window.line_ids.activity_id
            window.currency_id = activities.currency_id[:1] or self.env.company.currency_id
            window.summary = lines.activity_id._get_count_label() if lines else ""
            window.has_problems = any(problems)
            window.left_out = tally(problems)
            window.has_tax_changes = any(window.line_ids.mapped("tax_change"))
            for name in ("amount_before", "amount_after"):
                window[name] = sum(lines.sudo().mapped(name))  # sudo: a total that only who sees amounts reads

    #=== ACTION METHODS ===#

    @api.model
    def _open(self, activities, operation):
        """Window on ``activities``.

        :raises UserError: there is none, or none of them can be changed, with the reasons
        """
        activities.check_access("read")
        if not activities:
            raise UserError(self.env._("There is nothing to bill here: what is billed stays where it is."))
        window = self.create(
            {
                "operation": operation,
                "line_ids": [
                    Command.create({"activity_id": activity.id})
                    for activity in activities.sorted(lambda activity: (activity.date, activity.id))
                ],
            }
        )
        fixed = window.line_ids._get_fixed_problems()
        window.line_ids.filtered(fixed.get).was_left_out = True
        if all(fixed.values()):
            reasons = ", ".join(sorted({problem for problem in fixed.values() if problem}))
            raise UserError(self.env._("Nothing can be changed here: %s.", reasons))
        title = {"transfer": self.env._("Transfer"), "assign": self.env._("Assign to a client")}[operation]
        return window_action(window, title, "extra-large")

    def action_apply(self):
        """Do what the window shows, all of it or nothing.

        :raises UserError: an activity was billed meanwhile, or nothing is left to change
        """
        self.ensure_one()
        if self.operation == "transfer" and not self.matter_id:
            raise UserError(self.env._("Choose the matter to which these activities go."))
        lines = self.line_ids.filtered(lambda line: not line.was_left_out and not line._get_target_problem())
        activities = lines.activity_id
        if not activities:
            raise UserError(self.env._("Nothing can be changed here: %s.", self.left_out))
        matter = self.matter_id if self.operation == "transfer" else self.env["timebill.matter"]
        activities._give(matter, self.partner_id, self.price_choice == "keep")
        return {"type": "ir.actions.act_window_close"}


class TimebillTransferLine(models.TransientModel):
    """One activity in the windows *Transfer* and *Assign to a client*."""

    _name = "timebill.transfer.line"
    _description = "Activity to Transfer"

    transfer_id = fields.Many2one("timebill.transfer", required=True, ondelete="cascade", index=True)
    activity_id = fields.Many2one("timebill.activity", required=True, ondelete="cascade")
    # When the window was opened: what is billed since is refused, not left out without a word.
    was_left_out = fields.Boolean(readonly=True, export_string_translation=False)
    # With the rights of the user: a window is no way around the rules of activities.
    date = fields.Date(related="activity_id.date", related_sudo=False)
    matter_id = fields.Many2one(related="activity_id.matter_id", related_sudo=False)
    user_id = fields.Many2one(related="activity_id.user_id", related_sudo=False)
    description = fields.Text(related="activity_id.description", related_sudo=False)
    currency_id = fields.Many2one(related="activity_id.currency_id", related_sudo=False)
    client_change = fields.Char("Client", compute="_compute_change")
    price_before = fields.Monetary(compute="_compute_change", groups="timebill_legal.group_amounts")
    price_after = fields.Monetary(compute="_compute_change", groups="timebill_legal.group_amounts")
    amount_before = fields.Monetary(
        "Before (excl. tax)", compute="_compute_change", groups="timebill_legal.group_amounts"
    )
    amount_after = fields.Monetary(
        "After (excl. tax)", compute="_compute_change", groups="timebill_legal.group_amounts"
    )
    tax_change = fields.Char("VAT", compute="_compute_change")
    problem = fields.Char("Left Out", compute="_compute_change")

    @api.depends(
        "activity_id", "transfer_id.matter_id", "transfer_id.partner_id", "transfer_id.price_choice"
    )
    @api.depends_context("uid", "lang")
    def _compute_change(self):
        for record in (self.activity_id, self.transfer_id.matter_id):
            record.check_access("read")  # Odoo computes an unsaved form with all rights
        for window, lines in self.grouped("transfer_id").items():
            fixed = lines._get_fixed_problems()
            rates = lines._get_rates_after()
            taxes_for = self._get_tax_names()
            for line in lines:
                activity = line.activity_id.sudo()  # sudo: the fields that show amounts have groups of their own
                matter = window.matter_id or activity.matter_id
                ready = window.operation == "assign" or window.matter_id
                partner = window.partner_id if ready else activity.partner_id
                price = rates.get(line, activity.price_unit)
                rounding = to_decimal(activity.currency_id.rounding)
                is_time = activity.kind == "time"
                to_amount = time_amount if is_time else units_amount
                quantity = activity.billable_duration if is_time else activity.quantity
                before, after = (
                    activity.client_label,
                    partner.display_name or ("" if matter.internal else self.env._("Common")),
                )
                tax_before, tax_after = taxes_for(activity, activity.partner_id), taxes_for(activity, partner)
                line.problem = fixed[line] or line._get_target_problem()
                if line.problem:
                    after, tax_after, price = before, tax_before, activity.price_unit
                line.client_change = before if before == after else f"{before or '–'} → {after or '–'}"
                line.tax_change = "" if tax_before == tax_after else f"{tax_before} → {tax_after}"
                line.price_before, line.price_after = activity.price_unit, price
                line.amount_before = activity.amount
                line.amount_after = float(to_amount(to_decimal(quantity), to_decimal(price), rounding))

    def _get_rates_after(self):
        """Price of each line once it is moved; a price that was typed stays.

        :return: {timebill.transfer.line: price}, for those that change
        """
        window = self.transfer_id
        if window.price_choice == "keep" or (window.operation == "transfer" and not window.matter_id):
            return {}
        activities = self.activity_id.sudo()  # sudo: priced also for a user who may not see amounts
        rates = activities._get_rates(window.matter_id, window.partner_id)
        return {
            line: rates[activity][2]
            for line in self
            if not (activity := line.activity_id.sudo())._is_price_typed()  # sudo: as above
        }

    @api.model
    def _get_tax_names(self):
        """Function that names the taxes of an activity for a client, asking once for each client."""
        positions = {}

        def taxes_for(activity, partner):
            contact = partner.browse(partner.address_get(["invoice"])["invoice"]) if partner else partner
            key = (contact.id, activity.company_id)
            if key not in positions:
                # sudo: the fiscal position of a client is no secret
                company_env = self.env["account.fiscal.position"].sudo().with_company(activity.company_id)
                positions[key] = company_env._get_fiscal_position(contact.sudo())
            return ", ".join(positions[key].map_tax(activity.tax_ids).mapped("name"))

        return taxes_for

    def _get_fixed_problems(self):
        """Why activities are left out wherever they would go.

        :return: {timebill.transfer.line: reason or False}
        """
        writable = self.activity_id._filtered_access("write")
        return {
            line: line.activity_id._get_bound_problem()
            or (
                line.activity_id not in writable
                and self.env._("only its timekeeper and billing people can change it")
            )
            for line in self
        }

    def _get_target_problem(self):
        """Why this activity cannot go where the window says, or False."""
        self.ensure_one()
        window, activity = self.transfer_id, self.activity_id
        if window.operation == "transfer":
            target = window.matter_id
            if target and target == activity.matter_id:
                return self.env._("already there")
            if target and target.company_id != activity.company_id:
                return self.env._("of another company")
            if target and target.currency_id != activity.currency_id:
                return self.env._("in another currency")
            return False
        if activity.matter_id.internal:
            return self.env._("internal matter")
        if activity.partner_id == window.partner_id:
            return self.env._("already there")
        clients = activity.matter_id._get_active_clients()
        if window.partner_id and window.partner_id not in clients:
            return self.env._(
                "%(client)s is no client of %(matter)s",
                client=window.partner_id.display_name,
                matter=activity.matter_id.reference,
            )
        if not window.partner_id and len(clients) == 1:
            return self.env._("%s has one client only", activity.matter_id.reference)
        return False
