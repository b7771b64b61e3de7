import json
import logging
import os
from datetime import UTC, datetime, time, timedelta
from pathlib import Path

from odoo import fields
from odoo.fields import Command
from odoo.tests import tagged

from .browser import BrowserCase
from .common import TimebillCommon


class Stopwatch(logging.Handler):
    """Writes what the tours measure (static/tests/tours/stopwatch.js) to the file that ``TIMEBILL_STOPWATCH`` names."""

    MARK = "STOPWATCH "

    def __init__(self, logger):
        super().__init__()
        self.logger, self.former_level = logger, logging.NOTSET
        self.path = os.environ.get("TIMEBILL_STOPWATCH")

    def __enter__(self):
        if self.path:
            self.former_level = self.logger.level
            self.logger.setLevel(logging.INFO)
            self.logger.addHandler(self)

    def __exit__(self, *exc_info):
        if self.path:
            self.logger.removeHandler(self)
            self.logger.setLevel(self.former_level)

    def emit(self, record):
        message = record.getMessage().partition("\n")[0]
        if message.startswith(self.MARK):
            with Path(self.path).open("a") as file:
                file.write(json.dumps(json.loads(message.removeprefix(self.MARK))) + "\n")


class ToursCase(TimebillCommon, BrowserCase):
    """A firm with work of last month and of this one, whatever the date of today."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.abadie = cls.env["res.partner"].create(
            {"name": "Abadie", "is_company": True, "email": "abadie@example.com"}
        )
        cls.abadie_matter = cls._matter("Abadie v. Insurer", cls.abadie)
        cls.phone.description = "Entretien téléphonique"
        cls.meeting = cls.env.ref("timebill_legal.activity_type_meeting")
        cls.meeting.description = "Rendez-vous au cabinet"
        cls.drafting = cls.env.ref("timebill_legal.activity_type_drafting")
        cls.today = fields.Date.context_today(cls.lawyer)
        cls.last_month = cls.today.replace(day=1) - timedelta(days=10)
        # What a test builds is rolled back with it: each tour would build the web client when none is stored.
        get_bundle = cls.env["ir.qweb"]._get_asset_bundle
        for name in ("web.assets_web", "web.assets_web_print"):
            get_bundle(name, js=False).css()
        for name in ("web.assets_web", "web.assets_tests", "web.assets_emoji", "bus.websocket_worker_assets"):
            get_bundle(name, css=False).js()
        # Without it, Odoo's first sending asks for the layout of documents.
        if not cls.company.external_report_layout_id:
            cls.company.external_report_layout_id = cls.env.ref("web.external_layout_standard")

    def _tour(self, name, record=None, user=None):
        url = f"/odoo/{record._name}/{record.id}" if record else "/odoo"
        with Stopwatch(self._logger.getChild("browser")):
            self.start_tour(url, name, login=(user or self.lawyer).login)
        self.env.invalidate_all()

    def _entered(self, matter):
        """Activities of the matter, in the order in which they were entered."""
        return self.env["timebill.activity"].search([("matter_id", "=", matter.id)], order="id")

    def _meeting(self, name, partner=None, day=None):
        """One hour and a half, in the morning: today's may not be over."""
        start = datetime.combine(day or self.today, time(8))
        return self.env["calendar.event"].with_context(no_mail_to_attendees=True).create(
            {
                "name": name,
                "user_id": self.lawyer.id,
                "start": start,
                "stop": start + timedelta(minutes=90),
                "partner_ids": [Command.set([self.lawyer.partner_id.id, *(partner.ids if partner else ())])],
            }
        )

    def _invoices(self, partner):
        return self.env["account.move"].search([("partner_id", "=", partner.id)], order="id")


