from collections import Counter
from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import AccessError, ConcurrencyError, RedirectWarning, UserError, ValidationError
from psycopg2.errors import UniqueViolation


class TimebillActivity(models.Model):
    """The record from which an activity was converted, see ``timebill.source.mixin``."""

    _inherit = "timebill.activity"

    source_model = fields.Char(copy=False)
    source_id = fields.Many2oneReference(model_field="source_model", copy=False)
    # Set on the further parts of a cost that was split; the converted activity itself has it unset.
    source_part = fields.Boolean("Part of a Split Cost", readonly=True, copy=False)
    source_label = fields.Char("Converted from", compute="_compute_source_label")
    source_sort = fields.Char(compute="_compute_source_label", export_string_translation=False)

    _one_per_source = models.UniqueIndex(
        "(source_model, source_id, (CASE WHEN is_cost THEN 0 ELSE user_id END))"
        " WHERE source_id > 0 AND source_part IS NOT TRUE",
        "This record is already converted: a cost is converted once, work once for each timekeeper.",
    )

    #=== COMPUTE METHODS ===#

    @api.depends("source_model", "source_id")
    @api.depends_context("uid", "lang")
    def _compute_source_label(self):
        """Name of the source for users who can read it; the name of its model for others."""
        self.source_label = self.source_sort = False
        for model, activities in self._grouped_by_source_model():
            readable = {source.id: source for source in activities._get_sources()}
            sort = self.env[model]._timebill_get_source_label()
            for activity in activities:
                source = readable.get(activity.source_id)
                activity.source_label = source._timebill_get_source_title() if source else sort
                activity.source_sort = source and sort

    #=== CONSTRAINTS ===#

    @api.constrains("kind", "source_model")
    def _check_source_kind(self):
        """Check that the kind is one that records of the source model can become."""
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        for model, activities in self._grouped_by_source_model():
            allowed = self.env[model]._timebill_get_kinds()
            for activity in activities.filtered(lambda a, allowed=allowed: a.kind not in allowed):
                raise ValidationError(
                    self.env._(
                        "%(activity)s was converted from “%(source_title)s” and can only be: %(kinds)s.",
                        activity=activity.display_name,
                        source_title=activity.source_label,
                        kinds=", ".join(kinds[kind] for kind in allowed),
                    )
                )

    #=== ACTION METHODS ===#

    def action_open_source(self):
        """Show what this activity was converted from.

        :raises UserError: it is deleted
        :raises AccessError: the user may not read it
        """
        self.ensure_one()
        self.check_access("read")
        is_source = self.source_model in self.env["timebill.source.mixin"]._timebill_get_source_models()
        source = is_source and self.env[self.source_model].browse(self.source_id).exists()
        if not source:
            raise UserError(self.env._("The source of this activity is deleted."))
        source._timebill_check_may_convert()
        return source._timebill_get_source_action()

    def action_undo_conversion(self):
        """Delete converted activities: their sources and timers can be entered again.

        :raises UserError: naming each of them that is billed meanwhile, and where
        """
        activities = self.exists()
        # sudo: the timer may belong to another user, who gets her time back; the right to delete was checked
        timers = activities.timer_id.sudo()
        (activities | activities.part_ids).unlink()
        timers._reopen()

    #=== BUSINESS METHODS ===#

    @api.model
    def _add_default_sources(self, vals_list):
        """Return ``vals_list`` with the source that the context proposes, so that it is checked like a written one."""
        defaults = self.default_get(["source_model", "source_id", "user_id"])
        return [{**defaults, **vals} for vals in vals_list]

    def _check_source_kept(self, vals):
        """
        :raises AccessError: ``vals`` would change what an activity was converted from
        """
        if not self.env.su and any(self._has_other_value(name, vals) for name in ("source_model", "source_id")):
            raise AccessError(self.env._("The source of an activity cannot be changed."))

    @api.model
    def _check_sources(self, vals_list):
        """Check that each source is converted once per timekeeper, and that the user can read it.

        :raises AccessError: the user may not read it
        :raises RedirectWarning: it is converted already; leads to the activity
        """
        keys = [
            (vals["source_model"], vals["source_id"], vals["user_id"])
            for vals in vals_list
            if vals.get("source_model") and vals.get("source_id") and not vals.get("source_part")
        ]
        for model in {model for model, *_other in keys}:
            if model not in self.env["timebill.source.mixin"]._timebill_get_source_models():
                raise ValidationError(
                    self.env._("Records of the model “%s” cannot be converted into activities.", model)
                )
            sources = self.env[model].browse({source_id for name, source_id, _user in keys if name == model})
            if not self.env.su:
                sources._timebill_check_may_convert()
            users = self.env["res.users"]
            wanted = [
                (source_id, sources._timebill_get_conversion_timekeepers(users.browse(user_id)))
                for name, source_id, user_id in keys
                if name == model
            ]
            counts = Counter(wanted)
            for activity in sources._timebill_get_source_activities_sudo():
                if (activity.source_id, sources._timebill_get_conversion_timekeepers(activity.user_id)) in counts:
                    activity._raise_converted(sources.browse(activity.source_id)._timebill_get_source_title())
            if repeated := [key for key, count in counts.items() if count > 1]:
                title = sources.browse(repeated[0][0])._timebill_get_source_title()
                raise ValidationError(self.env._("“%s” is selected twice.", title))

    def _check_given_sources(self, user_id):
        """
        :raises RedirectWarning: the source of one of these is converted for the user who gets them
        """
        for model, activities in self._grouped_by_source_model():
            if not self.env[model]._timebill_is_work():
                continue
            sources = self.env[model].browse(activities.mapped("source_id"))
            for activity in sources._timebill_get_source_activities_sudo() - self:
                if activity.user_id.id == user_id:
                    given = activities.filtered(lambda a, source_id=activity.source_id: a.source_id == source_id)
                    activity._raise_converted(given[0].source_label)

    @contextmanager
    def _converting_once(self, vals_list):
        """Turn a violation of the unique index, by a concurrent conversion of the same record, into a retry.

        :raises ConcurrencyError: for the request to start over: it then sees the other activity, and leads to it
        """
        if not any(vals.get("source_id") for vals in vals_list):
            yield
            return
        try:
            with self.env.cr.savepoint():
                yield
        except UniqueViolation as error:
            if error.diag.constraint_name != self._one_per_source.full_name(self):
                raise
            raise ConcurrencyError("timebill.activity: converted at the same time") from None

    def _raise_converted(self, title):
        """
        :param title: of what was converted, as the user may read it
        :raises RedirectWarning: naming it, the timekeeper and the activity, which it leads to
        """
        activity = self.sudo()  # sudo: display_name is the bare reference for a user who cannot read the matter
        message = self.env._(
            "“%(title)s” is already converted for %(user)s: %(activity)s. Edit this activity, or delete it to"
            " convert the record again.",
            title=title,
            user=activity.user_id.name,
            activity=activity.display_name,
        )
        if not self.sudo(False).has_access("read"):
            raise UserError(message)
        raise RedirectWarning(message, self._get_form_action(), self.env._("Open the activity"))

    def _grouped_by_source_model(self):
        """Pairs (model name, activities) of the activities that were converted from a source."""
        models_ = self.env["timebill.source.mixin"]._timebill_get_source_models()
        groups = self.filtered("source_id").grouped("source_model")
        return [(model, activities) for model, activities in groups.items() if model in models_]

    def _get_sources(self):
        """Sources of these activities, which share one model, as far as the user can read them."""
        sources = self.env[self[:1].source_model].browse(set(self.mapped("source_id")))
        return sources.exists()._filtered_access("read")

    def _invalidate_conversions(self):
        """Invalidate the cached conversion state of the sources of these activities."""
        for model, activities in self._grouped_by_source_model():
            sources = self.env[model].browse(activities.mapped("source_id"))
            sources.invalidate_recordset(["timebill_activity_id", "timebill_is_converted"], flush=False)
