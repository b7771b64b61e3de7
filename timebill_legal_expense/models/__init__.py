from . import (
    account_move_line,
    hr_expense,
    ir_attachment,
    product_template,
    res_company,
    res_config_settings,
    timebill_activity,
)
