from odoo import api, models

from ..tools.threads import THREADS


class TimebillMatter(models.Model):
    """Confidentiality of a matter: what users outside its team see of it.

    The title of a confidential matter must not appear on linked records, whose access rules are weaker: its analytic
    account and its projects are named after the reference alone.
    """

    _inherit = "timebill.matter"

    #=== COMPUTE METHODS ===#

    @api.depends("reference", "name", "confidential", "member_ids")
    @api.depends_context("uid")
    def _compute_display_name(self):
        """Show only the reference of a confidential matter to users outside its team.

        Odoo computes the display names of many2one values as superuser, hence the test on the user.
        """
        for matter in self:
            if matter._is_hidden_from_user():
                matter.display_name = matter.reference
            elif not matter._origin:
                matter.display_name = matter.name  # not saved yet, hence without reference
            else:
                matter.display_name = f"{matter.reference} {matter.name or ''}".strip()

    def _is_hidden_from_user(self):
        """Whether the title must be hidden from the current user, even when the code runs as superuser."""
        self.ensure_one()
        return self.confidential and self.env.user not in self.member_ids

    #=== BUSINESS METHODS ===#

    @api.model
    def _get_confidential_of_sudo(self, model_name, ids):
        """Confidential matters of records of one of :data:`THREADS`.

        :return: {id of the record: its matter}, without records that have none
        """
        if model_name not in THREADS:
            return {}
        # sudo: only the reference of the matter is shown, and its team compared
        records = self.env[model_name].sudo().browse([res_id for res_id in ids if res_id])
        path = THREADS[model_name]
        matters = {record.id: record.mapped(path) if path else record for record in records}
        return {res_id: matter for res_id, matter in matters.items() if matter.confidential}

    def _get_outsiders(self, partners):
        """Partners of internal users who are not in the team; clients and other outside people are not meant."""
        return partners.filtered(lambda partner: not partner.partner_share) - self.member_ids.partner_id

    def _get_outsider_message(self, partners):
        """Why ``partners`` cannot take part in this confidential matter, and the way out."""
        return self.env._(
            "%(people)s: not in the team of the confidential matter %(matter)s, hence cannot follow it or be notified."
            " Add them to its team first.",
            people=", ".join(partners.mapped("name")),
            matter=self.reference,
        )

    def _get_link(self):
        """HTML link for chatters that users outside the team may read."""
        self.ensure_one()
        return self._get_html_link(self.reference if self.confidential else self.display_name)

    def _get_private_name(self):
        """Name of the analytic account and of the projects: the title is left out when the matter is confidential."""
        self.ensure_one()
        return self.reference if self.confidential else f"{self.reference} {self.name}"

    def _get_private_partner(self):
        """Partner of the analytic account: the only client, or none when the matter is confidential."""
        self.ensure_one()
        return self.env["res.partner"] if self.confidential or len(self.client_ids) > 1 else self.client_ids.partner_id

    def _sync_private_names(self):
        """Update name, partner, visibility and followers of linked records after a change of title or
        confidentiality, see :meth:`_sync_followers` for the team.
        """
        # sudo: lawyers may edit neither accounts nor projects; only values derived from the matter are written
        for matter in self.sudo():
            projects = matter.with_context(active_test=False).project_ids
            account = matter.analytic_account_id.with_context(tracking_disable=True)
            if matter.confidential:
                matter._delete_tracked_names(projects)
                matter._delete_tracked_names(account)
                projects.privacy_visibility = "followers"
                matter._rename_in_all_languages(projects)
                matter._sync_followers()
            else:
                hidden = projects.filtered(lambda p, matter=matter: p.name == matter.reference)
                hidden.privacy_visibility = "employees"
                matter._rename_in_all_languages(hidden)
            account.partner_id = matter._get_private_partner()
            matter._rename_in_all_languages(account)

    def _sync_followers(self):
        """Only the team follows confidential matters, their projects and tasks."""
        # sudo: lawyers may not edit projects; only followers are changed, to those of the team
        for matter in self.sudo():
            projects = matter.with_context(active_test=False).project_ids
            team = matter.member_ids.partner_id
            for record in [matter, *projects, *projects.task_ids]:
                record.message_unsubscribe((record.message_partner_ids - team).ids)
            for project in projects:
                project.message_subscribe(team.ids)

    def _delete_tracked_names(self, records):
        """Delete the tracking values that show the title or the client from before the matter became confidential."""
        # sudo: only administrators may delete tracking values; the search is limited to records of this matter
        self.env["mail.tracking.value"].sudo().search(
            [
                ("mail_message_id.model", "=", records._name),
                ("mail_message_id.res_id", "in", records.ids),
                ("field_id.name", "in", ["name", "partner_id"]),
            ]
        ).unlink()

    def _rename_in_all_languages(self, records):
        """Rename ``records`` to :meth:`_get_private_name` in every language, without tracking."""
        name = self._get_private_name()
        # Odoo falls back on en_US when a translation is missing, even if that language is not installed.
        languages = {"en_US", *(code for code, _name in self.env["res.lang"].get_installed())}
        for record in records.with_context(tracking_disable=True):
            record.update_field_translations("name", dict.fromkeys(languages, name))