class Journeys:
    """What the firm's people do; the database tells afterwards that it was done."""

    def test_entry_from_client(self):
        self.matter.rate_list_id = self.env["timebill.rate.list"].create(
            {"name": "Cheap", "rate_ids": [Command.create({"price": 150})]}
        )
        self._tour("timebill_entry_from_client")
        self.assertEqual(
            [
                (activity.kind, activity.duration, activity.quantity, activity.price_unit, activity.amount)
                for activity in self._entered(self.matter)
            ],
            [
                ("time", 30, 1, 150, 75),
                ("service", 0, 2, 150, 300),
                ("expense", 0, 10, 0.2, 2),
                ("disbursement", 0, 1, 225, 225),
            ],
        )

    def test_entry_from_anywhere(self):
        self._tour("timebill_entry_from_anywhere")
        self.assertEqual(
            [(activity.kind, activity.duration, activity.amount) for activity in self._entered(self.abadie_matter)],
            [("time", 15, 50), ("time", 45, 150), ("service", 0, 150)],
        )
        self.assertEqual(self._entered(self.abadie_matter)[1].description, "Relecture")
        self.assertEqual(self.abadie_matter.name, "Abadie v. Insurer", "the form below was not saved")

    def test_entry_with_choices(self):
        self._tour("timebill_entry_with_choices", self.lys)
        first, second = self._entered(self.joint_matter)
        self.assertEqual((first.duration, second.duration), (90, 45))
        self.assertFalse((first + second).partner_id, "common to both clients")
        self.assertEqual((first.date, second.date), (self.today - timedelta(days=1),) * 2)
        self.assertEqual((first + second).user_id, self.lawyer)
        self.assertFalse(self._entered(self.matter))

    def test_entry_elsewhere(self):
        project = self.abadie_matter.project_ids
        stage = self.env["project.task.type"].create({"name": "En cours", "project_ids": project.ids})
        self.env["project.task"].create(
            {
                "name": "Plaider",
                "project_id": project.id,
                "stage_id": stage.id,
                "timebill_type_id": self.hearing.id,
            }
        )
        self._tour("timebill_entry_elsewhere", self.abadie_matter)
        activities = self._entered(self.abadie_matter)
        self.assertEqual(
            [(activity.type_id, activity.amount) for activity in activities],
            [
                (self.meeting, 180),
                (self.env.ref("timebill_legal.activity_type_consultation"), 90),
                (self.copies, 1),
                (self.hearing, 400),
            ],
        )
        self.assertEqual(activities[0].description, "Appel de l'expert")
        self.assertEqual(activities.mapped("approved"), [True, False, False, False])
        self.assertEqual(activities[3].task_id.name, "Plaider")

    def test_my_day(self):
        # somewhere it is evening, and a working day
        offset = (20 - datetime.now(UTC).hour + 9) % 24 - 9
        self.lawyer.tz = f"Etc/GMT{-offset:+}"
        self.lawyer.timebill_calendar_id = self.env["resource.calendar"].create(
            {
                "name": "Seven days of seven hours",
                "attendance_ids": [
                    Command.create({"name": day, "dayofweek": day, "hour_from": 9, "hour_to": 16}) for day in "0123456"
                ],
            }
        )
        today = (datetime.now(UTC) + timedelta(hours=offset)).date()
        midnight = datetime.combine(today, time()) - timedelta(hours=offset)
        self.env["calendar.event"].with_context(no_mail_to_attendees=True, dont_notify=True).create(
            [
                {
                    "name": f"Rendez-vous {hour}" if hour < 6 else "Déjeuner",
                    "user_id": self.lawyer.id,
                    "partner_ids": [Command.set(self.lawyer.partner_id.ids)],
                    "res_model_id": hour < 6 and self.env["ir.model"]._get_id("timebill.matter"),
                    "res_id": hour < 6 and self.abadie_matter.id,
                    "start": midnight + timedelta(hours=hour),
                    "stop": midnight + timedelta(hours=hour + 1),
                }
                for hour in range(1, 7)
            ]
        )
        self._time(60, date=self.last_month, description="Ancien")  # makes the matter a recent one
        self._tour("timebill_my_day")
        entered = self._entered(self.abadie_matter)
        self.assertEqual(
            [(activity.description, activity.duration, activity.date) for activity in entered],
            [
                *((f"Rendez-vous {hour}", 60, today) for hour in range(1, 6)),
                ("Déjeuner", 90, today),
            ],
        )
        self.assertEqual(self._entered(self.matter).mapped("description"), ["Ancien", "Relecture"])
        self.assertEqual(entered[5].type_id, self.env.ref("timebill_legal.activity_type_email"))

    def test_timer(self):
        self._tour("timebill_timer", self.abadie_matter)
        self.assertEqual(
            [(activity.duration, activity.date) for activity in self._entered(self.abadie_matter)],
            [(1, self.today), (1, self.today)],
        )
        typed = self._entered(self.abadie_matter)[1]
        self.assertEqual((typed.description, typed.type_id), ("Appel du greffe", self.drafting))
        self.assertEqual(self.env["timebill.timer"].search([]).mapped("state"), ["done", "done"])

    def test_billing_page(self):
        opening = self._time(60, date=self.last_month, description="Ouverture du dossier")
        call = self._time(30, date=self.last_month, description="Appel au greffe")
        copies = self._cost(self.copies, 2, quantity=10, date=self.last_month)
        common = self._time(90, self.joint_matter, date=self.last_month, description="Réunion commune")
        recent = self._time(60, date=self.today, description="Travail de ce mois")
        self._tour("timebill_billing_page", user=self.biller)
        invoice = self._invoices(self.lys)
        self.assertEqual(
            (invoice.state, invoice.amount_untaxed, invoice.amount_tax, invoice.amount_total), ("draft", 470, 94, 564)
        )
        self.assertEqual(invoice.timebill_allocation_ids.activity_id, opening + copies + common)
        self.assertEqual((call + recent).mapped("billing_state"), ["to_bill", "to_bill"])
        self.assertEqual(opening.description, "Étude des pièces")
        self.assertEqual(common.allocation_ids.client_id, self.lys)

    def test_billing_and_sending(self):
        self._time(60, date=self.last_month)
        self._time(90, self.joint_matter, date=self.today, description="Réunion commune")
        self._tour("timebill_billing_and_sending", self.lys, self.biller)
        invoice = self._invoices(self.lys)
        self.assertEqual((invoice.state, invoice.amount_total, invoice.move_sent_values), ("posted", 600, "not_sent"))
        self.assertEqual(invoice.timebill_allocation_ids.activity_id.mapped("billing_state"), ["billed", "billed"])

    def test_credit_note(self):
        opening = self._time(60, date=self.last_month, description="Ouverture du dossier")
        call = self._time(30, date=self.last_month, description="Appel au greffe")
        invoice = self._bill(opening + call, post=True)
        by_hand = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": self.lys.id,
                "invoice_date": self.today,
                "invoice_line_ids": [Command.create({"name": "Remise", "price_unit": 100})],
            }
        )
        by_hand.action_post()
        self._tour("timebill_credit_note", invoice, self.biller)
        self.assertEqual((opening + call).mapped("covered"), [60, 0])
        credit = invoice.reversal_move_ids
        self.assertEqual((credit.state, credit.amount_untaxed), ("draft", 50))
        credit.action_post()
        self.assertEqual((opening + call).mapped("covered"), [45, 0])

    def test_billing_elsewhere(self):
        first = self._time(60, self.abadie_matter, date=self.today, description="Premier travail")
        second = self._time(30, self.abadie_matter, date=self.today, description="Deuxième travail")
        self._tour("timebill_billing_elsewhere", self.abadie_matter, self.biller)
        invoices = self._invoices(self.abadie)
        self.assertEqual(
            [(invoice.amount_untaxed, invoice.timebill_allocation_ids.activity_id) for invoice in invoices],
            [(200, first), (100, second)],
        )


