from . import (
    test_annex,
    test_billing,
    test_concurrency,
    test_demo,
    test_hoot,
    test_i18n,
    test_ledger,
    test_ledger_stories,
    test_partner_merge,
    test_performance,
    test_rates,
)
