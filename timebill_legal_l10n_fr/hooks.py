def post_init_hook(env):
    """Companies that already have the French chart get the tax for disbursements and their settings."""
    env["res.company"].search([("chart_template", "=", "fr"), ("parent_id", "=", False)])._timebill_load_french_setup()
