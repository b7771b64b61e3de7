from odoo import models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_amount, format_date

#: Fields of an activity that its cost document determines, see :class:`TimebillCostMixin`.
COST_FIELDS = ("matter_id", "kind", "date", "amount")


class TimebillActivity(models.Model):
    """An activity that charges a client with a cost document, which is authoritative: see ``timebill.cost.mixin``."""

    _inherit = "timebill.activity"

    def _filter_of_costs(self):
        models_ = self.env["timebill.cost.mixin"]._timebill_get_source_models()
        return self.filtered(lambda activity: activity.source_id and activity.source_model in models_)

    def _get_cost_terms(self):
        """Values that activities of cost documents have in common with them: {activity: [values of COST_FIELDS]}."""
        # sudo: only compared, the values are not shown
        return {activity: [activity[name] for name in COST_FIELDS] for activity in self._filter_of_costs().sudo()}

    def _check_changed_costs(self, terms):
        """Check the activities whose values differ from ``terms`` against their cost document, see
        :meth:`_get_cost_terms`.

        :raises ValidationError: naming the activity and the document
        """
        changed = [activity.id for activity, values in terms.items() if values != [activity[n] for n in COST_FIELDS]]
        self.browse(changed)._check_agrees_with_cost()

    def _check_not_of_costs(self):
        """
        :raises UserError: naming each activity that comes from a cost document, which is charged once
        """
        if of_costs := self._filter_of_costs():
            raise UserError(
                "\n".join(
                    self.env._(
                        "%(activity)s charges “%(cost)s” to the client and cannot be duplicated: a cost is charged"
                        " once. Split the activity, or enter another one.",
                        activity=activity.display_name,
                        cost=activity.source_label,
                    )
                    for activity in of_costs
                )
            )

    def _check_agrees_with_cost(self):
        """Check that the activities match their cost document and add up to it.

        No constraint: a rate of exchange that is corrected later does not make an old activity wrong. The program,
        which splits and merges them, makes them add up itself.

        :raises ValidationError: naming the activity, the cost document and the values that it determines
        """
        if self.env.su:
            return
        for model, activities in self._grouped_by_source_model():
            sources = self.env[model].browse(set(activities.mapped("source_id"))).exists()
            # sudo: only compared, the values are not shown
            charges = sources.sudo()._timebill_filter_charged()._timebill_get_charges()
            parts_of = sources._timebill_get_source_activities_sudo().grouped("source_id")
            for activity in activities.sudo():  # sudo: only compared, the values are not shown
                source = sources.sudo().browse(activity.source_id)
                if source not in charges:
                    continue
                charge = charges[source]
                problem = "matter_id" not in charge and source._timebill_get_shared_problem()
                if problem := problem or activity._get_cost_problem(source, charge, parts_of[source.id]):
                    raise ValidationError(problem)

    def _get_cost_problem(self, source, charge, parts):
        """Why this activity of ``source`` cannot be recorded as it is, or False.

        :param charge: what the activities of this source have to hold, see ``_timebill_get_charges``
        :param parts: timebill.activity, all those of this source
        """
        self.ensure_one()
        cost, matter = charge["amount"], self.matter_id.browse(charge.get("matter_id"))
        values = {name: value for name, value in charge.items() if name != "amount"}
        if not matter:
            # The user chose the matter, hence the currency.
            cost = source._timebill_get_cost_in(self.currency_id)
        difference = self.currency_id.compare_amounts(sum(parts.mapped("amount")), cost)
        is_amount_right = not difference or (difference < 0 and source._timebill_is_partly_given_back())
        if is_amount_right and not any(self._has_other_value(name, values) for name in values):
            return False
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        labels = [
            matter.reference,
            kinds[values["kind"]],
            values.get("date") and format_date(self.env, values["date"]),
            format_amount(self.env, cost, self.currency_id),
        ]
        if self.env["timebill.kind"]._get(values["kind"]).is_exact:
            # CGI art. 267, II-2°: a disbursement is recovered at its exact cost, or it is taxable.
            way_out = self.env._("A disbursement is charged at its exact cost, or not at all.")
        else:
            way_out = self.env._("To charge less, or more, grant a discount or a surcharge.")
        refusal = self.env._(
            "The values of %(activity)s come from “%(cost)s”: %(values)s. Change them there.",
            activity=self.sudo(False).display_name,
            cost=source._timebill_get_source_title(),
            values=", ".join(filter(None, labels)),
        )
        return f"{refusal} {way_out}"
