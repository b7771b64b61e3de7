import ast
import re
from collections import Counter

import polib
from lxml import etree, html
from odoo.fields import Command
from odoo.modules import get_module_path
from odoo.tests import TransactionCase, tagged
from odoo.tools import file_open
from odoo.tools.translate import TranslationModuleReader

from .common import TimebillCommon

PLACEHOLDER = re.compile(r"%\(\w+\)[sdf]|%[sdf]|\{\{.*?\}\}")
TAG = re.compile(r"<[^>]*>")
NO_BREAK_SPACE = "\N{NO-BREAK SPACE}"
#: What French typography refuses, and what to write instead. Straight apostrophes, as in the rest of Odoo: a
#: typographic one would not be found by somebody who types the name of a record in a search.
REFUSED = {
    re.compile(r"[\w)»…%]( ?[;!?]| :|:(?=[\s<]|$))"): "a no-break space before : ; ! ?",
    re.compile(rf"«(?!{NO_BREAK_SPACE})|(?<!{NO_BREAK_SPACE})»"): "a no-break space inside « »",
    re.compile(r"\d[%€]|\d [%€]"): "a no-break space before % and €",
    re.compile(r"[“”\"]"): "« » for quotes",
    re.compile(r"[‘’]"): "a straight apostrophe",
    re.compile(r"\.\.\."): "the character …",
    re.compile(r"\N{NARROW NO-BREAK SPACE}"): "a plain no-break space, which every font of a PDF has",
}


@tagged("post_install", "-at_install")
class TestFrenchFiles(TransactionCase):
    """The French of our add-ons is complete and well written: 'make i18n' brings the files up to date."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        addons = cls.env["ir.module.module"].search([("name", "=like", r"timebill\_%"), ("state", "=", "installed")])
        cls.terms = {addon: cls._get_terms(addon) for addon in addons.mapped("name")}
        cls.french = {addon: cls._read(addon, "fr.po") for addon, terms in cls.terms.items() if terms}

    @classmethod
    def _get_terms(cls, addon):
        """Terms of the add-on as it is installed, read by Odoo's own exporter; not those of demonstration data."""
        with file_open(f"{addon}/__manifest__.py") as manifest:
            paths = ast.literal_eval(manifest.read()).get("demo", [])
        demo = set()
        for path in paths:
            if path.endswith(".xml"):
                with file_open(f"{addon}/{path}", "rb") as source:
                    demo.update(f"{addon}.{xmlid}" for xmlid in etree.parse(source).xpath("//@id"))
        return {
            source
            for _addon, _type, name, xmlid, source, _value, _comments in TranslationModuleReader(cls.env.cr, [addon])
            if xmlid not in demo
            # What Odoo says of a task's name changes with the apps that are installed.
            and not (name == "ir.model.fields,help" and xmlid.endswith("__display_name"))
        }

    @staticmethod
    def _read(addon, name):
        return polib.pofile(f"{get_module_path(addon)}/i18n/{name}")

    def _check_entries(self, get_problem):
        problems = [
            f"{addon}: {entry.msgid!r} → {entry.msgstr!r}: {problem}"
            for addon, entries in self.french.items()
            for entry in entries
            if (problem := get_problem(entry))
        ]
        self.assertFalse(problems, "\n".join(["", *problems]))

    def test_every_term_is_in_the_files_and_no_other(self):
        for addon, terms in self.terms.items():
            for name in (f"{addon}.pot", "fr.po") if terms else ():
                with self.subTest(addon=addon, file=name):
                    self.assertEqual({entry.msgid for entry in self._read(addon, name)}, terms)

    def test_every_term_is_translated(self):
        self._check_entries(
            lambda entry: "not translated" if not entry.msgstr else "fuzzy" if entry.fuzzy else
            "obsolete" if entry.obsolete else ""
        )

    def test_placeholders_and_tags_are_those_of_the_source(self):
        def parts(text):
            # The texts inside of attributes are translated; their names are not.
            tags = (re.sub(r'(aria-label|title|placeholder|alt)="[^"]*"', r"\1", tag) for tag in TAG.findall(text))
            return Counter([*PLACEHOLDER.findall(text), *tags])

        self._check_entries(
            lambda entry: "placeholders or tags differ" if parts(entry.msgid) != parts(entry.msgstr) else ""
        )

    def test_typography(self):
        def get_problem(entry):
            text = TAG.sub("", entry.msgstr)
            return "; ".join(rule for pattern, rule in REFUSED.items() if pattern.search(text))

        self._check_entries(get_problem)


@tagged("post_install", "-at_install")
class TestFrenchRecords(TimebillCommon):
    """What a French firm gets: names of the catalogue, a printed invoice."""

    def test_products_are_named_as_their_categories(self):
        types = self.env["timebill.activity.type"].search([])
        for lang in ("fr_FR", "en_US"):
            names = types.with_context(lang=lang).mapped(lambda t: (t.name, t.product_id.name))
            self.assertFalse([pair for pair in names if pair[0] != pair[1]], lang)
        self.assertEqual(self.phone.product_id.name, "Téléphone")

    def test_tasks_of_a_matter_are_called_so_in_each_language(self):
        english = self.env(context={**self.env.context, "lang": "en_US"})
        project = english["timebill.matter"].create(
            {"name": "Opened in English", "client_ids": [Command.create({"partner_id": self.lys.id})]}
        ).project_ids
        self.assertEqual(project.with_context(lang="fr_FR").label_tasks, "Tâches")
        self.assertEqual(project.with_context(lang="en_US").label_tasks, "Tasks")

    def test_invoice_has_no_english_word(self):
        """The words that a French and an English print of one invoice share come from its data, or are of both."""
        of_both = {"communication", "date", "description", "min", "source", "taxes", "total", "type"}
        activities = (
            self._time(75) + self._time(5) + self._cost(self.deed, 900) + self._cost(self.copies, 0.2, 30)
            + self._cost(self.stamp, 225)
        )
        self.lys.lang = "fr_FR"
        move = self._bill(activities, post=True)
        french = self._get_words(move)
        self.assertIn("diligences", french)
        self.lys.lang = "en_US"
        english = self._get_words(move)
        self.assertIn("timekeeper", english)
        lines = move.invoice_line_ids
        data = [
            *lines.mapped("name"),
            *lines.tax_ids.mapped("invoice_label"),
            *lines.tax_ids.tax_group_id.mapped("name"),
            *move.timebill_allocation_ids.mapped("description"),
            *move.partner_bank_id.bank_id.mapped("name"),
            *move.mapped("partner_id.contact_address"),
            *map(self._get_text, (move.narration, move.invoice_payment_term_id.note, self.company.company_details)),
            move.name,
            self.lawyer.name,
        ]
        self.assertEqual(french & english - set(self._split(" ".join(data))) - of_both, set())

    def _get_words(self, move):
        document, _type = self.env["ir.actions.report"]._render_qweb_html("account.account_invoices", move.ids)
        page = html.fromstring(document.decode()).find_class("page")[0]
        return set(self._split(" ".join(page.itertext())))

    def _get_text(self, markup):
        return " ".join(html.fromstring(markup).itertext()) if markup else ""

    def _split(self, text):
        return re.findall(r"[^\W\d_]{3,}", text.lower())
