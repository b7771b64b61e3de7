from . import test_billing, test_hoot
