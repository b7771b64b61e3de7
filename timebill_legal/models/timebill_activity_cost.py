from odoo import models
from odoo.exceptions import UserError, ValidationError
from odoo.tools import format_amount, format_date

#: What an activity may say otherwise than the cost from which it was converted, see :meth:`_timebill_prepare_charges`.
SAID_FIELDS = ("matter_id", "kind", "date", "amount")


class TimebillActivity(models.Model):
    """An activity that charges a client with a cost document, which is authoritative: see ``timebill.cost.mixin``."""

    _inherit = "timebill.activity"

    def _filter_of_costs(self):
        models_ = self.env["timebill.cost.mixin"]._timebill_get_source_models()
        return self.filtered(lambda activity: activity.source_id and activity.source_model in models_)

    def _get_cost_terms(self):
        """What those of these activities that come from a cost document hold of it: {activity: [values]}."""
        # sudo: compared, not shown
        return {activity: [activity[name] for name in SAID_FIELDS] for activity in self._filter_of_costs().sudo()}

    def _check_changed_costs(self, terms):
        """Compare with their cost document the activities that no longer hold ``terms``, see :meth:`_get_cost_terms`.

        :raises ValidationError: naming the activity and the document
        """
        changed = [activity.id for activity, values in terms.items() if values != [activity[n] for n in SAID_FIELDS]]
        self.browse(changed)._check_agrees_with_cost()

    def _check_not_of_costs(self):
        """
        :raises UserError: naming each activity that comes from a cost document, which is charged once
        """
        if of_costs := self._filter_of_costs():
            raise UserError(
                "\n".join(
                    self.env._(
                        "%(activity)s comes from “%(cost)s”, which was paid once: it is not duplicated. Split it, or"
                        " enter another activity.",
                        activity=activity.display_name,
                        cost=activity.source_label,
                    )
                    for activity in of_costs
                )
            )

    def _check_agrees_with_cost(self):
        """The activities of a cost say what it says, and make up what it was.

        No constraint: a rate of exchange that is corrected later does not make an old activity wrong. The program,
        which splits and merges them, makes them add up itself.

        :raises ValidationError: naming the activity, the cost and what it says
        """
        if self.env.su:
            return
        for model, activities in self._grouped_by_source_model():
            sources = self.env[model].browse(set(activities.mapped("source_id"))).exists()
            charges = sources._timebill_prepare_charges()
            parts_of = sources._timebill_get_source_activities_sudo().grouped("source_id")
            for activity in activities.sudo():  # sudo: compared, not shown
                source = sources.sudo().browse(activity.source_id)
                if source not in charges:
                    continue
                problem = source._timebill_get_shared_problem() or activity._get_cost_problem(
                    source, charges[source], parts_of[source.id]
                )
                if problem:
                    raise ValidationError(problem)

    def _get_cost_problem(self, source, said, parts):
        """Why this activity of ``source`` cannot be recorded as it is, or False.

        :param said: what the source says, see ``_timebill_prepare_charges``
        :param parts: timebill.activity, all those of this source
        """
        self.ensure_one()
        cost, matter = said["amount"], self.matter_id.browse(said.get("matter_id"))
        said = {name: value for name, value in said.items() if name != "amount"}
        if not matter:
            # Somebody chose the matter, and with it the currency.
            cost = source._timebill_get_cost_share(1, self.currency_id)
        charged = sum(parts.mapped("amount"))
        difference = self.currency_id.compare_amounts(charged, cost)
        is_amount_right = not difference or (difference < 0 and source._timebill_is_partly_given_back())
        if is_amount_right and not any(self._has_other_value(name, said) for name in said):
            return False
        kinds = dict(self._fields["kind"]._description_selection(self.env))
        labels = [
            matter.reference,
            kinds[said["kind"]],
            said.get("date") and format_date(self.env, said["date"]),
            format_amount(self.env, cost, self.currency_id),
        ]
        if self.env["timebill.kind"]._get(said["kind"]).is_exact:
            # CGI art. 267, II-2°: a disbursement is recovered at its exact cost, or it is taxable.
            way_out = self.env._("A disbursement is charged at its exact cost, or not at all.")
        else:
            way_out = self.env._("To charge less, or more, grant a discount or a surcharge.")
        refusal = self.env._(
            "%(activity)s comes from “%(cost)s”, which says: %(said)s. That is changed there, not here.",
            activity=self.sudo(False).display_name,
            cost=source._timebill_get_source_title(),
            said=", ".join(filter(None, labels)),
        )
        return f"{refusal} {way_out}"
