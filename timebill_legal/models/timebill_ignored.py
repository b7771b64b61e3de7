from odoo import api, fields, models


class TimebillIgnored(models.Model):
    """Record ignored on the page *My day*: it will not become an activity (e.g. a private lunch).

    Records are ignored for the timekeeper, whoever clicked *Ignore*: she and her assistant see the same list. A meeting
    stays ignored when it is moved; the occurrences of a recurring meeting are ignored one by one.
    """

    _name = "timebill.ignored"
    _description = "Ignored in “My Day”"

    user_id = fields.Many2one("res.users", "Timekeeper", required=True, ondelete="cascade")
    source_model = fields.Char(required=True, export_string_translation=False)
    source_id = fields.Many2oneReference(
        model_field="source_model", required=True, export_string_translation=False
    )

    _once = models.UniqueIndex("(user_id, source_model, source_id)", "This record is already ignored.")

    @api.model
    def _get_ignored(self, user, keys):
        """
        :param keys: iterable of (model, id)
        :return: {(model, id): timebill.ignored} of the records ignored for ``user``
        """
        found = self.search_fetch(
            [("user_id", "=", user.id), ("source_id", "in", [res_id for _model, res_id in keys])],
            ["source_model", "source_id"],
        )
        return {key: record for record in found if (key := (record.source_model, record.source_id)) in keys}

    @api.model
    def _ignore(self, user, keys):
        missing = keys - self._get_ignored(user, keys).keys()
        return self.create(
            [{"user_id": user.id, "source_model": model, "source_id": res_id} for model, res_id in missing]
        )

    @api.model
    def _restore(self, user, keys):
        self.union(*self._get_ignored(user, keys).values()).unlink()
