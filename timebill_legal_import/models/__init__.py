from . import ir_fields_converter, timebill_import_mixin

# isort: split
from . import timebill_activity, timebill_matter, timebill_rate_list
