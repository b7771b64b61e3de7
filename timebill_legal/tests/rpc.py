from odoo.service.model import call_kw

from .common import TimebillCommon


class RpcCommon(TimebillCommon):
    """Calls as they come from outside: public methods, access rights, an empty cache, messages in English."""

    def rpc(self, user, model, method, *args, **kwargs):
        self.env.flush_all()
        self.env.invalidate_all(flush=False)
        env = self.env(user=user.id, su=False, context={})
        context = {"lang": "en_US", **kwargs.pop("context", {})}
        try:
            return call_kw(env[model], method, args, {**kwargs, "context": context})
        finally:
            self.env.invalidate_all()

    def assertRefused(self, error, text, user, model, method, *args, **kwargs):
        """The call is refused with a message that says ``text``, and leaves nothing behind."""
        with self.assertRaises(error) as caught:
            self.rpc(user, model, method, *args, **kwargs)
        self.assertIn(text, str(caught.exception))

    def _in_english(self, records, user=None):
        """``records`` as ``user`` sees them, in the language of the source."""
        self.env.flush_all()
        self.env.invalidate_all(flush=False)
        return records.with_user(user or self.lawyer).with_context(lang="en_US")
