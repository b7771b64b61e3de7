{
    "name": "Legal Time & Billing - Sending State of Invoices",
    "summary": "The sending state of invoices where matters are billed",
    "version": "19.0.2.0.0",
    "category": "Services/Legal",
    "author": "Legal Time & Billing contributors",
    "website": "https://github.com/timebill-legal/timebill_legal",
    "license": "LGPL-3",
    "depends": ["timebill_legal", "timebill_invoice_sending"],
    "auto_install": True,
    "data": ["views/account_move_views.xml", "views/project_project_views.xml"],
}
