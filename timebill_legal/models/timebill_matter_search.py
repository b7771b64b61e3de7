from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from ..lib.search import ANYWHERE, MAX_WORDS, START_OF_WORD, WHOLE_WORD, join_words, make_slip_pattern, split_words


class TimebillMatter(models.Model):
    """How a matter is found: by reference, title, client or other party, in any order, without accents.

    Slips of the keyboard are forgiven only when nothing that the user may read holds what was typed. What
    others may read plays no part: a search that forgives nothing would tell that there is something to find.
    """

    _inherit = "timebill.matter"

    search_text = fields.Char(compute="_compute_search_text", store=True)

    # PostgreSQL's pg_trgm may be missing: the search is slower then, and finds the same.
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
            people = (matter.client_ids, matter.party_ids)
            matter.search_text = join_words(
                [
                    matter.reference,
                    matter.name,
                    *(name for rows in people for name in rows.partner_id.mapped("complete_name")),
                    *(reference for rows in people for reference in rows.mapped("reference")),
                ]
            )

    @api.model
    def name_search(self, name="", domain=None, operator="ilike", limit=100):
        """Whole words first, then beginnings of words, then parts of words; else what was probably meant."""
        words = split_words(name)[:MAX_WORDS] if operator == "ilike" else []
        if not words:
            return super().name_search(name, domain, operator, limit)
        domain = Domain(domain or Domain.TRUE)
        query = self._search(domain & self._get_words_domain(words), limit=limit, order=self._order)
        nearness = self._get_nearness(words, query)
        query.order = SQL("%s DESC, %s", nearness, query.order)
        matters = self.browse(query) or self.search(domain & self._get_slips_domain(words), limit=limit)
        # sudo: as in Odoo's own, the names of records that the user found
        return [(matter.id, matter.display_name) for matter in matters.sudo()]

    def _search_display_name(self, operator, value):
        words = split_words(value)[:MAX_WORDS] if operator in ("ilike", "not ilike") and isinstance(value, str) else []
        if not words:
            return super()._search_display_name(operator, value)
        domain = self._get_words_domain(words)
        if operator == "not ilike":
            return ~domain
        # Programs find what they name; slips are forgiven to people, among what they may read.
        if self.env.su or self.with_context(active_test=False).search_count(domain, limit=1):
            return domain
        return self._get_slips_domain(words)

    @api.model
    def _get_words_domain(self, words):
        """Matters that have each of the words somewhere, in any order."""
        return Domain.AND(Domain("search_text", "=like", ANYWHERE.format(word)) for word in words)

    @api.model
    def _get_slips_domain(self, words):
        """Matters that have each of the words, but for one slip of the keyboard in each."""

        def to_sql(model, alias, query):
            text = model._field_to_sql(alias, "search_text", query)
            return SQL(" AND ").join(
                SQL("(%s LIKE %s OR %s ~ %s)", text, ANYWHERE.format(word), text, make_slip_pattern(word))
                for word in words
            )

        return Domain.custom(to_sql=to_sql)

    @api.model
    def _get_nearness(self, words, query):
        """SQL number: the higher, the nearer is what was found to the words."""
        text = self._field_to_sql(query.table, "search_text", query)
        return SQL(" + ").join(
            SQL("(%s LIKE %s)::int", text, pattern.format(word))
            for word in words
            for pattern in (WHOLE_WORD, START_OF_WORD)
        )
