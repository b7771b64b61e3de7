from odoo import models
from odoo.exceptions import UserError


class TimebillCaptureMixin(models.AbstractModel):
    """Contract of the records from which an activity can be entered.

    A model that inherits from it says, in :meth:`_timebill_prepare_activity_defaults`, what it
    knows about the work; the button and the menus are the same everywhere.
    """

    _name = "timebill.capture.mixin"
    _description = "Source of Activities"

    def _timebill_prepare_activity_defaults(self, kind):
        """Values of the new activity that this record knows.

        :param kind: kind of the activity, see ``timebill.kind``
        :return: {field of timebill.activity: value}
        """
        raise NotImplementedError

    def _timebill_prepare_timer_values(self):
        """Values of the chronometer that is started on this record."""
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
