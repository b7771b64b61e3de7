from . import (
    account_move_reversal,
    base_partner_merge,
    timebill_adjust,
    timebill_bill,
    timebill_break_glass,
    timebill_credit,
    timebill_credit_invoice,
    timebill_credit_line,
    timebill_hold,
    timebill_post_reason,
    timebill_transfer,
)
