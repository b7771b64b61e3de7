from uuid import uuid4

from odoo import api, fields, models
from odoo.exceptions import RedirectWarning
from odoo.fields import Domain
from odoo.tools import clean_context, format_date

from ..lib.durations import format_duration

#: The latest entries of a user say what she is likely to enter next.
LATEST = 100
MAX_RECENT_MATTERS = 5
MAX_RECENT_TYPES = 4

#: What a line of the quick entry takes over from the one before.
STICKY_FIELDS = ("date", "matter_id", "partner_id", "user_id")


class TimebillActivity(models.Model):
    """What the entry dialog and the quick entry propose, and how they save."""

    _inherit = "timebill.activity"

    # Domain of the matters offered in the entry dialog.
    matter_domain = fields.Binary(compute="_compute_matter_domain", export_string_translation=False)
    # Domain of the timekeepers offered to the user.
    user_domain = fields.Binary(compute="_compute_user_domain", export_string_translation=False)
    # Used by an open form only, not stored: the activity type whose default values the form shows.
    proposed_type_id = fields.Many2one("timebill.activity.type", store=False, export_string_translation=False)
    # Used by an open dialog or line only: whether to log the parts of a composite activity type as well, and which.
    with_parts = fields.Boolean("Log with It", default=True, store=False)
    parts_label = fields.Char("Created with It", compute="_compute_parts_label")
    recent_matter_ids = fields.Many2many(
        "timebill.matter", compute="_compute_recent_choices", export_string_translation=False
    )
    recent_type_ids = fields.Many2many(
        "timebill.activity.type", compute="_compute_recent_choices", export_string_translation=False
    )
    # Identifies the open form: when the client sends it again because the response was lost, it is saved once.
    entry_token = fields.Char(copy=False, exportable=False)
    day_total = fields.Char(compute="_compute_day_total", export_string_translation=False)

    _one_per_form = models.UniqueIndex(
        "(entry_token) WHERE entry_token IS NOT NULL", "This entry is already saved. Close the dialog."
    )

    #=== COMPUTE METHODS ===#

    @api.depends_context("timebill_partner_ids")
    def _compute_matter_domain(self):
        self.matter_domain = list(self._get_offered_matters_domain())

    @api.depends_context("uid")
    def _compute_user_domain(self):
        """The user herself and the users for whom she enters activities; all internal users for billing users."""
        user = self.env.user
        offered = Domain("share", "=", False)
        if not user.has_group("timebill_legal.group_billing"):
            # sudo: settings of the user herself
            offered &= Domain("id", "in", [user.id, *user.sudo().timebill_timekeeper_ids.ids])
        self.user_domain = list(offered)

    @api.depends("type_id")
    @api.depends_context("uid", "lang")
    def _compute_parts_label(self):
        for activity in self:
            activity.parts_label = ", ".join(part._get_label() for part in activity.type_id.part_ids)

    @api.depends("kind")
    @api.depends_context("uid", "timebill_partner_ids")
    def _compute_recent_choices(self):
        """Matters and activity types of the latest entries by or for the user which she can still choose."""
        latest = self.search_fetch(
            ["|", ("user_id", "=", self.env.uid), ("create_uid", "=", self.env.uid)],
            ["matter_id", "type_id", "kind"],
            order="id desc",
            limit=LATEST,
        )
        offered = self._get_offered_matters_domain() & Domain("id", "in", latest.matter_id.ids)
        matters = (latest.matter_id & self.env["timebill.matter"].search(offered))[:MAX_RECENT_MATTERS]
        types = latest.type_id._filtered_access("read").filtered("active")
        for activity in self:
            activity.recent_matter_ids = matters
            activity.recent_type_ids = types.filtered(lambda t, kind=activity.kind: t.kind == kind)[:MAX_RECENT_TYPES]

    @api.depends("user_id", "date")
    @api.depends_context("lang", "tz")
    def _compute_day_total(self):
        """“Today 5 h 20”: time that the timekeeper has entered for the day, without this activity."""
        totals = {
            (user, day): minutes
            for user, day, minutes in self._read_group(
                [
                    ("user_id", "in", self.user_id.ids),
                    ("date", "in", self.mapped("date")),
                    ("id", "not in", self._origin.ids),
                ],
                ["user_id", "date:day"],
                ["duration:sum"],
            )
        }
        today = fields.Date.context_today(self)
        for activity in self:
            day = self.env._("Today") if activity.date == today else format_date(self.env, activity.date)
            total = format_duration(totals.get((activity.user_id._origin, activity.date), 0))
            activity.day_total = f"{day} {total}"

    @api.onchange("type_id")
    def _onchange_type(self):
        """Remember the activity type whose default values the form shows, once it shows them."""
        _computed = self.description, self.duration, self.quantity  # now, from the activity type before
        self.proposed_type_id = self.type_id

    #=== ACTION METHODS ===#

    @api.model
    def _get_entry_action(self, kind, defaults=None):
        """Window action of the entry dialog."""
        context = {f"default_{name}": value for name, value in (defaults or {}).items()}
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New activity"),
            "res_model": self._name,
            "view_mode": "form",
            "views": [(self.env.ref("timebill_legal.timebill_activity_view_form_dialog").id, "form")],
            "target": "new",
            "context": {**context, "default_kind": kind, "dialog_size": "medium"},
        }

    @api.model
    def action_open_home(self):
        """First page of the application, by role."""
        user = self.env.user
        if user.has_group("timebill_legal.group_manager"):
            return self.env["ir.actions.act_window"]._for_xml_id("timebill_legal.timebill_matter_action_mine")
        if user.has_group("timebill_legal.group_billing"):
            return self.env["timebill.to.bill"].action_open()
        return self.env["ir.actions.client"]._for_xml_id("timebill_legal.timebill_my_day_action")

    def action_save(self):
        """Close the dialog: the web client has saved the form before it calls the button."""
        return {"type": "ir.actions.act_window_close"}

    def action_save_and_new(self):
        """Open a new entry with the same date, matter, client and timekeeper."""
        self.ensure_one()
        return self._get_entry_action(self.kind, self._prepare_sticky_values())

    #=== BUSINESS METHODS ===#

    def _with_sticky_defaults(self):
        """A new line of the quick entry begins with the values of the line before, if its view asks for them."""
        if not self.env.context.get("timebill_sticky"):
            return self
        sticky = {f"default_{name}": value for name, value in self._get_sticky_values().items()}
        return self.with_context(**{**sticky, **self.env.context})

    @api.model
    def _add_entry_token(self, result, fields_spec):
        """Add the token by which a newly opened form is saved once to the result of ``onchange``."""
        if "entry_token" in fields_spec:
            result["value"]["entry_token"] = uuid4().hex

    def _get_typed_or_default(self, name, default):
        """Value of a field that the activity type proposes, as long as the user has not typed another one.

        :param name: field of the activity
        :param default: field of the activity type
        """
        self.ensure_one()
        previous = self.proposed_type_id or self._origin.type_id
        return self.type_id[default] if not self[name] or self[name] == previous[default] else self[name]

    def _prepare_sticky_values(self):
        """Values of this activity with which the next entry begins."""
        self.ensure_one()
        return {name: self._fields[name].convert_to_write(self[name], self) for name in STICKY_FIELDS}

    @api.model
    def _get_sticky_values(self):
        """Values with which a line of the quick entry begins: those of what the user entered last today.

        What was converted was not entered by hand: perhaps somebody else did it, by approving an expense.
        """
        last = self.search(
            [("create_uid", "=", self.env.uid), ("source_model", "=", False)], order="id desc", limit=1
        )
        today = fields.Date.context_today(self)
        if not last or fields.Datetime.context_timestamp(self, last.create_date).date() < today:
            return {}
        values = last._prepare_sticky_values()
        if not last.matter_id.filtered_domain(self.env["timebill.matter"]._get_entry_domain()):
            del values["matter_id"], values["partner_id"]
        return values

    @api.model
    def _get_offered_matters_domain(self):
        """Matters to enter work on, of one client when the dialog was opened from it."""
        domain = self.env["timebill.matter"]._get_entry_domain()
        partner_ids = self.env.context.get("timebill_partner_ids")
        of_client = Domain("client_ids", "any", [("partner_id", "in", partner_ids), ("inactive", "=", False)])
        return domain & of_client if partner_ids else domain

    @api.model
    def _check_not_entered(self, vals_list):
        """
        :raises RedirectWarning: what an open form held was saved before, and leads there
        """
        tokens = [vals["entry_token"] for vals in vals_list if vals.get("entry_token")]
        # sudo: only the form that holds the random token can find the activity
        if tokens and (entered := self.sudo().search([("entry_token", "in", tokens)], limit=1)):
            raise RedirectWarning(
                self.env._("This entry is already saved as %s. Close the dialog.", entered.display_name),
                entered._get_form_action(),
                self.env._("Open the activity"),
            )

    def _log_parts(self):
        """Log the parts of composite activity types, each as a separate activity.

        :raises ValidationError: a part has no price, for instance: then nothing is logged at all
        """
        # Defaults of the context, such as the source, are those of the whole only.
        # sudo: whoever can log the whole can log its parts; she may lack the right to see their prices
        works = self.with_env(self.env(su=True, context=clean_context(self.env.context)))
        works = works.filtered("type_id.part_ids")
        values_list = [part._prepare_activity_values(work) for work in works for part in work.type_id.part_ids]
        if values_list:
            works.browse().create(values_list)
