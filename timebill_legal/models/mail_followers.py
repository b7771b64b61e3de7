from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.fields import Domain

from ..tools.threads import THREADS


class MailFollowers(models.Model):
    _inherit = "mail.followers"

    # For the record rule: who follows a confidential matter is its team.
    timebill_is_hidden = fields.Boolean(
        compute="_compute_timebill_is_hidden",
        search="_search_timebill_is_hidden",
        export_string_translation=False,
    )

    @api.depends_context("uid")
    def _compute_timebill_is_hidden(self):
        self.timebill_is_hidden = False
        for model_name, followers in self.grouped("res_model").items():
            matter_of = self.env["timebill.matter"]._get_confidential_of_sudo(model_name, followers.mapped("res_id"))
            for follower in followers.filtered(lambda f, matter_of=matter_of: f.res_id in matter_of):
                follower.timebill_is_hidden = matter_of[follower.res_id]._is_hidden_from_user()

    @api.model
    def _search_timebill_is_hidden(self, operator, value):
        if operator != "in":
            return NotImplemented
        hidden = Domain("confidential", "=", True) & ~Domain("member_ids", "in", self.env.uid)
        # sudo: to leave out what the user cannot read
        everything = self.sudo().with_context(active_test=False).env
        documents = [
            (model_name, everything[model_name]._search(Domain(path, "any", hidden) if path else hidden))
            for model_name, path in THREADS.items()
        ]
        domain = Domain.OR(Domain("res_model", "=", name) & Domain("res_id", "in", query) for name, query in documents)
        return Domain.OR(domain if wanted else ~domain for wanted in value)

    @api.constrains("res_model", "res_id", "partner_id")
    def _check_timebill_team(self):
        """Only the team follows what belongs to a confidential matter: followers receive what is said there."""
        for model_name, followers in self.grouped("res_model").items():
            matter_of = self.env["timebill.matter"]._get_confidential_of_sudo(model_name, followers.mapped("res_id"))
            for follower in followers:
                matter = matter_of.get(follower.res_id)
                if matter and follower.partner_id not in matter.member_ids.partner_id:
                    raise ValidationError(matter._get_outsider_message(follower.partner_id))

    def _insert_followers(
        self,
        res_model,
        res_ids,
        partner_ids,
        subtypes=None,
        customer_ids=None,
        check_existing=True,
        existing_policy="skip",
    ):
        """Leave out whoever is not in the team of a confidential matter: the program adds authors of e-mails, people
        who are mentioned or assigned, and followers of the project, whoever they are.
        """
        options = {
            "subtypes": subtypes,
            "customer_ids": customer_ids,
            "check_existing": check_existing,
            "existing_policy": existing_policy,
        }
        matter_of = self.env["timebill.matter"]._get_confidential_of_sudo(res_model, res_ids)
        others = [res_id for res_id in res_ids if res_id not in matter_of]
        if others or not matter_of:
            super()._insert_followers(res_model, others, partner_ids, **options)
        for res_id, matter in matter_of.items():
            team = set(matter.member_ids.partner_id.ids)
            members = [partner_id for partner_id in partner_ids or () if partner_id in team]
            if members:
                super()._insert_followers(res_model, [res_id], members, **options)
