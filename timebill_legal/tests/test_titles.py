from odoo.fields import Command
from odoo.tests import tagged
from odoo.tools import SQL

from .rpc import RpcCommon

TITLE = "Xylophage & Quetzal"
FORMER = "Zygomatic takeover"
#: Where the title of a confidential matter may stand: what only its team reads, and what only the system reads.
ALLOWED = {
    ("timebill_matter", "name"),
    ("timebill_matter", "search_text"),
    # The chatter of the matter, and what is sent to its followers: the team
    ("mail_message", "body"),
    ("mail_message", "subject"),
    ("mail_tracking_value", "old_value_char"),
    ("mail_tracking_value", "new_value_char"),
    # What waits for the web client of the recipient, and is deleted
    ("bus_bus", "message"),
}


@tagged("post_install", "-at_install")
class TestTitlesOfConfidentialMatters(RpcCommon):
    """The whole database is searched for the title, in all columns of text."""

    def _open(self, **values):
        client = Command.create({"partner_id": self.lys.id})
        values = {"name": FORMER, "client_ids": [client], "responsible_id": self.lawyer.id, **values}
        matter_id = self.rpc(self.lawyer, "timebill.matter", "create", [values])
        matter = self.env["timebill.matter"].browse(matter_id)
        matter.member_ids += self.biller
        return matter

    def _work(self, matter):
        """What a firm does on a matter, with the rights of its people."""
        rpc, name = self.rpc, matter.with_user(self.lawyer).display_name
        rpc(
            self.lawyer,
            "timebill.activity",
            "create",
            [{"matter_id": matter.id, "type_id": self.phone.id, "duration": 60, "user_id": self.lawyer.id,
              "date": "2026-10-12", "description": "Call"}],
        )
        work = matter.billing_activity_ids
        todo = self.env.ref("mail.mail_activity_data_meeting")
        model_id = self.env["ir.model"]._get_id("timebill.matter")
        activity = rpc(
            self.lawyer,
            "mail.activity",
            "create",
            [{"res_model_id": model_id, "res_id": matter.id, "activity_type_id": todo.id, "user_id": self.lawyer.id,
              "summary": f"About {name}", "note": f"<p>For {matter.name}</p>"}],
        )
        action = rpc(self.lawyer, "mail.activity", "action_create_calendar_event", activity)
        event = {"start": "2030-10-12 08:00:00", "stop": "2030-10-12 09:00:00"}
        event_context = {key: value for key, value in action["context"].items() if key.startswith(("default_", "orig"))}
        context = {**event_context, "default_res_model": matter._name, "default_res_id": matter.id}
        attendees = {"partner_ids": [Command.set((self.lawyer + self.colleague).partner_id.ids)]}
        rpc(self.lawyer, "calendar.event", "create", [{**event, **attendees}], context=context)
        named = {**event, **attendees, "name": f"Meeting {matter.name}", "description": f"<p>{name}</p>"}
        rpc(self.lawyer, "calendar.event", "create", [{**named, "res_model_id": model_id, "res_id": matter.id}])
        task = self.env["project.task"].create({"name": "Brief", "project_id": matter.project_ids.id})
        task.with_user(self.lawyer).activity_schedule("mail.mail_activity_data_todo", user_id=self.lawyer.id)
        move = self._bill(work, post=True)
        self.env["account.move.send"].with_user(self.biller)._generate_and_send_invoices(move)
        self._reverse(move)
        self.env.cr.flush()
        self.env.flush_all()

    def _find(self, text):
        """{(table, column)} in which ``text`` stands, as people or as HTML write it."""
        columns = self.env.execute_query(
            SQL(
                """
                SELECT c.table_name, c.column_name
                  FROM information_schema.columns c
                  JOIN information_schema.tables t USING (table_schema, table_name)
                 WHERE c.table_schema = current_schema AND t.table_type = 'BASE TABLE'
                   AND c.data_type IN ('character varying', 'text', 'jsonb', 'json')
                """
            )
        )
        word = text.split()[0]
        queries = [
            SQL(
                "SELECT %s, %s WHERE EXISTS (SELECT 1 FROM %s WHERE %s::text ILIKE %s)",
                table, column, SQL.identifier(table), SQL.identifier(column), f"%{word}%",
            )
            for table, column in columns
        ]
        self.assertGreater(len(queries), 1000)
        return set(self.env.execute_query(SQL(" UNION ALL ").join(queries)))

    def _assert_hidden(self, matter):
        self.env.flush_all()
        for title in (TITLE, FORMER):
            self.assertEqual(self._find(title) - ALLOWED, set())
        # What may stand in a chatter stands in those that only the team reads.
        documents = {(model, res_id) for model, ids in matter._get_documents_sudo().items() for res_id in ids}
        for word in (TITLE.split()[0], FORMER.split()[0]):
            messages = self.env["mail.message"].search(
                ["|", "|", ("body", "ilike", word), ("subject", "ilike", word),
                 "|", ("tracking_value_ids.old_value_char", "ilike", word),
                 ("tracking_value_ids.new_value_char", "ilike", word)]
            )
            self.assertEqual({(m.model, m.res_id) for m in messages} - documents, set())
        events = self.env["calendar.event"].search([("res_id", "=", matter.id), ("res_model", "=", matter._name)])
        self.assertEqual((len(events), set(events.mapped("privacy"))), (2, {"private"}))

    def test_confidential_from_the_start(self):
        matter = self._open(confidential=True)
        self._work(matter)
        self.rpc(self.lawyer, "timebill.matter", "write", matter.ids, {"name": TITLE})
        self._assert_hidden(matter)

    def test_confidential_later(self):
        matter = self._open()
        self._work(matter)
        self.assertGreater(len(self._find(FORMER) - ALLOWED), 5)
        self.rpc(self.lawyer, "timebill.matter", "write", matter.ids, {"name": TITLE, "confidential": True})
        self._assert_hidden(matter)

    def test_renamed_then_confidential(self):
        matter = self._open()
        self._work(matter)
        self.rpc(self.lawyer, "timebill.matter", "write", matter.ids, {"name": TITLE})
        self.rpc(self.lawyer, "timebill.matter", "write", matter.ids, {"confidential": True})
        self._assert_hidden(matter)
