from datetime import date

from odoo.exceptions import AccessError, RedirectWarning, UserError, ValidationError
from odoo.fields import Command
from odoo.tests import Form, tagged

from .rpc import RpcCommon


class SourcesCommon(RpcCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.meeting = cls.env.ref("timebill_legal.activity_type_meeting")
        cls.email = cls.env.ref("timebill_legal.activity_type_email")
        for user in cls.lawyer + cls.colleague + cls.assistant + cls.biller:
            user.tz = "Europe/Paris"

    @classmethod
    def _event(cls, name="RDV Lys", partners=None, user=None, **values):
        """Meeting of the lawyer from 22:30 to 00:00 UTC: the next day in Paris."""
        user = user or cls.lawyer
        return cls.env["calendar.event"].with_context(no_mail_to_attendees=True).create(
            {
                "name": name,
                "user_id": user.id,
                "start": "2026-10-12 22:30:00",
                "stop": "2026-10-13 00:00:00",
                "partner_ids": [Command.set((user.partner_id | (partners or user.partner_id)).ids)],
                **values,
            }
        )

    def _defaults(self, source, user=None):
        """What the entry dialog of a conversion is filled in with."""
        action = source.with_user(user or self.lawyer).timebill_action_convert_to_activity()
        return self._get_defaults(action["context"])

    def _get_defaults(self, context):
        return {name[8:]: value for name, value in context.items() if name.startswith("default_")}

    def _convert(self, source, user=None, **values):
        """The activity that the dialog saves."""
        source = source.with_user(user or self.lawyer)
        context = source.timebill_action_convert_to_activity()["context"]  # the web client sends it back
        Activity = source.env["timebill.activity"]
        activity = Activity.with_context(**context).create({**self._get_defaults(context), **values})
        return activity.with_env(Activity.env)


@tagged("post_install", "-at_install")
class TestSources(SourcesCommon):
    def test_meeting_fills_in_the_dialog(self):
        event = self._event(partners=self.lys)
        self.assertEqual(
            self._defaults(event),
            {
                "kind": "time",
                "description": "RDV Lys",
                "date": date(2026, 10, 13),
                "duration": 90,
                "type_id": self.meeting.id,
                "user_id": self.lawyer.id,
                "source_model": "calendar.event",
                "source_id": event.id,
                # SCI des Lys has two open matters: it is asked
            },
        )
        self.joint_matter.action_close()
        self.assertEqual(self._defaults(event)["matter_id"], self.matter.id)

    def test_matter_from_attendees(self):
        contact = self.env["res.partner"].create({"name": "Jean", "parent_id": self.morel.id})
        self.assertEqual(self._defaults(self._event(partners=contact))["matter_id"], self.joint_matter.id)
        secret = self._event(partners=self.dupont, user=self.colleague)
        self.assertNotIn("matter_id", self._defaults(secret, self.colleague), "of a team the user is not in")
        self.assertNotIn("matter_id", self._defaults(self._event(partners=self.colleague.partner_id)))

    def test_matter_from_document(self):
        project = self.matter.project_ids
        task = self.env["project.task"].create({"name": "Plaider", "project_id": project.id})
        for document in (self.matter, project, task):
            event = self._event(
                res_model_id=self.env["ir.model"]._get_id(document._name), res_id=document.id, partners=self.dupont
            )
            defaults = self._defaults(event)
            self.assertEqual(defaults["matter_id"], self.matter.id)
            self.assertEqual(defaults.get("task_id"), task.id if document == task else None)

    def test_category_by_tag(self):
        tag = self.env["calendar.event.type"].create({"name": "Plaidoirie", "timebill_type_id": self.hearing.id})
        self.assertEqual(self._defaults(self._event(categ_ids=tag.ids))["type_id"], self.hearing.id)
        self.meeting.source_model = False
        self.deed.source_model = "calendar.event"
        defaults = self._defaults(self._event())
        self.assertEqual((defaults["type_id"], defaults["kind"]), (self.deed.id, "service"))

    def test_a_fresh_firm_has_tags_and_the_manager_makes_more(self):
        Tag = self.env["calendar.event.type"]
        Tag.search([]).unlink()
        Tag._timebill_create_for_categories(self.hearing + self.phone)
        Tag._timebill_create_for_categories(self.hearing + self.phone)
        tags = Tag.search([("timebill_type_id", "!=", False)], order="name")
        self.assertEqual(tags.mapped("name"), ["Audience", "Téléphone"])
        [tag_id] = self.rpc(
            self.manager, Tag._name, "create", [{"name": "Expertise", "timebill_type_id": self.hearing.id}]
        )
        self.assertEqual(self._defaults(self._event(categ_ids=[tag_id]))["type_id"], self.hearing.id)
        with self.assertRaises(AccessError):
            self.rpc(self.lawyer, Tag._name, "write", [tag_id], {"timebill_type_id": self.deed.id})

    def test_task_fills_in_the_dialog(self):
        task = self.env["project.task"].create(
            {
                "name": "Conclusions",
                "project_id": self.matter.project_ids.id,
                "user_ids": self.lawyer.ids,
                "allocated_hours": 1.5,
                "timebill_type_id": self.hearing.id,
            }
        )
        defaults = self._defaults(task)
        self.assertEqual(
            {name: defaults[name] for name in ("description", "duration", "type_id", "matter_id", "task_id")},
            {
                "description": "Conclusions",
                "duration": 90,
                "type_id": self.hearing.id,
                "matter_id": self.matter.id,
                "task_id": task.id,
            },
        )
        activity = self._convert(task)
        self.assertEqual((activity.task_id, activity.duration), (task, 90))
        self.assertEqual(
            task.with_user(self.lawyer).timebill_action_new_activity()["context"]["default_task_id"],
            task.id,
            "further time is entered on a converted task",
        )

    def test_a_task_of_a_service_is_one_unit(self):
        """By the dialog, which knows its description and duration already, and without it."""
        self.deed.write({"default_price": 500, "default_quantity": 0})
        for hours in (0, 2):
            task = self.env["project.task"].create(
                {
                    "name": "Statuts",
                    "project_id": self.matter.project_ids.id,
                    "timebill_type_id": self.deed.id,
                    "allocated_hours": hours,
                    "state": "1_done",
                }
            ).with_user(self.lawyer)
            with self.subTest(hours=hours):
                form = Form.from_action(task.env, task.timebill_action_convert_to_activity())
                self.assertEqual((form.quantity, form.price_unit, form.description), (1, 500, "Statuts"))
                self.assertEqual(form.save().amount, 500)
                task.timebill_activity_id.unlink()
                self.assertEqual(task._timebill_convert().amount, 500)

    def test_the_matter_of_a_meeting_is_chosen_on_it(self):
        event = self._event().with_user(self.lawyer)
        self.assertFalse(event.timebill_matter_id)
        with Form(event) as form:
            form.timebill_matter_id = self.joint_matter
        self.assertEqual((event.res_model, event.res_id), ("timebill.matter", self.joint_matter.id))
        self.assertEqual(self._defaults(event)["matter_id"], self.joint_matter.id)
        self.assertIn(event, event.search([("timebill_matter_id", "=", self.joint_matter.id)]))
        event.write({"name": "Renamed elsewhere", "location": "Tribunal"})  # as a synchronization does
        self.assertEqual(event.timebill_matter_id, self.joint_matter)
        event.timebill_matter_id = False
        self.assertFalse(event.res_id)

    def test_each_meeting_of_a_series_has_the_matter(self):
        weekly = {"recurrency": True, "rrule_type": "weekly", "tue": True, "end_type": "count", "count": 3}
        self._event("Weekly call", **weekly, timebill_matter_id=self.matter.id)
        events = self.env["calendar.event"].with_user(self.lawyer).search([("name", "=", "Weekly call")])
        self.assertEqual((len(events), events.timebill_matter_id), (3, self.matter))

    def test_a_meeting_about_a_task_keeps_it_on_the_same_matter(self):
        task = self.env["project.task"].create({"name": "Brief", "project_id": self.matter.project_ids.id})
        event = self._event(res_model_id=self.env["ir.model"]._get_id("project.task"), res_id=task.id)
        event = event.with_user(self.lawyer)
        self.assertEqual(event.timebill_matter_id, self.matter)
        event.timebill_matter_id = self.matter
        self.assertEqual(event.res_model, "project.task")
        event.timebill_matter_id = self.joint_matter
        self.assertEqual((event.res_model, event.res_id), ("timebill.matter", self.joint_matter.id))

    def test_a_meeting_about_something_else_keeps_its_link(self):
        event = self._event(res_model_id=self.env["ir.model"]._get_id("res.partner"), res_id=self.lys.id)
        with self.assertRaisesRegex(UserError, "RDV Lys"):
            event.with_user(self.lawyer).timebill_matter_id = self.matter

    def test_task_of_another_matter(self):
        """Who corrects the matter takes the work away from the task, and meets no refusal."""
        task = self.env["project.task"].create({"name": "Conclusions", "project_id": self.matter.project_ids.id})
        action = task.with_user(self.lawyer).timebill_action_convert_to_activity()
        dialog = self.env.ref("timebill_legal.timebill_activity_view_form_dialog")
        Activity = self.env["timebill.activity"].with_user(self.lawyer).with_context(**action["context"])
        with Form(Activity, dialog) as form:
            form.duration = 30
            form.matter_id = self.joint_matter
        activity = form.record
        self.assertEqual((activity.task_id.id, activity.source_id), (False, task.id))
        activity.write({"matter_id": self.matter.id, "task_id": task.id})
        activity.matter_id = self.joint_matter
        self.assertFalse(activity.task_id)

    def test_message_fills_in_the_dialog(self):
        message = self.matter.with_user(self.lawyer).message_post(body="Appel du greffe : audience reportée")
        message.date = "2026-10-12 23:00:00"
        defaults = self._defaults(message)
        self.assertEqual(
            {name: defaults[name] for name in ("description", "date", "type_id", "matter_id", "user_id")},
            {
                "description": "Appel du greffe : audience reportée",
                "date": date(2026, 10, 13),
                "type_id": self.email.id,
                "matter_id": self.matter.id,
                "user_id": self.lawyer.id,
            },
        )
        self.assertEqual(self._defaults(message, self.assistant)["user_id"], self.lawyer.id, "she types for the author")
        self.assertEqual(self._defaults(message, self.colleague)["user_id"], self.colleague.id)
        incoming = self.matter.message_post(body="Bonjour", subject="Votre dossier", author_id=self.lys.id)
        defaults = self._defaults(incoming)
        self.assertEqual((defaults["description"], defaults["user_id"]), ("Votre dossier", self.lawyer.id))
        scan = self.matter.message_post(attachments=[("assignation.pdf", b"")], author_id=self.lys.id)
        self.assertEqual(self._defaults(scan)["description"], "assignation.pdf")
        activity = self._convert(message)
        self.assertEqual(activity.action_open_source()["res_id"], self.matter.id)

    def test_converted_once_per_timekeeper(self):
        event = self._event(partners=self.colleague.partner_id)
        activity = self._convert(event, matter_id=self.matter.id)
        event = event.with_user(self.lawyer)
        self.assertEqual((event.timebill_activity_id, event.timebill_is_converted), (activity, True))
        self.assertEqual(event.timebill_action_convert_to_activity()["res_id"], activity.id, "leads there")
        with self.assertRaisesRegex(RedirectWarning, "“RDV Lys” is already converted for Claire Lawyer") as refusal:
            self._in_english(activity).create(
                {"matter_id": self.matter.id, "duration": 5, "source_model": event._name, "source_id": event.id}
            )
        self.assertEqual(refusal.exception.args[1]["res_id"], activity.id)
        other = self._convert(event, self.colleague, matter_id=self.matter.id)
        self.assertEqual(other.user_id, self.colleague)
        with self.assertRaises(RedirectWarning):
            other.with_user(self.biller).user_id = self.lawyer
        activity.unlink()
        self.assertFalse(event.timebill_is_converted)
        self.assertEqual(event.timebill_action_open_activity()["target"], "new", "on a form that is not up to date")
        self._convert(event, matter_id=self.matter.id)

    def test_a_task_and_a_message_are_converted_once_too(self):
        task = self.env["project.task"].create(
            {"name": "Conclusions", "project_id": self.matter.project_ids.id, "user_ids": self.lawyer.ids}
        )
        message = self.matter.with_user(self.lawyer).message_post(body="Appel du greffe")
        for source in (task, message):
            values = self._defaults(source)
            activity = self._convert(source, duration=6)
            self.assertEqual(source.with_user(self.lawyer).timebill_action_convert_to_activity()["res_id"], activity.id)
            with self.assertRaises(RedirectWarning):
                activity.create({**values, "duration": 6})
            self.assertEqual(
                self._in_english(source)._timebill_sort_out_conversions(), ({}, {source: "already converted"})
            )

    def test_undone_with_what_was_logged_along(self):
        event = self._event()
        away = self.env.ref("timebill_legal.activity_type_hearing_away")
        self._convert(event, matter_id=self.matter.id, type_id=away.id, with_parts=True)
        parking = self.env.ref("timebill_legal.activity_type_parking")
        values = {"matter_id": self.matter.id, "kind": parking.kind, "type_id": parking.id, "price_unit": 5}
        by_hand = self.env["timebill.activity"].with_user(self.lawyer).create(values)
        self.assertEqual(len(self._of_matter()), 4)
        self.rpc(self.lawyer, "calendar.event", "timebill_action_undo_conversion", event.ids)
        self.assertEqual(self._of_matter().ids, by_hand.ids)
        self.assertFalse(event.with_user(self.lawyer).timebill_is_converted)

    def _of_matter(self):
        return self.env["timebill.activity"].search([("matter_id", "=", self.matter.id)])

    def test_source_does_not_change(self):
        first, second = self._event(), self._event("Audience")
        activity = self._convert(first, matter_id=self.matter.id)
        with self.assertRaises(AccessError):
            activity.source_id = second.id
        activity.write({"source_model": "calendar.event", "source_id": first.id, "note": "a form sends all back"})
        self.assertFalse(activity.copy().source_id)
        first.unlink()
        self.assertTrue(activity.exists())
        with self.assertRaisesRegex(UserError, "is deleted"):
            self._in_english(activity).action_open_source()

    def test_only_what_one_may_read(self):
        private = self._event("Médecin", privacy="private")
        with self.assertRaises(AccessError):
            self._convert(private, self.colleague, matter_id=self.matter.id)
        activity = self._convert(private, matter_id=self.matter.id)
        self.assertEqual(activity.source_label, "Médecin")
        (seen,) = self.rpc(self.colleague, "timebill.activity", "read", activity.ids, ["source_label"])
        self.assertEqual(seen["source_label"], "Busy")
        self.assertRefused(
            AccessError, "calendar.event", self.colleague, "timebill.activity", "action_open_source", activity.ids
        )
        task = self.env["project.task"].create({"name": "Offre", "project_id": self.secret_matter.project_ids.id})
        message = self.secret_matter.message_post(body="Prix de vente")
        for source in (task, message):
            with self.assertRaises(AccessError):
                self.rpc(self.colleague, source._name, "timebill_action_convert_to_activity", source.ids)
            with self.assertRaises(AccessError):
                self.rpc(self.colleague, source._name, "timebill_action_new_activity", source.ids)
            values = {"matter_id": self.matter.id, "duration": 5}
            forged = {"source_model": source._name, "source_id": source.id}
            with self.assertRaises(AccessError):
                self.rpc(self.colleague, "timebill.activity", "create", [{**values, **forged}])
            context = {f"default_{name}": value for name, value in forged.items()}
            with self.assertRaises(AccessError):
                self.rpc(self.colleague, "timebill.activity", "create", [values], context=context)
        with self.assertRaisesRegex(ValidationError, "res.users"):
            self.env["timebill.activity"].create(
                {"matter_id": self.matter.id, "duration": 5, "source_model": "res.users", "source_id": self.lawyer.id}
            )

    def test_converted_on_a_secret_matter(self):
        """Somebody who may not enter the matter is told that it is converted, not into what."""
        event = self._event()
        self._convert(event, matter_id=self.secret_matter.id)
        event = self._in_english(event, self.assistant)
        self.assertEqual((event.timebill_is_converted, event.timebill_activity_id.id), (True, False))
        with self.assertRaisesRegex(UserError, self.secret_matter.reference) as refusal:
            event.env["timebill.activity"].create(
                {
                    "matter_id": self.matter.id,
                    "duration": 5,
                    "user_id": self.lawyer.id,
                    "source_model": event._name,
                    "source_id": event.id,
                }
            )
        self.assertNotIn("merger", str(refusal.exception))

    def test_a_closed_matter_is_told_before_anything_is_typed(self):
        project = self.matter.project_ids
        task = self.env["project.task"].create({"name": "Brief", "project_id": project.id})
        message = self.matter.message_post(body="Called back")
        self.matter.action_close()
        for source in (task, message):
            with self.assertRaisesRegex(UserError, self.matter.reference):
                source.with_user(self.lawyer).timebill_action_convert_to_activity()
            self._defaults(source, self.biller)

    def test_matter_without_an_active_client_is_asked_for(self):
        event = self._event(res_model_id=self.env["ir.model"]._get_id("timebill.matter"), res_id=self.matter.id)
        self.matter.client_ids.inactive = True
        event = self._in_english(event)
        self.assertEqual(
            event._timebill_get_conversion_problem(event._timebill_prepare_conversions()[event]),
            f"the matter {self.matter.display_name} has no active client",
        )

    def test_found_as_it_is_shown_to_who_types_for_somebody(self):
        """The filter “To convert” leaves out what the assistant sees as converted."""
        event = self._event()
        self._convert(event, matter_id=self.matter.id)
        for user in self.assistant + self.biller:
            seen = event.with_user(user)
            self.assertTrue(seen.timebill_is_converted)
            self.assertEqual(seen.search([("id", "=", event.id), ("timebill_is_converted", "=", True)]), seen)

    def test_several_at_once(self):
        known = self._event("Deux heures", self.morel, stop="2026-10-13 00:30:00")
        again = self._event("Autre", self.morel)
        unknown = self._event("Sans client")
        whole = self._event("Séminaire", self.morel, allday=True, start_date="2026-10-12", stop_date="2026-10-12")
        done = self._event("Fait", self.morel)
        self._convert(done)
        events = self._in_english(known + again + unknown + whole + done)
        action = events.timebill_action_convert_to_activity()
        created = self._entered_from(known + again)
        self.assertEqual(
            [(a.matter_id, a.duration, a.type_id, a.source_id) for a in created.sorted("id")],
            [(self.joint_matter, minutes, self.meeting, event.id) for event, minutes in ((known, 120), (again, 90))],
        )
        params = action["params"]
        self.assertEqual(params["message"], "2 activities were created.")
        self.assertEqual(
            sorted(params["left"]),
            ["Fait: already converted", "Sans client: which matter?", "Séminaire: all day: how long?"],
        )
        self.assertEqual(params["left_ids"], (unknown + whole).ids)
        self.assertEqual(set(params["activities_action"]["domain"][0][2]), set(created.ids))

    def _entered_from(self, sources):
        return self.env["timebill.activity"].search(
            [("source_model", "=", sources._name), ("source_id", "in", sources.ids)]
        )

    def test_what_is_not_converted_yet(self):
        """Each source tells whose work is left on a day, for the page of the day."""
        self.assertEqual(
            set(self.env["timebill.source.mixin"]._timebill_get_source_models()) & {"calendar.event", "project.task"},
            {"calendar.event", "project.task"},
        )
        mine = self._event("Mine")
        whole = self._event("Whole day", allday=True, start_date="2026-10-13", stop_date="2026-10-13")
        invited = self._event("Invited", user=self.colleague, partners=self.lawyer.partner_id)
        declined = self._event("Declined", user=self.colleague, partners=self.lawyer.partner_id)
        declined.attendee_ids.filtered(lambda a: a.partner_id == self.lawyer.partner_id).state = "declined"
        self._event("The day before", start="2026-10-12 20:00:00", stop="2026-10-12 21:00:00")
        self._event("Of somebody else", user=self.colleague)
        self._convert(self._event("Done"), matter_id=self.matter.id)
        self.assertEqual(self._left("calendar.event"), mine + whole + invited)
        tasks = self.env["project.task"].create(
            [
                {"name": name, "project_id": self.matter.project_ids.id, "user_ids": self.lawyer.ids}
                for name in ("Done", "Entered", "Open")
            ]
        )
        tasks[:2].state = "1_done"
        tasks.date_last_stage_update = "2026-10-13 09:00:00"
        self._time(task_id=tasks[1].id)
        self.assertEqual(self._left("project.task"), tasks[0])
        message, on_task, elsewhere = [
            record.message_post(body="Note", author_id=self.lawyer.partner_id.id, message_type="comment")
            for record in (self.matter, tasks[0], self.lys)
        ]
        (message + on_task + elsewhere).date = "2026-10-13 10:00:00"
        self.assertEqual(self._left("mail.message"), message + on_task)
        self.assertFalse(self._left("calendar.event", self.manager))

    def _left(self, model, user=None):
        user = user or self.lawyer
        day = date(2026, 10, 13)
        Model = self.env[model].with_user(user)
        self.env.flush_all()  # a search of messages does not
        domain = Model._timebill_get_unconverted_domain(user, day, day)
        return Model.search(domain, order="id").sudo().with_env(self.env)

    def test_timer_of_a_meeting_converts_it(self):
        event = self._event()
        timers = self.env["timebill.timer"].with_user(self.lawyer)
        timer = timers.browse(timers.action_start("calendar.event", event.id)["timers"][0]["id"])
        action = timer.action_stop()["action"]
        values = {name[8:]: value for name, value in action["context"].items() if name.startswith("default_")}
        self.env["timebill.activity"].with_user(self.lawyer).create({**values, "matter_id": self.matter.id})
        self.assertTrue(event.with_user(self.lawyer).timebill_is_converted)

    def test_many_at_once_ask_nothing_of_each(self):
        def count(number):
            events = self.env["calendar.event"].union(
                *(self._event(f"{number} {i}", self.morel) for i in range(number))
            ).with_user(self.lawyer)
            self.env.flush_all()
            self.env.invalidate_all()
            start = self.env.cr.sql_log_count
            events._timebill_sort_out_conversions()
            return self.env.cr.sql_log_count - start

        count(1)
        few = count(3)
        self.assertLessEqual(count(12), few)
