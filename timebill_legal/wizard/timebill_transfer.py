from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.fields import Command

from ..lib.reasons import tally


class TimebillTransfer(models.TransientModel):
    """Wizards *Transfer* and *Assign to a client*, with a preview of the changes of each activity."""

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
        compute_sudo=False,  # the user must be able to read the matter
        store=True,
        readonly=False,
        domain="[('id', 'in', candidate_ids)]",
        help="Empty for work that is common to all the clients of the matter.",
    )
    price_choice = fields.Selection(
        [("apply", "Recompute prices"), ("keep", "Keep prices")],
        "Prices",
        required=True,
        default="apply",
        help="Prices entered manually are always kept.",
    )
    currency_id = fields.Many2one("res.currency", compute="_compute_totals")
    summary = fields.Char(compute="_compute_totals", export_string_translation=False)
    left_out = fields.Char(compute="_compute_totals", export_string_translation=False)
    notice = fields.Char(compute="_compute_totals", export_string_translation=False)
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
        for wizard in self:
            activities = wizard.line_ids.activity_id
            wizard.matter_domain = [
                *self.env["timebill.matter"]._get_entry_domain(),
                ("company_id", "in", activities.company_id.ids),
                ("currency_id", "in", activities.currency_id.ids),
                ("id", "not in", activities.matter_id.ids if len(activities.matter_id) == 1 else []),
            ]

    @api.depends("operation", "matter_id", "line_ids.activity_id")
    def _compute_candidate_ids(self):
        for wizard in self:
            matters = wizard.matter_id if wizard.operation == "transfer" else wizard.line_ids.activity_id.matter_id
            matters.check_access("read")  # Odoo computes unsaved forms as superuser
            wizard.candidate_ids = matters._get_active_clients()

    @api.depends("matter_id")
    def _compute_partner_id(self):
        """The only client of the matter, or the client of the activities if it is also a client of the new matter."""
        for wizard in self:
            clients = wizard.candidate_ids
            present = wizard.line_ids.activity_id.partner_id
            if len(clients) == 1:
                wizard.partner_id = clients
            elif wizard.operation == "transfer":
                wizard.partner_id = present if len(present) == 1 and present in clients else False

    @api.depends("line_ids.problem", "line_ids.amount_after", "line_ids.tax_change")
    def _compute_totals(self):
        sees_amounts = self.env.user.has_group("timebill_legal.group_amounts")
        for wizard in self:
            lines = wizard.line_ids.filtered(lambda line: not line.problem)
            problems = wizard.line_ids.mapped("problem")
            activities = wizard.line_ids.activity_id
            wizard.currency_id = activities.currency_id[:1] or self.env.company.currency_id
            wizard.summary = lines.activity_id._get_count_label() if lines else ""
            wizard.has_problems = any(problems)
            wizard.left_out = tally(problems)
            wizard.has_tax_changes = any(wizard.line_ids.mapped("tax_change"))
            wizard.notice = wizard._get_notice(lines.activity_id)
            for name in ("amount_before", "amount_after"):
                wizard[name] = sum(lines.mapped(name)) if sees_amounts else 0.0

    #=== ACTION METHODS ===#

    @api.model
    def _open(self, activities, operation):
        """Open the wizard on ``activities``.

        :param operation: ``transfer`` or ``assign``
        :return: action
        :raises UserError: when there is none, or none of them can be changed
        """
        activities.check_access("read")
        if not activities:
            raise UserError(
                self.env._("There is no unbilled activity here, and billed activities cannot be transferred.")
            )
        wizard = self.create(
            {
                "operation": operation,
                # Named: a list of a matter has that matter, which one wants to leave, as default.
                "matter_id": False,
                "line_ids": [
                    Command.create({"activity_id": activity.id})
                    for activity in activities.sorted(lambda activity: (activity.date, activity.id))
                ],
            }
        )
        fixed = activities._get_change_problems()
        wizard.line_ids.filtered(lambda line: fixed[line.activity_id]).was_left_out = True
        if all(fixed.values()):
            raise UserError(self.env._("Nothing can be changed here: %s.", ", ".join(sorted(set(fixed.values())))))
        title = {"transfer": self.env._("Transfer"), "assign": self.env._("Assign to a client")}[operation]
        return wizard._get_records_action(
            name=title, target="new", context={"dialog_size": "extra-large"}
        )

    def action_apply(self):
        """Transfer or assign the activities that are not left out, all or none.

        :raises UserError: when an activity was billed meanwhile, or none is left to change
        """
        self.ensure_one()
        if self.operation == "transfer" and not self.matter_id:
            raise UserError(self.env._("Choose the matter to which these activities go."))
        candidates = self.line_ids.filtered(lambda line: not line.was_left_out).activity_id
        problems = self._get_target_problems(candidates)
        activities = candidates.filtered(lambda activity: not problems[activity])
        if not activities:
            raise UserError(self.env._("Nothing can be changed here: %s.", self.left_out))
        matter = self.matter_id if self.operation == "transfer" else self.env["timebill.matter"]
        activities._transfer_to(matter, self.partner_id, self.price_choice == "keep")
        return self._get_done_message(activities)

    #=== BUSINESS METHODS ===#

    def _get_done_message(self, activities):
        """Notification that says what went where, with a link to it."""
        target = self.matter_id if self.operation == "transfer" else self.partner_id
        if target:
            message = self.env._(
                "%(activities)s: now on %(target)s", activities=activities._get_count_label(), target="%s"
            )
        else:
            message = self.env._("%s: common to all clients again", activities._get_count_label())
        path = "matters" if self.operation == "transfer" else "contacts"
        links = [{"label": target.display_name, "url": f"/odoo/{path}/{target.id}"}] if target else []
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success",
                "message": message,
                "links": links,
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    def _get_prices_after(self, activities):
        """Recomputed prices. Prices entered manually are kept; activities without price always get one.

        :return: {timebill.activity: price per hour or unit}, only of activities priced by rate lists or types
        """
        if self.operation == "transfer" and not self.matter_id:
            return {}
        kept = activities.filtered("has_price" if self.price_choice == "keep" else "price_is_typed")
        rates = (activities - kept)._get_rates(self.matter_id, self.partner_id)
        return {activity: price for activity, (_level, _rate, price) in rates.items()}

    def _get_target_problems(self, activities):
        """Why activities cannot be transferred to the matter, or assigned to the client, of the wizard.

        :return: {timebill.activity: str, or False}
        """
        if self.operation == "assign":
            clients_of = {matter: matter._get_active_clients() for matter in activities.matter_id}
            return {
                activity: self._get_client_problem(activity, clients_of[activity.matter_id]) for activity in activities
            }
        if not self.matter_id:
            return dict.fromkeys(activities, False)
        there = activities.filtered(lambda activity: activity.matter_id == self.matter_id)
        problems = (activities - there)._get_transfer_problems(self.matter_id)
        return {**dict.fromkeys(there, self.env._("already there")), **problems}

    def _get_client_problem(self, activity, clients):
        """Why an activity cannot be assigned to the client of the wizard.

        :param clients: res.partner, active clients of its matter
        :return: str, or False
        """
        if activity.matter_id.internal:
            return self.env._("internal matter")
        if activity.partner_id == self.partner_id:
            return self.env._("already there")
        if self.partner_id and self.partner_id not in clients:
            return self.env._(
                "%(client)s is not a client of %(matter)s",
                client=self.partner_id.display_name,
                matter=activity.matter_id.reference,
            )
        if not self.partner_id and len(clients) == 1:
            return self.env._("%s has one client only", activity.matter_id.reference)
        return False

    def _get_notice(self, activities):
        """Other consequences of the transfer of ``activities``: not billable, new team members."""
        matter = self.matter_id
        notices = []
        if matter.internal and any(activities.mapped("billable")):
            notices.append(self.env._("Internal matter: this work will not be billed."))
        if matter.confidential and (joining := activities.user_id - matter.member_ids):
            notices.append(
                self.env._(
                    "Confidential matter: %s will join its team and be able to read it.",
                    ", ".join(joining.mapped("name")),
                )
            )
        return " ".join(notices)


