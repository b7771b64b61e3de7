"""Run by ``odoo shell`` in the test database: build the bundles that tests with a browser load.

What a test builds is rolled back with it: without this, each of them would build the web client anew (10 s).
"""

BUNDLES = [
    ("web.assets_web", "css js"),
    ("web.assets_tests", "js"),
    ("web.assets_unit_tests_setup", "css js"),
    ("web.assets_unit_tests", "css js"),
]

for name, kinds in BUNDLES:
    bundle = env["ir.qweb"]._get_asset_bundle(name, css="css" in kinds, js="js" in kinds)  # noqa: F821
    if "js" in kinds:
        bundle.js()
    if "css" in kinds:
        bundle.css()
env.cr.commit()  # noqa: F821
