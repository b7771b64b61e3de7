import re

from markupsafe import Markup, escape
from odoo import api, models
from odoo.fields import Domain

from ..tools.threads import THREADS

#: Records that hang on others and show titles of these: {model: texts}.
TITLED = {
    "calendar.event": ("name", "description"),
    "mail.activity": ("summary", "note"),
    "mail.message": ("subject", "body"),
    "mail.mail": ("body_html",),
}


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

    def _sync_private_names(self, former_titles=()):
        """Update name, partner, visibility and followers of linked records after a change of title or
        confidentiality, see :meth:`_sync_followers` for the team.

        :param former_titles: titles that the matters had before
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
                matter._hide_titles_sudo(former_titles)
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

    def _hide_titles_sudo(self, former_titles=()):
        """Take the title out of planned activities and meetings of this confidential matter: people outside the team
        may attend or have to do them.
        """
        self.ensure_one()
        documents = self._get_documents_sudo()
        activities, events = (
            self.env[model]
            .sudo()  # sudo: of whomever they are, nothing but the title is taken out
            .with_context(active_test=False, tracking_disable=True)
            .search(
                Domain.OR(
                    Domain("res_model", "=", document_model) & Domain("res_id", "in", ids)
                    for document_model, ids in documents.items()
                )
            )
            for model in ("mail.activity", "calendar.event")
        )
        self.env.add_to_compute(activities._fields["res_name"], activities)
        events |= activities.calendar_event_id
        events.filtered(lambda event: event.privacy != "private").write({"privacy": "private"})
        messages = self.env["mail.message"].sudo().search(  # sudo: as above
            [("model", "=", "calendar.event"), ("res_id", "in", events.ids)]
        )
        mails = self.env["mail.mail"].sudo().search([("mail_message_id", "in", messages.ids)])  # sudo: as above
        titles = self._get_titles_sudo() | set(former_titles)
        # The calendar file of an invitation has the title: it has been sent, nothing else needs it.
        messages.attachment_ids.filtered(lambda file: file.mimetype == "text/calendar").unlink()
        for records in (activities, events, messages, mails):
            for record in records:
                self._hide_titles_in(record, titles)

    def _get_documents_sudo(self):
        """{model: ids} of this matter, its projects and what belongs to them."""
        matter = self.sudo().with_context(active_test=False)  # sudo: to change what others may read of the matter
        found = {"timebill.matter": matter.ids}
        for model_name, path in THREADS.items():
            if path:
                found[model_name] = matter.env[model_name].search([(path, "=", matter.id)]).ids
        return found

    def _get_titles_sudo(self):
        """The title of this matter and those that it had."""
        # sudo: only administrators may read tracking values; they are searched for, not shown
        tracked = self.env["mail.tracking.value"].sudo().search(
            [
                ("mail_message_id.model", "=", self._name),
                ("mail_message_id.res_id", "=", self.id),
                ("field_id.name", "=", "name"),
            ]
        )
        return {self.name, *tracked.mapped("old_value_char"), *tracked.mapped("new_value_char")} - {False, ""}

    def _hide_titles_in(self, record, titles):
        """Write the reference instead of the titles in the texts of ``record``."""
        values = {}
        for name in TITLED[record._name]:
            text = record[name]
            if text and (neutral := self._hide_titles_of(text, titles)) != text:
                values[name] = neutral
        if values:
            record.write(values)

    def _hide_titles_of(self, text, titles):
        """``text`` with the reference instead of each of ``titles``, which are whole words."""
        words = sorted({*titles, *(str(escape(title)) for title in titles)}, key=len, reverse=True)
        words = "|".join(map(re.escape, words))
        reference = re.escape(self.reference)
        neutral = re.sub(rf"(?:{reference}\s+)?(?<!\w)(?:{words})(?!\w)", lambda _match: self.reference, str(text))
        return Markup(neutral) if isinstance(text, Markup) else neutral
