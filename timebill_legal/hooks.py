def post_init_hook(env):
    """Finish the catalogue, and give every company with a known chart the accounts and taxes of the four kinds."""
    env["timebill.activity.type"].search([])._translate_product_names()
    hearing, phone = (env.ref(f"timebill_legal.activity_type_{name}") for name in ("hearing", "phone"))
    env["calendar.event.type"]._timebill_create_for_categories(hearing + phone)
    env["res.company"].search([("chart_template", "!=", False)])._timebill_setup_kinds()
