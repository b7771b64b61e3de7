"""Run by ``odoo shell`` in the template database: make the main company a French one."""

company = env.ref("base.main_company")  # noqa: F821 (the shell's environment)
env = env(context={**env.context, "lang": "fr_FR"})  # noqa: F821
company.write({"country_id": env.ref("base.fr").id, "currency_id": env.ref("base.EUR").id, "name": "Mon cabinet"})
env.ref("base.EUR").active = True
env["account.chart.template"].try_loading("fr", company)
env["res.users"].search([]).partner_id.write({"lang": "fr_FR", "tz": "Europe/Paris"})
env.cr.commit()
print("chart:", company.chart_template, "accounts:", env["account.account"].search_count([]))
