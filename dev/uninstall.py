"""Run by ``odoo shell``: remove the add-ons, then show an invoice without them and credit it."""

env["ir.module.module"].search(  # noqa: F821
    [("name", "=like", "timebill_%"), ("state", "=", "installed")]
).button_immediate_uninstall()
env.transaction.reset()  # noqa: F821
invoice = env["account.move"].search(  # noqa: F821
    [("move_type", "=", "out_invoice"), ("state", "=", "posted")], limit=1
)
html, _kind = env["ir.actions.report"]._render_qweb_html("account.account_invoices", invoice.ids)  # noqa: F821
assert invoice.name.encode() in html, html
credit = invoice._reverse_moves()
credit.partner_bank_id = False  # that of the demonstration data went with them
credit.action_post()
env.cr.rollback()  # noqa: F821
