from lxml import html
from odoo.tests import tagged

from .common import TimebillCommon


@tagged("post_install", "-at_install")
class TestPrintedDetail(TimebillCommon):
    """The detail of work on the invoice, on paper and on the screen."""

    def _tables(self, move):
        """The tables of the printed detail: [[cells of a row]]."""
        content, _type = self.env["ir.actions.report"]._render_qweb_html("account.account_invoices", move.ids)
        return [
            [[" ".join(cell.text_content().split()) for cell in row.iter("td", "th")] for row in table.iter("tr")]
            for table in html.fromstring(content).iterfind(".//table")
            if "o_timebill_detail" in table.get("class", "").split()
        ]

    def test_rows_follow_the_date_inside_their_section(self):
        """On the tab, in the window of credit notes and on paper, whatever their categories."""
        days = ["2026-10-04", "2026-10-01", "2026-10-03", "2026-10-02"]
        types = [self.phone, self.hearing, self.phone, self.deed]
        stamp = self._cost(self.stamp, 225, date="2026-10-01")
        work = [
            self._cost(type_, 100, date=day) if type_ == self.deed else self._time(30, type_id=type_.id, date=day)
            for type_, day in zip(types, days, strict=True)
        ]
        move = self._bill(stamp.union(*work), post=True)
        expected = [*(activity.id for activity in sorted(work, key=lambda a: a.date)), stamp.id]
        Row = self.env["timebill.allocation"]
        ids = move.timebill_allocation_ids.ids
        listed = Row.search([("id", "in", ids)], order="matter_id, section_position, date, id")
        self.assertEqual(listed.activity_id.ids, expected)
        printed = [row.activity_id.id for _section, rows in move._timebill_get_details() for row in rows]
        self.assertEqual(printed, expected)
        creditable = [claim.activity_id.id for _line, claim, _left in move._timebill_get_creditable()]
        self.assertEqual(creditable, expected)

    def test_lines_stand_in_the_order_of_their_first_day(self):
        late, early = self._time(30, date="2026-10-09"), self._time(30, type_id=self.hearing.id, date="2026-10-01")
        lines = self._bill(late + early).invoice_line_ids.filtered(lambda line: line.display_type == "product")
        self.assertEqual([line.timebill_allocation_ids.activity_id for line in lines], [early, late])

    def test_the_matter_is_shown_where_there_are_several(self):
        one, other = self._time(), self._time(matter=self.joint_matter, partner_id=self.lys.id)
        move = self._bill(one + other, post=True)
        self.assertTrue(move.timebill_has_several_matters)
        wizard = self.env["account.move.reversal"].with_context(active_model="account.move", active_ids=move.ids)
        window = wizard.with_user(self.biller).create({"journal_id": move.journal_id.id})
        self.assertTrue(window.timebill_has_several_matters)
        references = [self.matter.reference, self.joint_matter.reference]
        self.assertEqual(window.timebill_line_ids.mapped("matter"), references)
        self.assertFalse(self._bill(self._time()).timebill_has_several_matters)

    def test_the_head_of_the_quantities_says_what_they_are(self):
        for activities, head in (
            (self._time(), "Temps"),
            (self._cost(self.deed, 300, 2), "Quantité"),
            (self._time() + self._cost(self.deed, 300, 2), "Temps / qté"),
        ):
            self.assertIn(head, self._tables(self._bill(activities))[0][0])

    def test_offered_work_is_printed_with_its_value(self):
        bill = self._open_bill(self._time(60) + self._time(30))
        bill.line_ids[0].is_offered = True
        bill.line_ids[0]._onchange_is_offered()
        bill.reason_id = self.env.ref("timebill_legal.reason_goodwill")
        move = bill._create_invoices()
        amounts = [row[-1] for row in self._tables(move)[0][1:]]
        self.assertEqual(sorted(amounts), ["100,00 €", "100,00 €", "200,00 €offert"], "two rows and their total")
        content, _type = self.env["ir.actions.report"]._render_qweb_html("account.account_invoices", move.ids)
        self.assertIn("offert (valeur 200,00 €)", " ".join(html.fromstring(content).text_content().split()))

    def test_a_long_text_is_printed_in_parts_that_fit_on_a_page(self):
        words = " ".join(f"mot{number}" for number in range(400))
        rows = self._tables(self._bill(self._time(description=words)))[0][1:-1]
        self.assertGreater(len(rows), 3)
        self.assertEqual(" ".join(row[2] for row in rows), words, "nothing is lost")
        self.assertTrue(all(len(row[2]) <= 600 for row in rows))
        self.assertEqual([bool(row[0]) for row in rows], [True] + [False] * (len(rows) - 1))
