from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_amount


class TimebillCostMixin(models.AbstractModel):
    """Contract of the records that are a cost, which the clients of a matter pay back once.

    Three words:

    * the *cost amount* is what the firm bore, in the currency of the record: :meth:`_timebill_get_cost_amount`, and
      :meth:`_timebill_get_cost_in` for another currency;
    * the *shares* are what each matter bears of it by the analytic distribution: :meth:`_timebill_get_shares`;
    * the *charge* is what the one activity holds by which a client pays it back: :meth:`_timebill_get_charges`. The
      record stays authoritative: an activity that does not hold its charge is refused, see ``timebill.activity``.

    A new cost implements :meth:`_timebill_get_cost_kind`, :meth:`_timebill_get_cost_date` and
    :meth:`_timebill_get_cost_amount`.
    """

    _name = "timebill.cost.mixin"
    _inherit = "timebill.source.mixin"
    _description = "Cost That a Client Pays Back"

    @api.model
    def _timebill_get_kinds(self):
        return self.env["timebill.kind"]._get_codes(lambda kind: kind.is_cost)

    def _timebill_get_cost_kind(self):
        """``disbursement`` if it was paid in the name of the client, ``expense`` if it is a cost of the firm."""
        raise NotImplementedError

    def _timebill_get_cost_date(self):
        """Date of the cost."""
        raise NotImplementedError

    def _timebill_get_cost_amount(self, currency):
        """Amount that the firm paid: with VAT for a disbursement, without deductible VAT for an expense.

        :param currency: the one that is wanted, if the record says how much it was in it
        :return: (amount, its currency)
        """
        raise NotImplementedError

    #=== ACTION METHODS ===#

    def timebill_action_convert_to_activity(self):
        if len(self) == 1 and not self.timebill_is_converted:
            if problem := self._timebill_get_shared_problem():
                raise UserError(problem)
            if problem := self._timebill_get_negative_problem():
                title = self._timebill_get_source_title()
                raise UserError(self.env._("%(record)s: %(reason)s", record=title, reason=problem))
        return super().timebill_action_convert_to_activity()

    #=== BUSINESS METHODS ===#

    def _timebill_get_charges(self):
        """What the activity of each cost holds: its kind, its matter if there is only one, and in ``amount`` what it
        costs, or what several activities into which it was split cost together.

        :return: {record: {field of timebill.activity: value}}, amounts in the currency of the matter or the company
        """
        charges = {}
        for source, amount_of in self._timebill_get_shares().items():
            charge = charges[source] = {"kind": source._timebill_get_cost_kind()}
            if len(amount_of) == 1 and not source._timebill_is_shared():
                (matter, charge["amount"]), = amount_of.items()
                charge["matter_id"] = matter.id
            else:
                charge["amount"] = source._timebill_get_cost_in(source.company_id.currency_id)
        return charges

    def _timebill_get_shares(self):
        """What each matter bears of these costs, by their analytic distribution.

        :return: {record: {timebill.matter: amount in its currency}}, of the matters that the user may read
        """
        percentages_of = {source: source._timebill_get_percentages() for source in self}
        accounts = {account_id for percentages in percentages_of.values() for account_id in percentages}
        matters = self.env["timebill.matter"].search([("analytic_account_id", "in", list(accounts))])
        # sudo: users may lack access to analytic accounts; only matters that they can read are used
        matter_of = {matter.sudo().analytic_account_id.id: matter for matter in matters}
        return {
            source: {
                matter: source._timebill_get_cost_in(matter.currency_id, percentage / 100)
                for account_id, percentage in percentages.items()
                if (matter := matter_of.get(account_id))
            }
            for source, percentages in percentages_of.items()
        }

    def _timebill_get_percentages(self):
        """
        :return: {id of the analytic account: percentage of the analytic distribution}
        """
        self.ensure_one()
        percentages = {}
        for ids, percentage in (self.analytic_distribution or {}).items():
            for account_id in map(int, ids.split(",")):
                percentages[account_id] = percentages.get(account_id, 0) + percentage
        return percentages

    def _timebill_get_cost_in(self, currency, share=1):
        """The cost amount, or a ``share`` of it between 0 and 1, in ``currency``, on the day of the cost."""
        self.ensure_one()
        amount, own_currency = self._timebill_get_cost_amount(currency)
        return own_currency._convert(share * amount, currency, self.company_id, self._timebill_get_cost_date())

    def _timebill_filter_charged(self):
        """Those of these costs that a client has to pay back as they are."""
        return self

    def _timebill_is_partly_given_back(self):
        """Whether less than this cost may be charged, because a part of it was refunded."""
        return False

    def _timebill_get_conversion_problem(self, values):
        return (
            # A cost of which the matter is known is not shared.
            (not values.get("matter_id") and self._timebill_get_shared_problem())
            or self._timebill_get_negative_problem()
            or super()._timebill_get_conversion_problem(values)
        )

    def _timebill_get_fixed_matters(self):
        charges = self._timebill_get_charges()
        Matter = self.env["timebill.matter"]
        return {
            source.id: Matter.browse(charge["matter_id"]) for source, charge in charges.items() if "matter_id" in charge
        }

    def _timebill_prepare_source_values(self):
        self.ensure_one()
        return {
            "kind": self._timebill_get_cost_kind(),
            "description": self._timebill_get_source_title(),
            "date": self._timebill_get_cost_date(),
            "quantity": 1,
        }

    def _timebill_prepare_matter_values(self):
        # A user who cannot see amounts can still enter costs.
        price_field = "price_unit" if self.env.user.has_group("timebill_legal.group_amounts") else "unit_cost"
        result = {}
        for source, charge in self._timebill_get_charges().items():
            matter = self.env["timebill.matter"].browse(charge.get("matter_id"))
            result[source] = {price_field: charge["amount"], "matter_id": matter.id}
            workers = source._timebill_get_workers() or matter.responsible_id
            if timekeeper := workers._timebill_filter_timekeepers()[:1]:
                result[source]["user_id"] = timekeeper.id
        return result

    def _timebill_get_negative_problem(self):
        """Why this negative cost cannot be converted, or False."""
        self.ensure_one()
        currency = self.company_id.currency_id
        if currency.compare_amounts(self._timebill_get_cost_in(currency), 0) >= 0:
            return False
        return self.env._("refunded to the firm: lower the activity that charges this cost")

    def _timebill_is_shared(self):
        """Whether several matters bear this cost, also such that the user may not read."""
        self.ensure_one()
        # sudo: the matters are only counted
        return len(self._timebill_get_percentages()) > 1 and len(self.sudo()._timebill_get_shares()[self]) > 1

    def _timebill_get_shared_problem(self):
        """Why a cost of several matters cannot be converted into one activity, or False.

        Lists what each matter bears, if the user may read at least two of them.
        """
        self.ensure_one()
        if not self._timebill_is_shared():
            return False
        # sudo: only matters that the user can read are used; this may run under sudo
        amount_of = {
            matter: amount
            for matter, amount in self.sudo()._timebill_get_shares()[self].items()
            if matter.sudo(False).has_access("read")
        }
        if len(amount_of) < 2:
            return self.env._(
                "“%(cost)s” is distributed over several matters and cannot be converted into one activity. Enter it on"
                " each matter.",
                cost=self._timebill_get_source_title(),
            )
        return self.env._(
            "“%(cost)s” is distributed over several matters and cannot be converted into one activity. Enter it on"
            " each matter: %(parts)s.",
            cost=self._timebill_get_source_title(),
            parts=", ".join(
                f"{matter.reference} {format_amount(self.env, amount, matter.currency_id)}"
                for matter, amount in amount_of.items()
            ),
        )
