from contextlib import closing, suppress
from itertools import product

from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .rpc import RpcCommon

STORY = "What only the team may know"
MAIL = """\
From: {sender}
To: {recipients}
Subject: Re: hello
Message-Id: <reply-1@example.com>
In-Reply-To: {parent}
References: {parent}
Content-Type: text/plain; charset=utf-8

Hello
"""


@tagged("post_install", "-at_install")
class TestFollowersOfConfidentialMatters(RpcCommon):
    """Nobody outside the team follows what belongs to a confidential matter, or reads what is said there."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["mail.alias.domain"].create({"name": "firm.example.com"})
        cls.admin = cls.env.ref("base.user_admin")
        cls.secret = cls.secret_matter
        cls.member = new_test_user(
            cls.env, "tb_member", groups="timebill_legal.group_user,project.group_project_manager"
        )
        cls.secret.member_ids += cls.member + cls.admin
        cls.project = cls.secret.project_ids
        cls.records = {
            "matter": cls.secret,
            "project": cls.project,
            "task": cls.env["project.task"].create({"name": "Brief", "project_id": cls.project.id}),
            "milestone": cls.env["project.milestone"].create({"name": "Deed", "project_id": cls.project.id}),
            "update": cls.env["project.update"].create(
                {"name": "Week", "project_id": cls.project.id, "status": "on_track"}
            ),
        }
        cls.open_records = {"matter": cls.matter, "project": cls.matter.project_ids}

    def _ways(self, record, partner):
        """Each way by which ``partner`` could come to follow ``record``: {name: function}."""
        rpc, model, ids = self.rpc, record._name, record.ids
        follower = {"res_model": model, "res_id": record.id, "partner_id": partner.id}
        wizard = {"res_model": model, "res_ids": str(ids), "partner_ids": [Command.set(partner.ids)]}

        def by_wizard(notify):
            window = rpc(self.member, "mail.followers.edit", "create", [{**wizard, "notify": notify}])
            return rpc(self.member, "mail.followers.edit", "edit_followers", window)

        comment = {"body": STORY, "message_type": "comment", "subtype_xmlid": "mail.mt_comment"}
        post = {**comment, "partner_ids": partner.ids}
        elsewhere = self._follower_elsewhere(partner)
        return {
            "subscribed": lambda: rpc(self.member, model, "message_subscribe", ids, partner.ids),
            "subscribed by the program": lambda: record.message_subscribe(partner.ids),
            "subscribes": lambda: rpc(partner.user_ids, model, "message_subscribe", ids, partner.ids),
            "written": lambda: rpc(
                self.admin, model, "write", ids, {"message_partner_ids": [Command.link(partner.id)]}
            ),
            "command": lambda: rpc(
                self.admin, model, "write", ids, {"message_follower_ids": [Command.create(follower)]}
            ),
            "created": lambda: rpc(self.admin, "mail.followers", "create", [follower]),
            "moved": lambda: rpc(self.admin, "mail.followers", "write", elsewhere.ids, follower),
            "wizard": lambda: by_wizard(False),
            "invitation": lambda: by_wizard(True),
            "mentioned": lambda: rpc(self.member, model, "message_post", ids, **post),
            "mentioned and followed": lambda: rpc(
                self.member, model, "message_post", ids, **post, context={"mail_post_autofollow": True}
            ),
            "notified": lambda: rpc(
                self.member, model, "message_notify", ids, body=STORY, partner_ids=partner.ids, subject="x"
            ),
            "posted by the program": lambda: record.with_context(mail_post_autofollow=True).message_post(**post),
            "e-mail": lambda: self._receive(record, partner),
            "copy of an e-mail": lambda: self._receive(record, self.lys, partner),
            "assigned": lambda: self._assign(record, partner),
        }

    def _follower_elsewhere(self, partner):
        self.joint_matter.message_subscribe(partner.ids)
        return self.joint_matter.message_follower_ids.filtered(lambda follower: follower.partner_id == partner)

    def _receive(self, record, sender, *recipients):
        """An e-mail answers a message of ``record``."""
        parent = record.message_post(body="Hello", message_type="comment", subtype_xmlid="mail.mt_comment")
        to = ", ".join(["catchall@firm.example.com", *(partner.email for partner in recipients)])
        mail = MAIL.format(sender=sender.email_formatted, recipients=to, parent=parent.message_id)
        self.env["mail.thread"].message_process(False, mail)

    def _assign(self, record, partner):
        user = partner.user_ids
        if "user_ids" in record:
            self.rpc(self.member, record._name, "write", record.ids, {"user_ids": [Command.link(user.id)]})
        elif "user_id" in record:
            self.rpc(self.member, record._name, "write", record.ids, {"user_id": user.id})
        if "activity_ids" in record:
            record.with_user(self.member).activity_schedule(
                "mail.mail_activity_data_todo", user_id=user.id, summary="x"
            )

    def _play(self, call, record):
        """Call, then a comment of the team."""
        with suppress(UserError), mute_logger("odoo.addons.mail.models.mail_thread"):
            call()
        record.with_user(self.member).message_post(body=STORY, message_type="comment", subtype_xmlid="mail.mt_comment")
        self.env.flush_all()
        self.env.invalidate_all()

    def test_by_no_way(self):
        tried = 0
        for (name, record), user in product(self.records.items(), (self.colleague, self.manager)):
            partner = user.partner_id
            for way, call in self._ways(record, partner).items():
                tried += 1
                with self.subTest(record=name, way=way, user=user.login), closing(self.cr.savepoint(flush=False)):
                    self._play(call, record)
                    self.assertNotIn(partner, record.message_partner_ids)
                    messages = record.message_ids.filtered(lambda message: STORY in message.body)
                    self.assertNotIn(partner, messages.notified_partner_ids + messages.partner_ids)
                    for message in messages:
                        with self.assertRaises(AccessError):
                            self.rpc(user, "mail.message", "read", message.ids, ["body"])
                self.env.invalidate_all()
        self.assertGreater(tried, 150)

    def test_who_follows_is_hidden_like_the_matter(self):
        """Followers of a confidential matter are its team, and the client of a task."""
        for record in self.records.values():
            record.message_subscribe(self.lawyer.partner_id.ids)
            followers = record.message_follower_ids
            domain = [("res_model", "=", record._name), ("res_id", "=", record.id)]
            self.assertTrue(self.rpc(self.member, "mail.followers", "search", domain))
            self.assertTrue(self.rpc(self.member, "mail.followers", "read", followers.ids, ["partner_id"]))
            for user in (self.colleague, self.manager, self.accountant):
                self.assertFalse(self.rpc(user, "mail.followers", "search", domain), record)
                with self.assertRaises(AccessError):
                    self.rpc(user, "mail.followers", "read", followers.ids, ["partner_id"])
        self.matter.message_subscribe(self.lawyer.partner_id.ids)
        followers = self.matter.message_follower_ids
        self.assertTrue(self.rpc(self.colleague, "mail.followers", "read", followers.ids, ["partner_id"]))
        self.assertTrue(self.rpc(self.colleague, "mail.followers", "search", [("id", "in", followers.ids)]))

    def test_members_and_ordinary_matters_are_as_in_odoo(self):
        for record in (self.matter, self.matter.project_ids, self.secret):
            user = self.lawyer if record == self.secret else self.colleague
            for way in ("subscribed by the program", "created", "e-mail"):
                with self.subTest(record=record, way=way), closing(self.cr.savepoint(flush=False)):
                    record.message_unsubscribe(user.partner_id.ids)
                    self.env.flush_all()
                    self._play(self._ways(record, user.partner_id)[way], record)
                    self.assertIn(user.partner_id, record.message_partner_ids)
                self.env.invalidate_all()

    def test_clients_are_written_to_without_following(self):
        self.rpc(
            self.member,
            "timebill.matter",
            "message_post",
            self.secret.ids,
            body="To our client",
            partner_ids=self.dupont.ids,
            message_type="comment",
            subtype_xmlid="mail.mt_comment",
        )
        message = self.secret.message_ids[0]
        self.assertIn(self.dupont, message.notified_partner_ids)
        self._receive(self.secret, self.dupont)
        self.assertNotIn(self.dupont, self.secret.message_partner_ids)
        self.assertIn(self.dupont, self.secret.message_ids.author_id)

    def test_a_task_that_becomes_confidential_loses_its_followers(self):
        task = self.env["project.task"].create({"name": "Brief", "project_id": self.matter.project_ids.id})
        task.message_subscribe(self.colleague.partner_id.ids)
        self.rpc(self.member, "project.task", "write", task.ids, {"project_id": self.project.id})
        self.assertNotIn(self.colleague.partner_id, task.message_partner_ids)

    def test_the_refusal_names_who_and_what_to_do(self):
        for method, kwargs in (("message_post", {"body": STORY, "partner_ids": self.colleague.partner_id.ids}),):
            self.assertRefused(
                UserError, "Paul Colleague: not in the team", self.lawyer, "timebill.matter", method, self.secret.ids,
                **kwargs,
            )
