"""Whatever a client sends is stored as it is, or refused by name; never a crash, never something else."""

import json
import os
import time
from datetime import date
from random import Random

from odoo.exceptions import RedirectWarning, UserError, ValidationError
from odoo.models import MAGIC_COLUMNS
from odoo.tests import BaseCase, tagged
from odoo.tools import mute_logger

from ..lib.durations import LongerThanDayError, parse_duration
from .rpc import RpcCommon

NAMED = (UserError, RedirectWarning)
SEED, SECONDS = int(os.environ.get("TIMEBILL_ODD_SEED", "26")), 9

LETTERS = "x" * 1_000_000
NUMBERS = (
    0, -1, 2**31, 2**63, 10**400, 0.1, 1e300, -1e-9, float("nan"), float("inf"), float("-inf"), True, "12", "1e5",
)
TEXTS = (
    "", "0", "9" * 400, LETTERS, "a\x00b", "\ud800", "👩‍⚖️ dossier", "\u202eabc\u202c", "%s %(a)s {} {{0}}", "<b>x</b>",
    "'; DROP TABLE x; --", "\n\r\t", "not a date",
)
DATES = (
    "9999-12-31", "0001-01-01", "2026-02-30", "2026-W53-7", "2026-12-31", "2027-01-01", "1900-01-01", "26-1-1",
    "2026-10-12T00:00:00+14:00", 20261012,
)
NESTED = (
    [], {}, [[]], [1, 2], {"id": None}, {"id": "x"}, [[0, 0]], [[9, 1, 2]], [[6, 0, ["x"]]], [[0, 0, [1]]], [None],
)
ODD_VALUES = (None, False, *NUMBERS, *TEXTS, *DATES, *NESTED)


class TestOddDurations(BaseCase):
    def test_durations_of_any_length_are_refused_by_name(self):
        long = ("9" * 400 + ",5", "9" * 5000, "1" * 5000 + "h", LETTERS, "1:" + "9" * 999)
        for text in (*long, "٣", "-1", "1e9", "\x00"):
            with self.subTest(text=text[:20]), self.assertRaises((ValueError, LongerThanDayError)) as caught:
                parse_duration(text)
            self.assertLess(len(str(caught.exception)), 200)


