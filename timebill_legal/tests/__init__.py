from . import test_billing, test_hoot, test_i18n
