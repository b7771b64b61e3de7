def post_init_hook(env):
    """Companies that already have the French chart get the tax for disbursements and their settings."""
    companies = env["res.company"].search([("chart_template", "=", "fr"), ("parent_id", "=", False)])
    for company in companies:
        template = env["account.chart.template"].with_company(company)
        template._load_data({"account.tax": template._get_fr_timebill_account_tax()})
    companies._timebill_setup_kinds()
