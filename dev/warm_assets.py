"""Run by ``odoo shell`` in the test database: build the bundles that tests load with a browser or a report.

What a test builds is rolled back with it: without this, each of them would build the web client (10 s), its styles for
printing (4 s) or the styles of reports (3 s) anew.
"""

BUNDLES = [
    ("web.assets_web", "css js"),
    ("web.assets_web_print", "css"),
    ("web.assets_emoji", "js"),
    ("web.fullcalendar_lib", "js"),
    ("bus.websocket_worker_assets", "js"),
    ("web.assets_tests", "js"),
    ("web.assets_unit_tests_setup", "css js"),
    ("web.assets_unit_tests", "css js"),
    ("web.report_assets_common", "autoprefix css"),
    ("web.report_assets_pdf", "autoprefix css"),
    ("web.report_assets_pdf", "js"),
]

for name, kinds in BUNDLES:
    bundle = env["ir.qweb"]._get_asset_bundle(  # noqa: F821
        name, css="css" in kinds, js="js" in kinds, autoprefix="autoprefix" in kinds
    )
    if "js" in kinds:
        bundle.js()
    if "css" in kinds:
        bundle.css()
env.cr.commit()  # noqa: F821
