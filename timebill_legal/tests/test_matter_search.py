from odoo.fields import Command
from odoo.tests import tagged

from .rpc import RpcCommon


@tagged("post_install", "-at_install")
class TestMatterSearch(RpcCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.timebill_matter_project = False
        role = cls.env["timebill.party.role"].search([], limit=1)
        client, opponent, secret_opponent = cls.env["res.partner"].create(
            [{"name": "Hélène Lefèvre"}, {"name": "Société Brûlé-Œuvrard"}, {"name": "Zwingelstein"}]
        )
        cls.found = cls._matter("Kiosque commercial", client, reference="2031-0007")
        cls.found.client_ids.reference = "SIN-4477"
        cls.found.party_ids = [
            Command.create({"partner_id": opponent.id, "role_id": role.id, "reference": "RG 26/00123"})
        ]
        cls.secret = cls._matter("Fusion Quetzal", client, confidential=True, reference="2031-0008")
        cls.secret.party_ids = [Command.create({"partner_id": secret_opponent.id, "role_id": role.id})]
        cls.env.flush_all()

    def _names(self, text, user=None, domain=(), limit=8):
        return [
            found[1]
            for found in self.rpc(user or self.colleague, "timebill.matter", "name_search", text, domain, limit=limit)
        ]

    def _find(self, text, user=None, **options):
        """Whether the matter is found by ``text``, in a many2one and in the list, where the same is found."""
        user = user or self.colleague
        names = self._names(text, user, **options)
        listed = self.rpc(user, "timebill.matter", "search", [("display_name", "ilike", text)])
        self.assertEqual(self.found.display_name in names, self.found.id in listed, text)
        return self.found.id in listed

    def test_found_by_reference_title_client_and_opponent(self):
        for text in ("2031-0007", "0007", "kiosque", "Lefèvre", "Brûlé", "SIN-4477", "26/00123", "ommerc"):
            self.assertTrue(self._find(text), text)
        self.assertFalse(self._find("Durand"))

    def test_a_proposal_says_why_it_is_one(self):
        role = self.found.party_ids.role_id.with_context(lang="en_US").name
        for text, reason in (
            ("kiosque", None),
            ("Lefèvre", "Client: Hélène Lefèvre"),
            ("brulé kiosque", f"{role}: Société Brûlé-Œuvrard"),
            ("lefvre", "Client: Hélène Lefèvre"),
            ("SIN-4477", "Client: Hélène Lefèvre, SIN-4477"),
        ):
            result = self.rpc(self.colleague, "timebill.matter", "web_name_search", text, {"display_name": {}})
            shown = {values["id"]: values["__formatted_display_name"] for values in result}[self.found.id]
            self.assertEqual(shown, self.found.display_name + (f"\t--{reason}--" if reason else ""))

    def test_words_in_any_order(self):
        self.assertTrue(self._find("lefevre brule kiosque"))
        self.assertFalse(self._find("lefevre durand"))

    def test_without_accents_or_with_the_wrong_ones(self):
        for text in ("helene", "HÉLÈNE", "héléne", "societe brule", "oeuvrard", "œuvrard"):
            self.assertTrue(self._find(text), text)

    def test_one_slip_in_each_word(self):
        for text in ("Lefebvre", "lefvre", "lefevrre", "leefvre", "lefovre", "comercial lefebvre", "hélènr"):
            self.assertTrue(self._find(text), text)
        for text in ("lefovra", "2031-0006", "kiosk commerciaux", "xyz"):
            self.assertFalse(self._find(text), text)

    def test_slips_are_forgiven_only_when_nothing_holds_what_was_typed(self):
        near = self._matter("Lefevra contre État", self.lys, reference="2031-0009")
        self.assertEqual(self._names("lefevra"), [near.display_name])
        near.action_close()
        self.assertEqual(self._names("lefevra", domain=[("state", "=", "open")]), [self.found.display_name])

    def test_whole_words_first_then_beginnings_then_parts(self):
        part, start, whole = (
            self._matter(title, self.lys, reference=f"2032-000{rank}")
            for rank, title in enumerate(("Superkiosque", "Kiosques", "Un kiosque"), start=1)
        )
        names = [matter.display_name for matter in (whole, self.found, start, part)]
        self.assertEqual(self._names("kiosque"), names)
        self.assertEqual(self._names("kiosque", limit=1), names[:1])

    def test_jokers_and_signs_are_no_words(self):
        self.assertTrue(self._find("kiosque (commercial) \\ [*"))
        self.assertEqual(len(self._names("", limit=3)), 3)

    def test_a_pasted_page_keeps_nobody_waiting(self):
        """Each would be a regular expression that the database cannot read, or a query that it cannot hold."""
        for text in ("kiosque " * 3000, "a" * 2000, " ".join(f"mot{number}x" for number in range(3000))):
            self._find(text)

    def test_other_operators(self):
        search = self.env["timebill.matter"].search
        scope = [("id", "in", (self.found + self.matter).ids)]
        self.assertEqual(search([*scope, ("display_name", "not ilike", "lefevre")]), self.matter)
        self.assertEqual(search([*scope, ("display_name", "not ilike", "lefebvre")]), self.found + self.matter)
        self.assertEqual(search([*scope, ("display_name", "=", "2031-0007")]), self.found)

    def test_it_follows_what_it_is_made_of(self):
        self.found.client_ids.partner_id.name = "Marguerite Ytier"
        self.assertTrue(self._find("ytier"))
        self.assertFalse(self._find("lefevre"))
        self.found.party_ids.unlink()
        self.assertFalse(self._find("brule"))
        self.found.name = "Référé"
        self.assertTrue(self._find("refere"))

    def test_merged_contacts(self):
        twin = self.env["res.partner"].create({"name": "Brulé Oeuvrard SARL"})
        self.env["base.partner.merge.automatic.wizard"].create(
            {"partner_ids": (self.found.party_ids.partner_id + twin).ids, "dst_partner_id": twin.id}
        ).action_merge()
        self.env.invalidate_all()
        self.assertTrue(self._find("sarl"))
        self.assertFalse(self._find("societe"))

    def test_through_other_records(self):
        work = self._time(matter=self.found, user_id=self.colleague.id)
        for text in ("brule", "lefebvre"):
            found = self.rpc(self.colleague, "timebill.activity", "search", [("matter_id", "ilike", text)])
            self.assertEqual(found, work.ids, text)

    def test_a_confidential_matter_is_found_by_its_team_only(self):
        secret_name = self.secret.with_user(self.lawyer).display_name
        texts = ("Fusion Quetzal", "quetzla", "2031-0008", "Zwingelstein", "Zwingelstien", "lefevre quetzal")
        for text in texts:
            self.assertIn(secret_name, self._names(text, self.lawyer), text)
            for user in (self.colleague, self.assistant, self.biller, self.manager):
                self.assertEqual(self._names(text, user), [], (user.login, text))
                for model, domain in (
                    ("timebill.matter", [("display_name", "ilike", text)]),
                    ("timebill.matter", [("search_text", "ilike", "zwing")]),
                    ("timebill.activity", [("matter_id", "ilike", text)]),
                    ("timebill.matter.party", [("matter_id", "ilike", text)]),
                ):
                    self.assertEqual(self.rpc(user, model, "search", domain), [], (user.login, model, text))

    def test_a_confidential_matter_changes_nothing_of_what_others_find(self):
        """Its exact hit does not keep the slips of an outsider from being forgiven."""
        self.secret.name = "Kiosqud"
        self.assertEqual(self._names("kiosqud", self.lawyer), [f"{self.secret.reference} Kiosqud"])
        self.assertEqual(self._names("kiosqud", self.colleague), [self.found.display_name])
        self.assertTrue(self._find("kiosqud"))

    def test_queries(self):
        user = self.colleague
        matters = self.env["timebill.matter"].with_user(user)
        for text, expected in (("lefevre", 3), ("lefebvre", 4)):
            matters.name_search(text, limit=8)
            self.env.flush_all()
            self.env.invalidate_all()
            user.has_group("base.group_user")
            before = self.cr.sql_log_count
            matters.name_search(text, [("state", "=", "open")], limit=8)
            self.assertLessEqual(self.cr.sql_log_count - before, expected, text)
