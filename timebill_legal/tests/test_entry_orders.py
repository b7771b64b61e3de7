from functools import partial

from odoo.tests import tagged

from .common import TimebillCommon
from .random_dialog import ORDERS, RandomDialogCase
from .test_tours import ToursCase


@tagged("post_install", "-at_install")
class TestEntryOrders(RandomDialogCase, TimebillCommon):
    """The entry dialog bears any order of its fields: for each role and kind, from anywhere."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.timebill_matter_project = False
        cls.view = cls.env.ref("timebill_legal.timebill_activity_view_form_dialog")
        for activity_type in (cls.phone, cls.hearing, cls.deed, cls.copies, cls.stamp):
            for matter in (cls.matter, cls.joint_matter):
                cls.env["timebill.activity"].create(
                    {
                        "matter_id": matter.id,
                        "kind": activity_type.kind,
                        "type_id": activity_type.id,
                        "user_id": cls.lawyer.id,
                        "duration": 30,
                        "price_unit": 20,
                    }
                )

    def _press_tab(self, form, random):
        return {"kind": random.choice([code for code, _label in form._view["fields"]["kind"]["selection"]])}

    def _press_chip(self, form, random, chips, target):
        proposed = form[chips].ids
        return {target: random.choice(proposed)} if proposed else None

    def _play(self, name, orders, **contexts):
        """Play the dialog for each role, opened in each of these ways."""
        openers = {
            f"{user.login}, {way}": partial(self.open_as, user, "timebill.activity", self.view, **context)
            for way, context in contexts.items()
            for user in (self.lawyer, self.assistant, self.biller, self.manager)
        }
        return self.play_dialog(
            name,
            openers,
            orders,
            moves={
                "tab": self._press_tab,
                "chip of the matter": partial(self._press_chip, chips="recent_matter_ids", target="matter_id"),
                "chip of the category": partial(self._press_chip, chips="recent_type_ids", target="type_id"),
            },
        )

    def test_random_orders_from_anywhere(self):
        kinds = self.env["timebill.kind"]._get_by_code()
        self._play("Entry dialog from anywhere", 80, **{kind: {"default_kind": kind} for kind in kinds})

    def test_random_orders_from_records(self):
        """From a client with two matters, from a matter with two clients, and from a task."""
        self._play(
            "Entry dialog from records",
            40,
            client={"default_kind": "expense", "timebill_partner_ids": self.lys.ids},
            matter={"default_kind": "time", "default_matter_id": self.joint_matter.id},
        )


@tagged("post_install", "-at_install")
class TestEntryOrdersInBrowser(ToursCase):
    """The same in the browser, where the tabs, chips and shortcuts are pressed: no program error at any move."""

    browser_size = "1400x900"

    def test_random_orders_in_the_browser(self):
        self._time(matter=self.joint_matter, date=self.last_month)
        self._cost(self.copies, 2, date=self.last_month)
        for seed, user in enumerate((self.lawyer, self.assistant), 1):
            orders = ORDERS or 4
            self.start_tour(
                "/odoo",
                "timebill_random_entry",
                login=user.login,
                cookies={"timebill_random": f"{seed}-{orders}"},
                timeout=60 + 20 * orders,
            )
