from odoo import api, fields, models


class TimebillIgnored(models.Model):
    """A record that somebody will not enter, a private lunch for instance: the page *My day* puts it aside.

    It is put aside for the person whose day it is, whoever said so: her assistant and she look at one list. What is
    named is the record, not its day: a meeting stays aside wherever it is moved, and of a series each one alone is.
    """

    _name = "timebill.ignored"
    _description = "Ignored in “My Day”"

    user_id = fields.Many2one("res.users", "Timekeeper", required=True, ondelete="cascade")
    source_model = fields.Char(required=True, export_string_translation=False)
    source_id = fields.Many2oneReference(
        model_field="source_model", required=True, export_string_translation=False
    )

    _once = models.UniqueIndex("(user_id, source_model, source_id)", "This is ignored already.")

    @api.model
    def _find(self, user, keys):
        """
        :param keys: pairs (model, id)
        :return: those of them that ``user`` ignores, as {key: timebill.ignored}
        """
        found = self.search_fetch(
            [("user_id", "=", user.id), ("source_id", "in", [res_id for _model, res_id in keys])],
            ["source_model", "source_id"],
        )
        return {key: record for record in found if (key := (record.source_model, record.source_id)) in keys}

    @api.model
    def _ignore(self, user, keys):
        missing = keys - self._find(user, keys).keys()
        return self.create(
            [{"user_id": user.id, "source_model": model, "source_id": res_id} for model, res_id in missing]
        )

    @api.model
    def _restore(self, user, keys):
        self.union(*self._find(user, keys).values()).unlink()
