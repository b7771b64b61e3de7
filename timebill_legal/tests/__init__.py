from . import test_billing, test_demo, test_hoot, test_i18n