@tagged("post_install", "-at_install")
class TestOddValues(RpcCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.activity, cls.cost = cls._time(60), cls._cost(cls.copies, 0.125, 240)

    def _try(self, user, model, method, *args, **kwargs):
        """What the server answers, or a refusal by name.

        :return: (answer, None) or (None, refusal)
        """
        try:
            with mute_logger("odoo.sql_db", "odoo.service.model"):
                return self.rpc(user, model, method, *args, **kwargs), None
        except NAMED as refusal:
            self.assertLess(len(str(refusal)), 2000, "a message that nobody reads")
            return None, refusal
        except Exception as error:
            shown = repr((model, method, args, kwargs))[:300]
            raise AssertionError(f"{type(error).__name__}: {str(error)[:200]}\n{shown}") from error

    def _fields(self):
        """Each field of ours that a client can write."""
        for model in sorted(name for name in self.registry if name.startswith("timebill.")):
            if not self.registry[model]._abstract:
                for field in self.env[model]._fields.values():
                    is_simple = field.type not in ("binary", "json", "properties", "reference")
                    if is_simple and field.name not in MAGIC_COLUMNS:
                        yield model, field
        for model in ("res.partner", "res.company", "res.users", "project.project", "project.task", "account.move"):
            for field in self.env[model]._fields.values():
                if field.name.startswith("timebill_") and field.type != "binary":
                    yield model, field

    def test_every_field_by_every_way(self):
        """A sample, another one with another seed: each field at least once, by creation or in an open form."""
        random, end = Random(SEED), time.monotonic() + SECONDS
        paths = [(model, field, method) for model, field in self._fields() for method in ("create", "onchange")]
        random.shuffle(paths)
        tried = 0
        for model, field, method in paths:
            if time.monotonic() > end:
                break
            values = {field.name: random.choice(ODD_VALUES)}
            args = ([values],) if method == "create" else ([], values, [field.name], {field.name: {}})
            self._try(self.manager, model, method, *args)
            tried += 1
        self.assertGreater(tried, 100)

    def test_every_value_in_the_fields_of_an_activity(self):
        """It is read as it was sent, or nothing changed."""
        names = (
            "date", "description", "note", "duration", "billable_duration", "quantity", "price_unit", "billable",
            "matter_id", "type_id", "user_id", "partner_id", "entry_token", "kind", "task_id", "hold_until",
        )
        names = [name for name in names if name in self.activity._fields]
        random, end = Random(SEED), time.monotonic() + SECONDS
        records = self.activity, self.cost
        paths = [(name, value, record) for name in names for value in ODD_VALUES for record in records]
        random.shuffle(paths)
        tried = 0
        for name, value, record in paths:
            if time.monotonic() > end:
                break
            tried += 1
            before = record.copy_data()[0] | {"date": record.date}
            _answer, refusal = self._try(self.manager, "timebill.activity", "write", record.ids, {name: value})
            stored = record[name]
            if refusal:
                self.assertEqual(record.copy_data()[0] | {"date": record.date}, before)
            elif isinstance(value, str) and isinstance(stored, str):
                self.assertEqual(stored, value, name)
            elif isinstance(value, int | float) and not isinstance(value, bool) and isinstance(stored, float | int):
                self.assertAlmostEqual(stored, value, 5, name)
            elif isinstance(value, str) and isinstance(stored, date):
                self.assertEqual(str(stored), value[:10], name)
        self.assertGreater(tried, 100)

    def test_every_method_that_takes_values(self):
        event = self.env["calendar.event"].create(
            {"name": "x", "start": "2026-10-12 08:00:00", "stop": "2026-10-12 09:00:00", "user_id": self.lawyer.id}
        )
        timer = self.rpc(self.lawyer, "timebill.timer", "action_start")
        self.assertTrue(timer)
        timer = self.env["timebill.timer"].search([("user_id", "=", self.lawyer.id)], limit=1)
        entry = {"model": "calendar.event", "id": event.id}
        calls = [
            *(("timebill.my.day", "get_week", (value,)) for value in ODD_VALUES),
            *(("timebill.my.day", "get_week", (False, value)) for value in ODD_VALUES),
            *(("timebill.my.day", "convert", (value,)) for value in ODD_VALUES),
            *(("timebill.my.day", "convert", ([{**entry, "duration": value}],)) for value in ODD_VALUES),
            *(("timebill.my.day", "convert", ([{"model": value, "id": value}],)) for value in ODD_VALUES),
            *(("timebill.my.day", "ignore", ([{**entry, "id": value}],)) for value in ODD_VALUES),
            *(("timebill.timer", "action_start", (value, value)) for value in ODD_VALUES),
            *(("timebill.timer", "action_start", ("timebill.matter", value)) for value in ODD_VALUES),
            *(("timebill.timer", "action_enter", (value,)) for value in ODD_VALUES),
            *(("timebill.timer", "action_leave", (value,)) for value in ODD_VALUES),
            *(("timebill.timer", "action_edit", (timer.ids, {"description": value})) for value in ODD_VALUES),
            *(("timebill.timer", "action_edit", (timer.ids, value)) for value in ODD_VALUES),
            *(("timebill.timer", "action_answer", (timer.ids, "minutes", value)) for value in ODD_VALUES),
            *(("timebill.timer", "action_answer", (timer.ids, value, value)) for value in ODD_VALUES),
            *(("timebill.matter", "name_search", (value,)) for value in TEXTS),
            *(("timebill.activity", "create", (value,)) for value in NESTED),
        ]
        Random(SEED).shuffle(calls)
        end = time.monotonic() + SECONDS
        tried = 0
        for model, method, args in calls:
            if time.monotonic() > end:
                break
            tried += 1
            self._try(self.lawyer, model, method, *args)
        self.assertGreater(tried, 100)

    def test_weeks_at_the_edges_of_years(self):
        for day, first in (
            ("2026-12-31", "2026-12-28"), ("2027-01-01", "2026-12-28"), ("2027-01-03", "2026-12-28"),
            ("2027-01-04", "2027-01-04"), ("2024-12-30", "2024-12-30"), ("2021-01-03", "2020-12-28"),
            ("2028-02-29", "2028-02-28"),
        ):
            week = self.rpc(self.lawyer, "timebill.my.day", "get_week", day)
            self.assertEqual(str(week["days"][0]["date"]), first)
            self.assertEqual(len(week["days"]), 7)

    def test_the_message_names_the_field_and_the_value(self):
        for values, texts in (
            ({"date": "9999-12-31"}, ("Date", "9999-12-31", "between 1900 and 2200")),
            ({"duration": 60.5}, ("Time Worked", "60.5", "whole number")),
            ({"billable": "no"}, ("Billable", "no", "yes or no")),
            ({"kind": "bribe"}, ("Kind", "bribe", "Choose one")),
        ):
            with self.assertRaises(ValidationError) as caught:
                self.rpc(self.lawyer, "timebill.activity", "write", self.activity.ids, values)
            for text in texts:
                self.assertIn(text, str(caught.exception))

    def test_values_are_checked_in_what_is_created_with_a_record(self):
        values = {"name": "x", "rate_ids": [[0, 0, {"price": float("nan")}]]}
        self.assertRefused(ValidationError, "“nan”", self.manager, "timebill.rate.list", "create", [values])

    def test_json_holds_what_is_tried(self):
        """What a client can send at all, NaN included."""
        for value in ODD_VALUES:
            json.dumps(value)
