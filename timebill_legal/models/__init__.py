from . import timebill_capture_mixin  # first: other models inherit from it

# isort: split
from . import (
    account_chart_template,
    account_move,
    account_move_line,
    account_move_send,
    ir_http,
    mail_mail,
    project_project,
    project_task,
    res_company,
    res_config_settings,
    res_partner,
    res_users,
    timebill_activity,
    timebill_activity_type,
    timebill_allocation,
    timebill_billing,
    timebill_grade,
    timebill_kind,
    timebill_matter,
    timebill_matter_client,
    timebill_matter_party,
    timebill_party_role,
    timebill_rate,
    timebill_rate_list,
)
