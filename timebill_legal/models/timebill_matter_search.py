from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..lib.search import (
    ANYWHERE,
    MAX_WORDS,
    START_OF_WORD,
    WHOLE_WORD,
    find_words,
    join_words,
    make_typo_pattern,
    split_printed_name,
    split_words,
)
from ..lib.sent_values import find_problem


class TimebillMatter(models.Model):
    """Search of matters by words of the reference, title, clients and parties, in any order and without accents.

    Typing errors are tolerated only when no matter that the user may read matches exactly. Matters that she may not
    read must not influence this: an empty result would reveal that such a matter exists.
    """

    _inherit = "timebill.matter"

    search_text = fields.Char(compute="_compute_search_text", store=True)

    # Without the extension pg_trgm, the search is slower but returns the same matters.
    _search_text_idx = models.Index(
        lambda registry: "USING gin (search_text gin_trgm_ops)" if registry.has_trigram else ""
    )

    @api.depends(
        "reference",
        "name",
        "client_ids.reference",
        "client_ids.partner_id.complete_name",
        "party_ids.reference",
        "party_ids.partner_id.complete_name",
    )
    def _compute_search_text(self):
        for matter in self:
            participants = (matter.client_ids, matter.party_ids)
            matter.search_text = join_words(
                [
                    matter.reference,
                    matter.name,
                    *(name for rows in participants for name in rows.partner_id.mapped("complete_name")),
                    *(reference for rows in participants for reference in rows.mapped("reference")),
                ]
            )

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """Sort by relevance (whole words, beginnings, parts of words); without result, tolerate typing errors."""
        if find_problem("text", name):
            return []  # no matter has such a name, and the database refuses it
        words = split_words(name)[:MAX_WORDS] if operator == "ilike" else []
        if not words:
            return super().name_search(name, domain, operator, limit)
        domain = Domain(domain or Domain.TRUE)
        query = self._search(domain & self._get_words_domain(words), limit=limit, order=self._order)
        relevance = self._get_relevance(words, query)
        query.order = SQL("%s DESC, %s", relevance, query.order)
        matters = self.browse(query) or self.search(domain & self._get_similar_words_domain(words), limit=limit)
        # sudo: as in Odoo's name_search; the records were found with the rights of the user, display_name hides titles
        return [(matter.id, matter.display_name) for matter in matters.sudo()]

    @api.model
    def web_name_search(self, name, specification, domain=None, operator="ilike", limit=100):
        """Say, for the proposals of a form, which client or party was found when the title does not show it."""
        result = super().web_name_search(name, specification, domain, operator, limit)
        words = split_words(name)[:MAX_WORDS]
        matters = self.browse([values["id"] for values in result])
        for matter, values in zip(matters, result, strict=True):
            if "__formatted_display_name" in values and (reason := matter._get_search_reason(words)):
                values["__formatted_display_name"] = f"{values['display_name']}\t--{reason}--"
        return result

    def _get_search_reason(self, words):
        """“Opponent: Garage Martin”: the participant that was found by ``words``, or False if the title shows them.

        The user can read the matter.
        """
        self.ensure_one()
        missing = [word for word in words if not find_words([word], [self.reference, self.name])]
        if not missing:
            return False
        # sudo: who reads the matter sees who its clients and parties are, also contacts of another company
        for row in (*self.client_ids.sudo(), *self.party_ids.sudo()):
            if find_words(missing, [row.partner_id.complete_name, row.reference]):
                role = self.env._("Client") if row._name == "timebill.matter.client" else row.role_id.name
                reference = find_words(missing, [row.reference]) and row.reference
                return f"{role}: {', '.join(filter(None, [row.partner_id.display_name, reference]))}"
        return False

    def _search_display_name(self, operator, value):
        words = split_words(value)[:MAX_WORDS] if operator in ("ilike", "not ilike") and isinstance(value, str) else []
        if not words:
            domain = Domain(super()._search_display_name(operator, value))
            if operator in ("=", "in"):
                domain |= self._get_printed_names_domain([value] if operator == "=" else value)
            return domain
        domain = self._get_words_domain(words)
        if operator == "not ilike":
            return ~domain
        # Typing errors are tolerated in searches of users only: code that runs as superuser searches what it names.
        if self.env.su or self.with_context(active_test=False).search_count(domain, limit=1):
            return domain
        return self._get_similar_words_domain(words)

    @api.model
    def _get_printed_names_domain(self, names):
        """Domain of the matters with these names as we print them: reference and title."""
        return Domain.OR(
            Domain("reference", "=", reference) & Domain("name", "=", title)
            for name in names
            if isinstance(name, str)
            for reference, title in split_printed_name(name)
        )

    @api.model
    def _get_words_domain(self, words):
        """Domain of the matters that contain all words, in any order."""
        return Domain.AND(Domain("search_text", "=like", ANYWHERE.format(word)) for word in words)

    @api.model
    def _get_similar_words_domain(self, words):
        """Domain of the matters that contain all words, with at most one typing error in each."""

        def to_sql(model, alias, query):
            text = model._field_to_sql(alias, "search_text", query)
            return SQL(" AND ").join(
                SQL("(%s LIKE %s OR %s ~ %s)", text, ANYWHERE.format(word), text, make_typo_pattern(word))
                for word in words
            )

        return Domain.custom(to_sql=to_sql)

    @api.model
    def _get_relevance(self, words, query):
        """SQL expression: number of words found as whole words and as beginnings of words."""
        text = self._field_to_sql(query.table, "search_text", query)
        return SQL(" + ").join(
            SQL("(%s LIKE %s)::int", text, pattern.format(word))
            for word in words
            for pattern in (WHOLE_WORD, START_OF_WORD)
        )
