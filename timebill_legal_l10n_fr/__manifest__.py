{
    "name": "Legal Time & Billing - France",
    "summary": "Accounts and taxes of French law firms, mentions of their invoices",
    "version": "19.0.2.0.0",
    "category": "Services/Legal",
    "author": "Legal Time & Billing contributors",
    "website": "https://github.com/timebill-legal/timebill_legal",
    "license": "LGPL-3",
    "depends": ["timebill_legal", "l10n_fr_account"],
    "auto_install": True,
    "data": [
        "views/report_invoice.xml",
    ],
    "demo": [
        "demo/account_move.xml",
    ],
    "post_init_hook": "post_init_hook",
}
