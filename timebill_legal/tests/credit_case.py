from odoo.fields import Command

from .rpc import RpcCommon
from .test_ledger import LedgerCase


class CreditCase(LedgerCase, RpcCommon):
    """Credit notes made or completed through the windows."""

    # Refusals by name, of LedgerCase; those over RPC read their own message.
    assertRefused = LedgerCase.assertRefused

    def _window(self, moves, user=None, **values):
        """Odoo's window *Reverse* on ``moves``, as saved by ``user`` who changed nothing yet."""
        return (
            self.env["account.move.reversal"]
            .with_user(user or self.biller)
            .with_context(active_model="account.move", active_ids=moves.ids)
            .create({"journal_id": moves.journal_id.id, **values})
        )

    def _press_reverse(self, window):
        window.refund_moves()
        return window.new_move_ids.sudo()

    def _row(self, window, source):
        """Line of a window for an activity, or for a line of the invoice that bills none."""
        lines = window["timebill_line_ids" if "timebill_line_ids" in window else "line_ids"]
        if source._name == "timebill.activity":
            return lines.filtered(lambda line: line.claim_id.sudo().activity_id == source)
        return lines.filtered(lambda line: line.origin_line_id == source and not line.claim_id)

    def _keep(self, window, amounts):
        """Tick only the activities of ``amounts``, each for its amount, None for all that is left."""
        lines = window["timebill_line_ids" if "timebill_line_ids" in window else "line_ids"]
        lines.included = False
        for source, amount in amounts.items():
            row = self._row(window, source)
            row.write({"included": True, "amount": row.left if amount is None else amount})

    def _credit(self, move, amounts, post=True, user=None, release=True, **values):
        """Credit note of ``amounts``, see :meth:`_keep`; without ``release`` the work stays out of what is to bill."""
        window = self._window(move, user, **values)
        self._keep(window, amounts)
        if not release:
            window.timebill_invoice_ids.release = False
        credit = self._press_reverse(window)
        if post:
            credit.action_post()
        return credit

    def _choose(self, credit, amounts, user=None, **values):
        """Say in the window *Choose* which activities ``credit`` cancels."""
        action = credit.with_user(user or self.biller).timebill_action_choose_activities()
        window = self.env["timebill.credit"].with_user(user or self.biller).browse(action["res_id"])
        window.write(values)
        self._keep(window, amounts)
        window.action_save()
        return window

    def _edit(self, credit, amount):
        self._product_lines(credit).write({"quantity": 1, "price_unit": amount})

    def _by_hand(self, *amounts, partner=None, post=False, **values):
        credit = (
            self.env["account.move"]
            .with_user(self.biller)
            .create(
                {
                    "move_type": "out_refund",
                    "partner_id": (partner or self.lys).id,
                    "invoice_date": "2026-10-31",
                    "invoice_line_ids": [
                        Command.create({"name": f"Rebate {number}", "price_unit": amount, "tax_ids": [Command.clear()]})
                        for number, amount in enumerate(amounts, start=1)
                    ],
                    **values,
                }
            )
        )
        if post:
            credit.action_post()
        return credit

    def _add_text_line(self, move, amount=40, **values):
        move.write({"invoice_line_ids": [Command.create({"name": "Flat costs", "price_unit": amount, **values})]})
        return move.invoice_line_ids.filtered(lambda line: line.name == "Flat costs")

    def _hours(self, move):
        """Hours of the activities that ``move`` bills."""
        return sum(move.timebill_allocation_ids.mapped("minutes")) / 60
