{
    "name": "Sending State of Invoices",
    "summary": "Customer invoices are sent when their e-mail is, and show when it failed or came back",
    "version": "19.0.2.0.0",
    "category": "Accounting/Accounting",
    "author": "Legal Time & Billing contributors",
    "website": "https://github.com/timebill-legal/timebill_legal",
    "license": "LGPL-3",
    "depends": ["account"],
    "auto_install": True,
    "data": ["views/account_move_views.xml"],
    "pre_init_hook": "pre_init_hook",
}
