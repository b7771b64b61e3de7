from . import (  # first: other models inherit from them
    timebill_capture_mixin,
    timebill_import_mixin,
    timebill_source_mixin,
)

# isort: split
from . import timebill_cost_mixin

# isort: split
from . import (
    account_chart_template,
    account_move,
    account_move_line,
    account_move_send,
    calendar_event,
    calendar_event_type,
    ir_fields_converter,
    ir_http,
    mail_mail,
    mail_message,
    project_project,
    project_task,
    res_company,
    res_config_settings,
    res_partner,
    res_users,
    timebill_activity,
    timebill_activity_operations,
    timebill_activity_type,
    timebill_activity_type_part,
    timebill_allocation,
    timebill_billing,
    timebill_grade,
    timebill_kind,
    timebill_matter,
    timebill_matter_client,
    timebill_matter_party,
    timebill_matter_search,
    timebill_my_day,
    timebill_party_role,
    timebill_rate,
    timebill_rate_list,
    timebill_reason,
    timebill_rounding,
    timebill_timer,
)
