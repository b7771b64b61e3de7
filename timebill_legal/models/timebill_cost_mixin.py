from odoo import api, models
from odoo.exceptions import UserError
from odoo.tools import format_amount


class TimebillCostMixin(models.AbstractModel):
    """Contract of the records that are a cost, which the clients of a matter pay back once, whoever charges it.

    Their analytic distribution says for which matter. A new cost says in :meth:`_timebill_get_cost_kind` whether it was
    paid in the client's name, and in :meth:`_timebill_get_cost_date` and :meth:`_timebill_get_cost` when and how much
    it was. Its activities go on saying that, see :meth:`_timebill_prepare_charges`.
    """

    _name = "timebill.cost.mixin"
    _inherit = "timebill.source.mixin"
    _description = "Cost That a Client Pays Back"

    @api.model
    def _timebill_get_kinds(self):
        return self.env["timebill.kind"]._get_codes(lambda kind: kind.is_cost)

    def _timebill_get_cost_kind(self):
        """``disbursement`` for what was paid in the client's name, ``expense`` for the firm's own cost."""
        raise NotImplementedError

    def _timebill_get_cost_date(self):
        """Day on which the firm bore it."""
        raise NotImplementedError

    def _timebill_get_cost(self, currency):
        """What the firm bore: all that it paid for a disbursement, without the VAT that it gets back for an expense.

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

    def _timebill_prepare_charges(self):
        """What the activities of these costs say, whoever asks: their matter, if known, their kind, and in ``amount``
        what they make up together, in the currency of that matter.

        :return: {record: {field of timebill.activity: value}}
        """
        # sudo: compared, not shown
        return {
            source: {
                **({"matter_id": matter.id} if matter else {}),
                "kind": source._timebill_get_cost_kind(),
                "amount": amount,
            }
            for source, (matter, amount) in self.sudo()._timebill_get_charges().items()
        }

    def _timebill_is_partly_given_back(self):
        """Whether less than this cost may be charged, for part of it came back."""
        return False

    def _timebill_get_unsure_reason(self, values):
        return (
            self._timebill_get_shared_problem()
            or self._timebill_get_negative_problem()
            or super()._timebill_get_unsure_reason(values)
        )

    def _timebill_get_fixed_matters(self):
        return {source.id: matter for source, (matter, _amount) in self._timebill_get_charges().items() if matter}

    def _timebill_prepare_source_values(self):
        self.ensure_one()
        return {
            "kind": self._timebill_get_cost_kind(),
            "description": self._timebill_get_source_title(),
            "date": self._timebill_get_cost_date(),
            "quantity": 1,
        }

    def _timebill_find_matter_values(self):
        # Who may not see amounts still types what a cost was.
        price_field = "price_unit" if self.env.user.has_group("timebill_legal.group_amounts") else "unit_cost"
        result = {}
        for source, (matter, amount) in self._timebill_get_charges().items():
            result[source] = {price_field: amount, "matter_id": matter.id}
            workers = source._timebill_get_workers() or matter.responsible_id
            if timekeeper := workers._timebill_filter_timekeepers()[:1]:
                result[source]["user_id"] = timekeeper.id
        return result

    def _timebill_get_charges(self):
        """The only matter to which the analytic distribution charges each cost, and what it has to bear of it.

        :return: {record: (timebill.matter, possibly empty, amount in its currency)}
        """
        charges = {}
        for source, share_of in self._timebill_get_cost_matters().items():
            matter, share = next(iter(share_of.items())) if len(share_of) == 1 else (self.env["timebill.matter"], 1)
            currency = matter.currency_id or source.company_id.currency_id
            charges[source] = (matter, source._timebill_get_cost_share(share, currency))
        return charges

    def _timebill_get_cost_share(self, share, currency):
        """What ``share`` of the cost was, in ``currency``."""
        self.ensure_one()
        amount, own_currency = self._timebill_get_cost(currency)
        return own_currency._convert(share * amount, currency, self.company_id, self._timebill_get_cost_date())

    def _timebill_get_negative_problem(self):
        """Why this becomes no activity of its own, or False: it lowers what something else was."""
        self.ensure_one()
        currency = self.company_id.currency_id
        if currency.compare_amounts(self._timebill_get_cost_share(1, currency), 0) >= 0:
            return False
        return self.env._("paid back to the firm: lower the activity of what it was for")

    def _timebill_get_shared_problem(self):
        """Why this cost cannot become one activity, or False: several matters bear it."""
        self.ensure_one()
        share_of = self._timebill_get_cost_matters()[self] if len(self.analytic_distribution or {}) > 1 else {}
        if len(share_of) < 2:
            return False
        amounts = {
            matter: self._timebill_get_cost_share(share, matter.currency_id) for matter, share in share_of.items()
        }
        return self.env._(
            "“%(cost)s” is shared by several matters, and it becomes one activity only. Enter it on each of them"
            " instead: %(parts)s.",
            cost=self._timebill_get_source_title(),
            parts=", ".join(
                f"{matter.reference} {format_amount(self.env, amount, matter.currency_id)}"
                for matter, amount in amounts.items()
            ),
        )

    def _timebill_get_cost_matters(self):
        """
        :return: {record: {matter: its share of the analytic distribution, 1 being all of it}}
        """
        share_of = {}
        for source in self:
            shares = share_of[source] = {}
            for ids, percentage in (source.analytic_distribution or {}).items():
                for account_id in map(int, ids.split(",")):
                    shares[account_id] = shares.get(account_id, 0) + percentage / 100
        accounts = {account_id for shares in share_of.values() for account_id in shares}
        matters = self.env["timebill.matter"].search([("analytic_account_id", "in", list(accounts))])
        # sudo: users of the firm may not read analytic accounts
        matter_of = {matter.sudo().analytic_account_id.id: matter for matter in matters}
        return {
            source: {matter_of[account_id]: share for account_id, share in shares.items() if account_id in matter_of}
            for source, shares in share_of.items()
        }