@tagged("post_install", "-at_install")
class TestToursWide(Journeys, ToursCase):
    browser_size = "1400x900"

    def test_quick_entry(self):
        """Eight lines with the keys alone, typed without waiting for what the list proposes."""
        research = self.env.ref("timebill_legal.activity_type_research")
        self._tour("timebill_quick_entry", user=self.assistant)
        entered = self.env["timebill.activity"].search([("create_uid", "=", self.assistant.id)], order="id")
        self.assertEqual(
            [(line.matter_id, line.user_id, line.type_id, line.duration, line.amount) for line in entered],
            [
                (self.abadie_matter, self.assistant, self.phone, 15, 50),
                (self.abadie_matter, self.lawyer, self.drafting, 90, 300),
                (self.abadie_matter, self.lawyer, self.phone, 12, 40),
                (self.joint_matter, self.lawyer, self.phone, 10, 33.33),
                (self.joint_matter, self.lawyer, self.meeting, 45, 150),
                (self.matter, self.lawyer, research, 120, 400),
                (self.matter, self.lawyer, self.drafting, 60, 200),
                (self.abadie_matter, self.lawyer, self.phone, 20, 66.67),
            ],
            "priced, although she sees no amounts",
        )

    def test_convert(self):
        self.abadie_matter.with_user(self.lawyer).message_post(body="Appel du greffe", message_type="comment")
        self._meeting("RDV Abadie", self.abadie)
        for name, partner in (("Appel Abadie", self.abadie), ("Visite Abadie", self.abadie), ("Sans client", None)):
            self._meeting(name, partner, self.today - timedelta(days=1))
        self._tour("timebill_convert", self.abadie_matter)
        self.assertEqual(
            [(activity.source_model, activity.duration) for activity in self._entered(self.abadie_matter)],
            [("mail.message", 6), *[("calendar.event", 90)] * 3],
        )


@tagged("post_install", "-at_install")
class TestToursPhone(Journeys, ToursCase):
    browser_size = "390x844"
    touch_enabled = True

    def test_quick_entry(self):
        self._tour("timebill_quick_entry", user=self.assistant)
        entered = self._entered(self.abadie_matter) + self._entered(self.joint_matter)
        self.assertEqual(
            [(activity.user_id, activity.duration, activity.description) for activity in entered],
            [
                (self.assistant, 15, "Appel du client"),
                (self.lawyer, 90, "Conclusions"),
                (self.lawyer, 12, "Message"),
            ],
        )
        self.assertEqual(entered.type_id, self.phone, "the category used last")
        self.assertEqual(entered.mapped("amount"), [50, 300, 40], "priced, although she sees no amounts")

    def test_convert(self):
        self._meeting("RDV Abadie", self.abadie)
        project = self.abadie_matter.project_ids
        self.env["project.task"].create(
            {"name": "Conclusions", "project_id": project.id, "user_ids": self.lawyer.ids, "allocated_hours": 2}
        )
        self._tour("timebill_convert", self.abadie_matter)
        self.assertEqual(
            [(activity.source_model, activity.duration) for activity in self._entered(self.abadie_matter)],
            [("calendar.event", 90), ("project.task", 120)],
        )