class TimebillTransferLine(models.TransientModel):
    """Activity in the wizards *Transfer* and *Assign to a client*."""

    _name = "timebill.transfer.line"
    _description = "Activity to Transfer"

    transfer_id = fields.Many2one("timebill.transfer", required=True, ondelete="cascade", index=True)
    activity_id = fields.Many2one("timebill.activity", required=True, ondelete="cascade")
    # Left out when the wizard was opened: activities billed meanwhile raise an error instead of being skipped silently.
    was_left_out = fields.Boolean(readonly=True, export_string_translation=False)
    # With the rights of the user: wizards must not circumvent the record rules of activities.
    date = fields.Date(related="activity_id.date", related_sudo=False)
    matter_id = fields.Many2one(related="activity_id.matter_id", related_sudo=False)
    user_id = fields.Many2one(related="activity_id.user_id", related_sudo=False)
    description = fields.Text(related="activity_id.description", related_sudo=False)
    currency_id = fields.Many2one(related="activity_id.currency_id", related_sudo=False)
    client_change = fields.Char("Client", compute="_compute_change")
    price_before = fields.Float(
        min_display_digits="Product Price", compute="_compute_change", groups="timebill_legal.group_amounts"
    )
    price_after = fields.Float(
        min_display_digits="Product Price", compute="_compute_change", groups="timebill_legal.group_amounts"
    )
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
            record.check_access("read")  # Odoo computes unsaved forms as superuser
        for wizard, lines in self.grouped("transfer_id").items():
            problems = lines._get_problems()
            # sudo: amounts are computed for all users; the fields that show them are restricted
            activities = lines.activity_id.sudo()
            activity_of = {activity.id: activity for activity in activities}
            prices = wizard._get_prices_after(activities)
            taxes_for = self._get_tax_names()
            is_decided = wizard.operation == "assign" or wizard.matter_id
            for line in lines:
                activity = activity_of[line.activity_id.id]
                matter, partner = activity.matter_id, activity.partner_id
                before, price = activity.client_label, activity.price_unit
                tax = taxes_for(activity, partner)
                after, price_after, tax_after = before, price, tax
                line.problem = problems[line]
                if is_decided and not line.problem:
                    matter, partner = wizard.matter_id or matter, wizard.partner_id
                    after = partner.display_name or ("" if matter.internal else self.env._("Common"))
                    price_after, tax_after = prices.get(activity, price), taxes_for(activity, partner)
                line.client_change = before if before == after else f"{before or '–'} → {after or '–'}"
                line.tax_change = "" if tax == tax_after else f"{tax} → {tax_after}"
                line.price_before, line.price_after = price, price_after
                line.amount_before = activity.amount if activity.billable else 0.0
                line.amount_after = (
                    activity._get_amount_at(price_after) if activity._is_billable_on(matter) else 0.0
                )

    @api.model
    def _get_tax_names(self):
        """Function that returns the names of the taxes of an activity for a client, cached by client and type."""
        positions, names = {}, {}

        def taxes_for(activity, partner):
            company = activity.company_id
            key = (activity.type_id.id, company.id, partner.id)
            if key not in names:
                contact = partner.browse(partner.address_get(["invoice"])["invoice"]) if partner else partner
                if (contact.id, company.id) not in positions:
                    # sudo: users may have no right on fiscal positions; only the names of the resulting taxes are shown
                    company_env = self.env["account.fiscal.position"].sudo().with_company(company)
                    positions[contact.id, company.id] = company_env._get_fiscal_position(contact.sudo())
                names[key] = ", ".join(positions[contact.id, company.id].map_tax(activity.tax_ids).mapped("name"))
            return names[key]

        return taxes_for

    def _get_problems(self):
        """Why activities are left out.

        :return: {timebill.transfer.line: str, or False}
        """
        fixed = self.activity_id._get_change_problems()
        target = self.transfer_id._get_target_problems(self.activity_id)
        return {line: fixed[line.activity_id] or target[line.activity_id] for line in self}
