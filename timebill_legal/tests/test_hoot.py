import unittest
from pathlib import Path

from odoo.modules import get_module_path
from odoo.tests import tagged
from odoo.tools import file_path

from .browser import BrowserCase

# Listed in the assets of mail, but left out of Debian's package: a missing file of a bundle fails every browser test.
STRIPPED_ASSET = "mail/static/lib/selfie_segmentation/selfie_segmentation.js"
TESTS = "static/tests/*.test.js"


def hoot_id(name):
    """Return the identifier that Hoot gives to the suite of that name."""
    value = 0
    for char in name:
        value = ((value << 5) - value + ord(char)) & 0xFFFFFFFF
    return f"{value:08x}"


class HootCase(BrowserCase):
    """Run the JavaScript unit tests of our add-ons that are installed, and no others."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        try:
            file_path(STRIPPED_ASSET)
        except FileNotFoundError:
            cls.env["ir.attachment"].create(
                {
                    "name": STRIPPED_ASSET,
                    "type": "binary",
                    "public": True,
                    "mimetype": "application/javascript",
                    "url": STRIPPED_ASSET,
                    "raw": b"/* not packaged */",
                }
            )

    def run_suite(self, preset):
        failures = []
        addons = self.env["ir.module.module"].search([("name", "=like", r"timebill\_%"), ("state", "=", "installed")])
        with_tests = (name for name in addons.mapped("name") if any(Path(get_module_path(name)).glob(TESTS)))
        suites = "".join(f"&id={hoot_id(f'@{name}')}" for name in with_tests)

        def error_checker(message):
            failures.append(message)
            return "[HOOT]" not in message  # Hoot reports each failed test, then stops by itself

        try:
            self.browser_js(
                f"/web/tests?headless&loglevel=2&preset={preset}&timeout=15000{suites}",
                code="",
                login="admin",
                timeout=300,
                success_signal="[HOOT] Test suite succeeded",
                error_checker=error_checker,
            )
        except unittest.SkipTest as error:
            self.fail(f"No browser, no test: {error}")
        except AssertionError as error:
            # The log holds the reasons too, but not every runner shows it.
            raise AssertionError("\n\n".join([*failures, str(error)])) from None


@tagged("post_install", "-at_install")
class TestHootDesktop(HootCase):
    def test_desktop(self):
        self.run_suite("desktop")


@tagged("post_install", "-at_install")
class TestHootPhone(HootCase):
    browser_size = "390x844"
    touch_enabled = True

    def test_phone(self):
        self.run_suite("mobile")
