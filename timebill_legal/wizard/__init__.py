from . import (
    account_move_reversal,
    base_partner_merge,
    timebill_adjust,
    timebill_bill,
    timebill_break_glass,
    timebill_hold,
    timebill_post_reason,
)
