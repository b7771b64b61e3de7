from . import account_analytic_line, project_project, res_company, res_config_settings, timebill_activity
