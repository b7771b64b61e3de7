from contextlib import contextmanager

from odoo import api, fields, models
from odoo.exceptions import AccessError, ValidationError
from odoo.fields import Command

from ..tools.changes import would_change

#: Fields of which depend who may read a confidential matter, and who may edit any matter.
TEAM_FIELDS = ("confidential", "responsible_id", "member_ids")


class TimebillMatter(models.Model):
    """Team of a matter: who may change it, who joins it, and the log of who did.

    One rule decides who may change :data:`TEAM_FIELDS` (:meth:`_may_change_team`). Everybody else may at most work on
    the matter.
    """

    _inherit = "timebill.matter"

    log_ids = fields.One2many("timebill.matter.log", "matter_id", "Log of Access", readonly=True, copy=False)

    #=== CONSTRAINTS ===#

    @api.constrains("confidential", "member_ids", "responsible_id")
    def _check_team(self):
        for matter in self:
            if matter.confidential and matter.responsible_id not in matter.member_ids:
                raise ValidationError(
                    self.env._(
                        "%(user)s is responsible for the confidential matter %(matter)s and must stay in its team.",
                        user=matter.responsible_id.name,
                        matter=matter.display_name,
                    )
                )

    #=== BUSINESS METHODS ===#

    def _may_change_team(self):
        """Whether the user may change the team, the responsible lawyer and the confidentiality of this matter: the
        responsible lawyer, the team of a confidential matter, and managers.
        """
        self.ensure_one()
        user = self.env.user
        return (
            self.responsible_id == user
            or self.confidential and user in self.member_ids
            or user.has_group("timebill_legal.group_manager")
        )

    def _check_may_change_team(self, vals):
        """
        :param vals: values to write
        :raises AccessError: when they change the team of one of these matters, and the user may not
        """
        names = [name for name in TEAM_FIELDS if name in vals]
        if self.env.su or not names:
            return
        for matter in self:
            changed = [name for name in names if would_change(matter, name, vals[name])]
            if changed and not matter._may_change_team():
                raise AccessError(
                    self.env._(
                        "You cannot change “%(fields)s” of the matter %(matter)s. Ask %(responsible)s, who is"
                        " responsible for it, or a manager.",
                        fields=", ".join(self._fields[name]._description_string(self.env) for name in changed),
                        matter=matter.display_name,
                        responsible=matter.responsible_id.name,
                    )
                )

    @contextmanager
    def _log_team_changes(self, vals):
        """Write in the log of confidential matters who changed their team, responsible lawyer or confidentiality."""
        if not any(name in vals for name in TEAM_FIELDS):
            yield
            return
        before = {matter: (matter.confidential, matter.responsible_id, matter.member_ids) for matter in self}
        yield
        entries = []
        for matter, (was_confidential, responsible, members) in before.items():
            if not (was_confidential or matter.confidential):
                continue
            if was_confidential != matter.confidential:
                entries.append((matter, "closed" if matter.confidential else "opened", matter.env.user.browse()))
            if responsible != matter.responsible_id:
                entries.append((matter, "responsible", matter.responsible_id))
            if not self.env.context.get("timebill_breaks_glass"):
                entries += [(matter, "joined", user) for user in matter.member_ids - members]
                entries += [(matter, "left", user) for user in members - matter.member_ids]
        self.env["timebill.matter.log"]._append(entries)

    def _complete_team(self):
        """Before a matter becomes confidential, add its timekeepers, responsible lawyer and the user to the team."""
        for matter in self.filtered(lambda m: not m.confidential):
            # sudo: timekeepers of activities that the user cannot read join the team as well; write() has checked her
            # right
            activities = self.env["timebill.activity"].sudo()
            [[timekeepers]] = activities._read_group([("matter_id", "=", matter.id)], [], ["user_id:recordset"])
            matter.sudo().member_ids += matter.responsible_id + timekeepers + self.env.user

    @api.model
    def _join_teams(self, activities):
        """Add the timekeepers of ``activities`` to the teams of their matters, where the user may edit the matter.

        To enter work on a matter is no right on it: who is not in its team does not get there by working.
        """
        missing = {
            matter: entries.user_id - matter.member_ids for matter, entries in activities.grouped("matter_id").items()
        }
        editable = self.union(*(matter for matter, users in missing.items() if users))._filtered_access("write")
        for users in {missing[matter] for matter in editable}:
            matters = editable.filtered(lambda matter, users=users: missing[matter] == users)
            # sudo: members may not change the team of a matter that is not confidential; only timekeepers whose work
            # the user may enter are added, and she may edit the matter
            matters.sudo().write({"member_ids": [Command.link(user.id) for user in users]})

    def _enter_by_breaking_glass(self, reason):
        """Add a manager to the team of confidential matters, and log it.

        :param reason: str, shown to the team
        :raises AccessError: when the user is not a manager
        """
        if not self.env.user.has_group("timebill_legal.group_manager"):
            raise AccessError(self.env._("Only a manager can enter a confidential matter without being in its team."))
        # sudo: the manager cannot read the matter yet; the group has been checked, and the entry is logged
        for matter in self.sudo():
            if self.env.user in matter.member_ids:
                continue
            matter.with_context(timebill_breaks_glass=True, tracking_disable=True).member_ids += self.env.user
            self.env["timebill.matter.log"]._append([(matter, "entered", self.env.user)], reason)
            matter.message_post(
                body=self.env._(
                    "%(user)s entered this confidential matter without being in its team. Reason: %(reason)s",
                    user=self.env.user.name,
                    reason=reason,
                ),
                partner_ids=(matter.member_ids - self.env.user).partner_id.ids,
            )
