{
    "name": "Legal Time & Billing - Import",
    "summary": "Matters, rate lists and activities from spreadsheets, checked row by row before anything is created",
    "version": "19.0.2.0.0",
    "category": "Services/Legal",
    "author": "Legal Time & Billing contributors",
    "website": "https://github.com/timebill-legal/timebill_legal",
    "license": "LGPL-3",
    "depends": ["timebill_legal", "base_import"],
    "auto_install": True,
    "data": [
        "security/timebill_import_rules.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "timebill_legal_import/static/src/**/*",
        ],
        "web.assets_tests": [
            "timebill_legal_import/static/tests/tours/**/*",
        ],
        "web.assets_unit_tests": [
            "timebill_legal_import/static/tests/**/*.test.js",
        ],
    },
}
