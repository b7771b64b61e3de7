from contextlib import nullcontext
from functools import partial

from odoo.api import Environment
from odoo.service.model import call_kw, retrying
from odoo.tools import SQL

from .common import TimebillCommon

#: Tables of Odoo's own models in which methods of ours write.
CORE_TABLES = (
    "account_analytic_account", "account_analytic_line", "account_move", "account_move_line",
    "account_partial_reconcile", "calendar_event", "ir_attachment", "mail_activity", "mail_followers", "mail_message",
    "project_project", "project_task", "res_company", "res_partner", "res_users",
)


class RpcCommon(TimebillCommon):
    """Calls from outside, in all that matters as Odoo's server runs them.

    Only public methods, in a transaction of the user's own (its default environment, hence the one that flushes and
    recomputes), from an empty cache, committed if the call succeeds and rolled back if it fails. Messages are in
    English.
    """

    def rpc(self, user, model, method, *args, **kwargs):
        """Return what the server would answer to ``user``.

        :raise Exception: the one that the user would see, after what was done has been rolled back
        """
        context = {"lang": "en_US", **kwargs.pop("context", {})}
        self.env.flush_all()
        # A cursor of the registry then wraps the test's own, with a savepoint for its transaction.
        with nullcontext() if type(self)._registry_patched else self.enter_registry_test_mode():
            try:
                with self.registry.cursor() as cr:
                    env = Environment(cr, user.id, {})
                    env.transaction.default_env = env
                    return retrying(partial(call_kw, env[model], method, args, {**kwargs, "context": context}), env)
            finally:
                self.env.invalidate_all()

    def assertRefused(self, error, text, user, model, method, *args, **kwargs):
        """The call is refused with a message that contains ``text``, and the database is as it was before."""
        self.env.flush_all()
        before = self._fingerprint()
        try:
            self.rpc(user, model, method, *args, **kwargs)
        except error as refusal:
            self.assertIn(text, str(refusal))
        else:
            self.fail(f"{model}.{method} was not refused to {user.login}")
        self.assertEqual(self._fingerprint(), before, f"{model}.{method} was refused, and half of it was done")

    def _fingerprint(self):
        """Which versions of rows our tables have, and the tables of Odoo in which our methods write.

        :return: {table: (number of rows, sum of the hashes of their places)}
        """
        models = [model for model in self.registry.values() if model._name.startswith("timebill.")]
        tables = {model._table for model in models if model._auto and not model._abstract and not model._transient}
        query = SQL(" UNION ALL ").join(
            SQL("SELECT %s, count(*), sum(hashtext(ctid::text)) FROM %s", table, SQL.identifier(table))
            for table in sorted(tables.union(CORE_TABLES))
        )
        return {table: values for table, *values in self.env.execute_query(query)}

    def _in_english(self, records, user=None):
        """``records`` as ``user`` sees them, in the language of the source."""
        self.env.flush_all()
        self.env.invalidate_all(flush=False)
        return records.with_user(user or self.lawyer).with_context(lang="en_US")
