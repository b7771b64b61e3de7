from lxml import html
from odoo.addons.timebill_legal.tests.common import TimebillCommon
from odoo.fields import Command
from odoo.tests import tagged


@tagged("post_install", "-at_install")
class TestInvoiceReport(TimebillCommon):
    """The printed invoice of a French firm: the work in full, the mentions that are true, no others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        (cls.lys + cls.dupont).lang = "fr_FR"

    def _print(self, moves, report="account.account_invoices"):
        content, _type = self.env["ir.actions.report"]._render_qweb_html(report, moves.ids)
        return html.fromstring(content)

    def _get_text(self, node):
        """Text of ``node`` with one plain space between words, whatever separates them."""
        return " ".join(" ".join(node.itertext()).replace("\u200b", "").split())

    def _get_tables(self, document):
        """{heading: rows as printed, the cells that say something joined by a bar} of the detail."""
        return {
            self._get_text(heading): [
                " | ".join(filter(None, map(self._get_text, row.xpath("td|th"))))
                for row in heading.getnext().xpath(".//tr")
            ]
            for heading in document.xpath("//h5[contains(@class, 'o_timebill_detail_heading')]")
        }

    def test_detail_shows_every_piece_of_work(self):
        activities = (
            self._time(75, description="Appel du greffe\nRendez-vous fixé")
            + self._time(5, user_id=self.colleague.id, description="Message au confrère")
            + self._cost(self.deed, 900, description="Rédaction des statuts")
            + self._cost(self.copies, 0.2, 214, description="Copies des pièces")
            + self._cost(self.stamp, 225, description="Timbre de l'appel")
        )
        self.assertEqual(
            self._get_tables(self._print(self._bill(activities, post=True))),
            {
                "Détail des diligences": [
                    "Date | Intervenant | Description | Temps / qté | Tarif | Montant HT",
                    "12/10/2026 | Claire Lawyer | Appel du greffe Rendez-vous fixé | 1 h 15 | 200,00 € | 250,00 €",
                    "12/10/2026 | Paul Colleague | Message au confrère | 5 min | 200,00 € | 16,67 €",
                    "13/10/2026 | Claire Lawyer | Rédaction des statuts | 1 | 900,00 € | 900,00 €",
                    "Total | 1 h 20 | 1 166,67 €",
                ],
                "Détail des frais": [
                    "Date | Description | Quantité | Coût unitaire | Montant HT",
                    "13/10/2026 | Copies des pièces | 214 | 0,20 € | 42,80 €",
                    "Total | 42,80 €",
                ],
                "Détail des débours": [
                    "Date | Description | Quantité | Coût unitaire | Montant",
                    "13/10/2026 | Timbre de l'appel | 1 | 225,00 € | 225,00 €",
                    "Total | 225,00 €",
                ],
            },
        )

    def test_detail_prints_what_is_billed(self):
        """A revised amount, a part of an activity: the rows add up to the invoice, not to the activities."""
        activities = self._time(60) + self._time(120)
        bill = self._open_bill(activities)
        bill.line_ids[1].revised_amount = 300
        move = bill._create_invoices()
        rows = self._get_tables(self._print(move))["Détail des diligences"]
        self.assertEqual([row.rsplit(" | ", 1)[1] for row in rows[1:]], ["200,00 €", "300,00 €", "500,00 €"])

    def test_several_matters_are_told_apart(self):
        other = self._matter("Lys v. Roche", self.lys)
        work = self._time(60, description="Premier") + self._time(30, other, description="Second")
        move = self._bill(work, post=True)
        tables = self._get_tables(self._print(move))
        self.assertEqual(
            list(tables),
            [f"Détail des diligences – dossier {matter.reference}" for matter in (self.matter, other)],
        )
        self.assertIn("Premier", str(tables[f"Détail des diligences – dossier {self.matter.reference}"]))

    def test_credit_note_shows_what_it_gives_back(self):
        move = self._bill(self._time(75, description="Appel du greffe"), post=True)
        credit = self._reverse(move)
        credit.action_post()
        self.assertEqual(
            self._get_tables(self._print(credit))["Détail des diligences"][1:],
            [
                "12/10/2026 | Claire Lawyer | Appel du greffe | 1 h 15 | 200,00 € | 250,00 €",
                "Total | 1 h 15 | 250,00 €",
            ],
        )

    def test_quantities_have_the_unit_of_the_work(self):
        """Hours are hours; a lump sum has no unit, also where the company shows units of measure."""
        self.env.ref("base.group_user").implied_ids = [Command.link(self.env.ref("uom.group_uom").id)]
        move = self._bill(self._time(75) + self._cost(self.deed, 900), post=True)
        lump = self._bill(self._time(5), post=True)
        quantities = [
            self._get_text(cell)
            for cell in self._print(move + lump).xpath("//td[@name='td_quantity']")
        ]
        self.assertEqual(quantities, ["1,25 h", "1,00", "1,00"])

    def test_mentions_of_services_with_vat_on_payment(self):
        move = self._bill(self._time(60) + self._cost(self.stamp, 225), post=True)
        text = self._get_text(self._print(move))
        self.assertIn("Prestation de services", text)
        self.assertIn("Total TTC 465,00 €", text)
        self.assertIn(f"Dossier {self.matter.reference}", text)
        for mention in ("Livraison de biens", "Opération mixte", "débits"):
            self.assertNotIn(mention, text)

    def test_mention_of_firms_that_pay_vat_on_invoices(self):
        """Who chose to must say so (CGI ann. II art. 242 nonies A): our view leaves this mention to them."""
        tax = self.phone.product_id.taxes_id.filtered(lambda tax: tax.company_id == self.company)
        tax.tax_exigibility = "on_invoice"
        move = self._bill(self._time(60), post=True)
        self.assertIn("débits", self._get_text(self._print(move)))
        disbursement = self._bill(self._cost(self.stamp, 225), post=True)
        self.assertNotIn("débits", self._get_text(self._print(disbursement)))

    def test_confidential_work_is_on_its_annex(self):
        work = self._time(matter=self.secret_matter, description="Projet de fusion")
        self.secret_matter.member_ids += self.biller
        move = self._bill(work, post=True)
        text = self._get_text(self._print(move))
        self.assertNotIn("fusion", text)
        self.assertIn(f"diligences du dossier {self.secret_matter.reference} fait l'objet d'un document séparé.", text)
        annex = self.env["ir.actions.report"].with_context(timebill_move_id=move.id).with_user(self.biller)
        content, _type = annex._render_qweb_html("timebill_legal.report_matter_annex", self.secret_matter.ids)
        self.assertIn("Annexe à la facture " + move.name, self._get_text(html.fromstring(content)))
        self.assertIn("Projet de fusion", content.decode())
