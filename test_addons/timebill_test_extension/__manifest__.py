{
    "name": "Legal Time & Billing - Test of an Extension",
    "summary": "Shows how another add-on extends billing; for tests only",
    "version": "19.0.2.0.0",
    "category": "Hidden",
    "author": "Legal Time & Billing contributors",
    "website": "https://github.com/timebill-legal/timebill_legal",
    "license": "LGPL-3",
    "depends": ["timebill_legal"],
}
