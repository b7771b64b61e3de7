def post_init_hook(env):
    """Set up companies that already have the French chart of accounts."""
    env["res.company"].search([("chart_template", "=", "fr"), ("parent_id", "=", False)])._timebill_load_french_setup()
