from lxml import etree
from odoo.addons.timebill_legal.tests.common import TimebillCommon
from odoo.tests import tagged
from odoo.tools.safe_eval import safe_eval


@tagged("post_install", "-at_install")
class TestViews(TimebillCommon):
    """The sending state stands where matters are billed."""

    def _get_arch(self, model):
        return etree.fromstring(self.env[model].with_user(self.biller).get_view(view_type="form")["arch"])

    def test_a_billed_invoice_that_has_not_left_warns(self):
        banners = self._get_arch("account.move").xpath("//div[@role='alert']")
        [banner] = [node for node in banners if "rien n'est parti" in node.text]
        names = ("timebill_row_count", "state", "timebill_sending_state", "move_type")

        def is_shown(move):
            return not safe_eval(banner.get("invisible"), {name: move[name] for name in names})

        move = self._bill(self._time())
        self.assertFalse(is_shown(move), "a draft")
        move.action_post()
        self.assertTrue(is_shown(move))
        move.sudo().timebill_sending_state = "failed"  # written by the program only
        self.assertFalse(is_shown(move), "another banner has the reason")
        by_hand = self.env["account.move"].create({"move_type": "out_invoice", "partner_id": self.lys.id})
        self.assertFalse(is_shown(by_hand), "bills no activity")

    def test_the_invoices_of_a_project_have_their_state(self):
        path = "//field[@name='timebill_matter_invoice_ids']/list/field/@name"
        self.assertIn("timebill_sending_state", self._get_arch("project.project").xpath(path))
