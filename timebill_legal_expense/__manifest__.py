{
    "name": "Legal Time & Billing - Expenses",
    "summary": "Charge approved expenses to the clients of matters, with their receipts",
    "version": "19.0.2.0.0",
    "category": "Services/Legal",
    "author": "Legal Time & Billing contributors",
    "website": "https://github.com/timebill-legal/timebill_legal",
    "license": "LGPL-3",
    "depends": ["timebill_legal", "hr_expense"],
    "auto_install": True,
    "data": [
        "views/account_move_views.xml",
        "views/hr_expense_views.xml",
        "views/product_views.xml",
        "views/res_config_settings_views.xml",
        "views/timebill_activity_views.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "timebill_legal_expense/static/src/**/*",
        ],
        "web.assets_tests": [
            "timebill_legal_expense/static/tests/tours/**/*",
        ],
    },
}
