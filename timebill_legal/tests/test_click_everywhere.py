import os
from unittest import SkipTest

from odoo.tests import tagged

from .browser import BrowserCase

#: ``python3 -m dev click-everywhere`` sets it: all roles, in all apps that they see, with each filter.
IS_WHOLE = bool(os.environ.get("TIMEBILL_CLICK_EVERYWHERE"))
#: Managing partner, two lawyers, assistant, billing, administrator.
ROLES = ("claire", "sophie", "hugo", "anne", "brigitte", "admin")
CLICK = "odoo.loader.modules.get('@web/webclient/clickbot/clickbot_loader').startClickEverywhere(%s);"
#: The robot finds no menu of filters: the filters of our views are tested on the server, see test_filters.py.
WITHOUT_FILTERS = """
    const find = document.querySelector.bind(document);
    document.querySelector = (selector) => selector.includes("o_searchview_dropdown_toggler") ? null : find(selector);
"""


@tagged("post_install", "-at_install")
class TestClickEverywhere(BrowserCase):
    """Odoo's robot opens each menu and each of its views, in French, on the demonstration data: no error anywhere."""

    allow_end_on_form = True

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        if not cls.env.ref("timebill_legal.demo_user_claire", raise_if_not_found=False):
            raise SkipTest("without demonstration data")
        cls.env["res.users"].search([]).tour_enabled = False

    def test_no_menu_and_no_view_fails(self):
        for role in ROLES if IS_WHOLE else ROLES[:1]:
            with self.subTest(role=role), self.assertNoLogs("odoo", "ERROR"):
                self._click(role)

    def _click(self, login):
        code = CLICK % "" if IS_WHOLE else WITHOUT_FILTERS + CLICK % "'timebill_legal.menu_root'"
        done = "clickbot test succeeded"
        self.browser_js("/odoo", code, "odoo.isReady === true", login=login, timeout=1800, success_signal=done)
