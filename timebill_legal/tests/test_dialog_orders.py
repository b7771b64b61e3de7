from functools import partial

from odoo.fields import Command
from odoo.tests import tagged

from .common import TimebillCommon
from .random_dialog import PlayedForm, RandomDialogCase


@tagged("post_install", "-at_install")
class TestDialogOrders(RandomDialogCase, TimebillCommon):
    """The dialogs of billing bear any order of their fields, for each role, with several clients and matters."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.company.timebill_matter_project = False
        cls.one = cls._time(60) + cls._time(25, date="2026-09-30")
        cls.many = (
            cls.one
            + cls._cost(cls.stamp, 225)
            + cls._cost(cls.copies, 0.2, 50)
            + cls._cost(cls.deed, 300, 2)
            + cls._time(90, cls.joint_matter)
            + cls._cost(cls.copies, 2, 10, cls.joint_matter)
            + cls._time(30, cls.joint_matter, partner_id=cls.morel.id)
            + cls._time(45, cls._matter("Dupont and Morel v. Bank", cls.dupont + cls.morel))
            + cls._time_without_price()
        )

    def _open(self, user, get_action):
        """Form of the dialog that ``get_action`` opens, pressed by ``user``."""
        env = self.env(user=user)
        env.transaction.default_env = env
        action = get_action(env)
        record = env(context={**env.context, **action.get("context", {})})[action["res_model"]].browse(
            action.get("res_id") or ()
        )
        return PlayedForm(record, action["views"][0][0] if action.get("views") else None)

    def _openers(self, users, **ways):
        return {
            f"{user.login}, {way}": partial(self._open, user, get_action)
            for way, get_action in ways.items()
            for user in users
        }

    def _press(self, activities, method):
        return lambda env: getattr(activities.with_env(env), method)()

    def test_random_orders_of_the_billing_window(self):
        def choose_payer_in_title(form, random):
            titles = [group for group in form.groups or () if group["payers"]]
            if not titles:
                return None
            title = random.choice(titles)
            payer = random.choice(title["payers"])
            return {"common_matter_id": title["matter_id"], "common_payer_id": payer[0]}

        self.play_dialog(
            "Billing window",
            self._openers(
                (self.biller, self.manager),
                one=self._press(self.one, "action_bill"),
                many=self._press(self.many, "action_bill"),
            ),
            32,
            moves={"payer in the title": choose_payer_in_title},
            # It renders PDFs of invoices that it rolls back.
            skip=("action_preview",),
            unsaved=("common_payer_id", "common_matter_id"),
            fills={"common_payer_id": "line_ids"},
            least_saved=0.1,
        )

    def test_random_orders_of_adjustments(self):
        self.play_dialog(
            "Discount, surcharge or write-off",
            self._openers(
                (self.lawyer, self.biller, self.manager),
                one=self._press(self.one, "action_adjust"),
                many=self._press(self.many, "action_adjust"),
                disbursement=self._press(self.many[2], "action_adjust"),
            ),
            30,
        )

    def test_random_orders_of_bill_later(self):
        self.play_dialog(
            "Bill later",
            self._openers(
                (self.lawyer, self.biller, self.manager),
                one=self._press(self.one, "action_hold"),
                many=self._press(self.many, "action_hold"),
            ),
            18,
            least_saved=0.1,
        )

    def test_random_orders_of_transfers(self):
        for method in ("action_transfer", "action_assign_client"):
            with self.subTest(method):
                self.play_dialog(
                    method,
                    self._openers(
                        (self.lawyer, self.biller, self.manager),
                        one=self._press(self.one, method),
                        many=self._press(self.many, method),
                    ),
                    18,
                    least_saved=0.1,
                )

    def test_random_orders_of_split_merge_and_round(self):
        alike = self._time(20) + self._time(40)
        for name, activities, method in (
            ("Split", self.one[0], "action_split"),
            ("Split of a quantity", self.many[3], "action_split"),
            ("Merge", alike, "action_merge"),
            ("Round", self.many, "action_round"),
        ):
            with self.subTest(name):
                self.play_dialog(
                    name,
                    self._openers((self.lawyer, self.assistant, self.biller), one=self._press(activities, method)),
                    12,
                    least_saved=0.1,
                )

    def test_random_orders_of_credit_notes(self):
        payer = self.lys
        work = self.many.filtered(
            lambda activity: activity.has_price
            and activity.partner_id in (payer, payer.browse())
            and payer in activity.matter_id._get_active_clients()
        )
        bill = self._open_bill(work)
        bill.line_ids.payer_id = payer
        invoice = bill._create_invoices()
        invoice.action_post()
        free = self.env["account.move"].create(
            {
                "move_type": "out_refund",
                "partner_id": payer.id,
                "invoice_date": "2026-10-31",
                "invoice_line_ids": [
                    Command.create({"name": "Remise", "price_unit": 100}),
                    Command.create({"name": "Geste", "price_unit": 50}),
                ],
            }
        )
        users = (self.biller, self.manager, self.accountant)
        with self.subTest("reversal"):
            reversal = {"active_model": "account.move", "active_ids": invoice.ids}
            self.play_dialog(
                "Credit note",
                {
                    user.login: partial(self.open_as, user, "account.move.reversal", None, **reversal)
                    for user in users
                },
                18,
                least_saved=0.1,
            )
        with self.subTest("choice of the activities"):
            self.play_dialog(
                "Activities of a credit note",
                self._openers(users, free=lambda env: free.with_env(env).timebill_action_choose_activities()),
                18,
                least_saved=0.05,
            )

    def test_random_orders_of_reasons(self):
        bill = self._open_bill(self.one)
        for line in bill.line_ids:
            line.revised_amount = line.amount / 2
        invoice = bill._create_invoices()
        context = {"disable_abnormal_invoice_detection": False}
        self.play_dialog(
            "Reasons of differences",
            self._openers(
                (self.biller, self.manager),
                draft=lambda env: invoice.with_env(env).with_context(**context).action_post(),
            ),
            10,
            least_saved=0.1,
        )

    def test_random_orders_of_breaking_the_glass(self):
        view = self.env.ref("timebill_legal.timebill_break_glass_view_form")
        self.play_dialog(
            "Enter a confidential matter",
            {self.manager.login: partial(self.open_as, self.manager, "timebill.break.glass", view)},
            8,
            least_saved=0.0,
        )
