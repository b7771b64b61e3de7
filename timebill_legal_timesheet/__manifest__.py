{
    "name": "Legal Time & Billing - Timesheets",
    "summary": "Convert timesheets on the projects of matters into activities",
    "version": "19.0.2.0.0",
    "category": "Services/Legal",
    "author": "Legal Time & Billing contributors",
    "website": "https://github.com/timebill-legal/timebill_legal",
    "license": "LGPL-3",
    "depends": ["timebill_legal", "hr_timesheet"],
    "auto_install": True,
    "data": [
        "security/timebill_timesheet_rules.xml",
        "views/account_analytic_line_views.xml",
        "views/project_task_views.xml",
        "views/res_config_settings_views.xml",
    ],
    "assets": {
        "web.assets_backend": [
            "timebill_legal_timesheet/static/src/**/*",
        ],
        "web.assets_tests": [
            "timebill_legal_timesheet/static/tests/tours/**/*",
        ],
    },
}
