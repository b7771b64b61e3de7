from odoo import models
from odoo.exceptions import UserError


class TimebillCaptureMixin(models.AbstractModel):
    """Mixin of models with the button *New activity*.

    A model that inherits from it implements :meth:`_timebill_prepare_activity_defaults`.
    """

    _name = "timebill.capture.mixin"
    _description = "Record with New Activities"

    def _timebill_prepare_activity_defaults(self, kind):
        """Default values of an activity entered from this record.

        :param kind: kind of the activity, code of a ``timebill.kind``
        :return: {field of timebill.activity: value}
        """
        raise NotImplementedError

    def _timebill_prepare_timer_values(self):
        """Values of a timer started on this record: {field of timebill.timer: value}."""
        defaults = self._timebill_prepare_activity_defaults("time")
        return {name: defaults[name] for name in ("matter_id", "type_id", "task_id", "description") if name in defaults}

    def timebill_action_new_activity(self):
        """Open the entry dialog; the kind comes from the context key ``timebill_kind``."""
        self.ensure_one()
        self.check_access("read")
        kind = self.env.context.get("timebill_kind", "time")
        if not self.env["timebill.kind"]._get(kind).code:
            raise UserError(self.env._("“%s” is not a kind of activity.", kind))
        return self.env["timebill.activity"]._get_entry_action(kind, self._timebill_prepare_activity_defaults(kind))
