from . import timebill_to_bill
