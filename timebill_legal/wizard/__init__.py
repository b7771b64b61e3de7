from . import account_move_reversal, base_partner_merge, timebill_bill, timebill_break_glass
