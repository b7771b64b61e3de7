import json
from datetime import timedelta

from odoo import fields
from odoo.tests import tagged

from .browser import BrowserCase
from .common import TimebillCommon

#: Opens each list in turn in the running web client, and tells what does not fit: the table, a header, or a cell. Texts
#: that a lawyer writes have several lines, and are no part of it.
MEASURE = """
const { action } = odoo.__WOWL_DEBUG__.root.env.services;
const isCut = (node) => node.scrollWidth > node.clientWidth + 1 && getComputedStyle(node).overflowX !== "visible";
const problems = [];
const pause = () => new Promise((resolve) => setTimeout(resolve, 50));
const waitForList = async (former) => {
    for (let attempt = 0; attempt < 100; attempt++) {
        await pause();
        const renderer = document.querySelector(".o_action_manager :is(.o_list_renderer, .o_kanban_renderer)");
        if (renderer && renderer !== former) {
            await pause();
            return renderer;
        }
    }
    throw new Error("neither list nor cards");
};
const measure = (where, renderer) => {
    const over = (renderer.querySelector("table") || renderer).scrollWidth - renderer.clientWidth;
    if (over > 1 || document.body.scrollWidth > innerWidth) {
        problems.push(`${where}: ${over} px beyond the edge`);
    }
    for (const node of renderer.querySelectorAll("thead th .text-truncate")) {
        if (isCut(node)) {
            problems.push(`${where}: header ${node.textContent.trim()}`);
        }
    }
    const seen = new Set();
    for (const cell of renderer.querySelectorAll("tbody tr:not(.o_selected_row) > td.o_data_cell:not(.o_list_text)")) {
        const name = cell.getAttribute("name");
        if (!seen.has(name) && [cell, ...cell.querySelectorAll("*")].some((node) => node.clientWidth && isCut(node))) {
            seen.add(name);
            problems.push(`${where}: ${name} "${cell.textContent.trim()}"`);
        }
    }
};
(async () => {
    let renderer;
    for (const xmlid of ACTIONS) {
        await action.doAction(xmlid, { clearBreadcrumbs: true });
        renderer = await waitForList(renderer);
        measure(xmlid.split(".")[1], renderer);
    }
    problems.length ? console.error(problems.join("\\n")) : console.log("test successful");
})().catch((error) => console.error(error.message));
"""


@tagged("post_install", "-at_install")
class TestListWidths(TimebillCommon, BrowserCase):
    """No list of ours needs a scroll bar or cuts a name, an amount, a date or a state, on any usual screen."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        client = cls.env["res.partner"].create(
            {"name": "Syndicat des copropriétaires de la résidence Le Parc", "is_company": True, "city": "Lyon"}
        )
        cls.manager.name = "Marie-Charlotte Desrousseaux"
        name = "Le Parc c/ Société d'exploitation forestière – charges impayées"
        matter = cls._matter(name, client, responsible_id=cls.manager.id)
        values = {
            "matter_id": matter.id,
            "date": fields.Date.context_today(cls.manager) - timedelta(days=40),
            "user_id": cls.manager.id,
            "type_id": cls.phone.id,
            "duration": 725,
            "price_unit": 450,
            "description": "Entretien téléphonique avec le syndic sur les suites du jugement " * 3,
        }
        cls.work = cls.env["timebill.activity"].create([values] * 3)
        get_bundle = cls.env["ir.qweb"]._get_asset_bundle
        get_bundle("web.assets_web", js=False).css()
        get_bundle("web.assets_web", css=False).js()

    def setUp(self):
        super().setUp()
        self._bill(self.work[0], post=True)
        self._bill(self.work[1])

    def _get_actions(self):
        """External ids of the actions that show a list of ours, and of Odoo's that are in our menus."""
        data = self.env["ir.model.data"].search(
            [("module", "=like", r"timebill\_%"), ("model", "=", "ir.actions.act_window")]
        )
        actions = self.env["ir.actions.act_window"].browse(data.mapped("res_id"))
        shown = actions.filtered(lambda action: "list" in action.view_mode and action.target != "new")
        names = shown._get_external_ids().values()
        odoo = ("account.action_move_out_invoice_type", "account.action_move_out_refund_type")
        return sorted(name for ids in names for name in ids[:1]) + list(odoo)

    def _check(self, width, but=None):
        self.browser_size = f"{width}x900"
        actions = [xmlid for xmlid in self._get_actions() if xmlid != but]
        self.assertGreater(len(actions), 12)
        code = f"const ACTIONS = {json.dumps(actions)};" + MEASURE
        ready = "!!(document.querySelector('.o_action_manager > *') && odoo.__WOWL_DEBUG__)"
        self.browser_js("/odoo", code, ready, login=self.manager.login, timeout=60)

    def test_desk(self):
        self._check(1400)

    def test_laptop(self):
        self._check(1100)

    def test_tablet(self):
        """Without quick entry, which is a page for the keyboard."""
        self._check(768, but="timebill_legal.timebill_activity_action_quick")

    def test_phone(self):
        self._check(390)
