from odoo.fields import Command
from odoo.tests import TransactionCase, new_test_user


class TimebillCommon(TransactionCase):
    """A small French firm: four people, three clients, a matter of each sort, one rate list.

    Prices: 200 €/h for everybody, 250 €/h for the partner; VAT 20 % on payment.
    """

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env = cls.env(context={**cls.env.context, "lang": "fr_FR", "tracking_disable": True})
        cls.company = cls.env.ref("base.main_company")
        if cls.company.chart_template != "fr":
            cls.env["account.chart.template"].try_loading("fr", company=cls.company, install_demo=False)
        cls.company._timebill_setup_kinds()
        cls.company.timebill_matter_project = True
        cls._create_people()
        cls._create_matters()
        cls.phone = cls.env.ref("timebill_legal.activity_type_phone")
        cls.hearing = cls.env.ref("timebill_legal.activity_type_hearing")
        cls.deed = cls.env.ref("timebill_legal.activity_type_deed")
        cls.copies = cls.env.ref("timebill_legal.activity_type_copies")
        cls.stamp = cls.env.ref("timebill_legal.activity_type_appeal_stamp")

    @classmethod
    def _create_people(cls):
        def user(login, groups, **values):
            return new_test_user(
                cls.env, login, groups=groups, lang="fr_FR", email=f"{login}@example.com", odoobot_state="disabled",
                **values,
            )

        cls.partner_grade = cls.env.ref("timebill_legal.grade_partner")
        lawyer_groups = "timebill_legal.group_user,timebill_legal.group_amounts"
        cls.lawyer = user("tb_lawyer", lawyer_groups, name="Claire Lawyer")
        cls.colleague = user("tb_colleague", lawyer_groups, name="Paul Colleague")
        cls.assistant = user("tb_assistant", "timebill_legal.group_user", name="Anne Assistant")
        cls.assistant.timebill_timekeeper_ids = cls.lawyer
        cls.biller = user("tb_biller", "timebill_legal.group_billing", name="Brigitte Biller")
        cls.manager = user("tb_manager", "timebill_legal.group_manager", name="Marc Manager")
        cls.manager.timebill_grade_id = cls.partner_grade
        cls.accountant = user("tb_accountant", "account.group_account_invoice", name="Aline Accountant")
        cls.lys, cls.morel, cls.dupont = cls.env["res.partner"].create(
            [
                {"name": "SCI des Lys", "is_company": True, "email": "lys@example.com"},
                {"name": "Jeanne Morel", "email": "morel@example.com"},
                {"name": "Dupont SA", "is_company": True, "email": "dupont@example.com"},
            ]
        )

    @classmethod
    def _create_matters(cls):
        cls.rate_list = cls.env["timebill.rate.list"].create(
            {
                "name": "Firm",
                "rate_ids": [
                    Command.create({"price": 200}),
                    Command.create({"price": 250, "grade_id": cls.partner_grade.id}),
                ],
            }
        )
        cls.company.timebill_rate_list_id = cls.rate_list
        cls.matter = cls._matter("Lys v. Martin", cls.lys)
        cls.joint_matter = cls._matter("Lys and Morel v. Durand", cls.lys + cls.morel)
        cls.secret_matter = cls._matter("Secret merger", cls.dupont, confidential=True)
        cls.internal_matter = cls._matter("Training", internal=True)

    @classmethod
    def _matter(cls, name, clients=None, **values):
        return cls.env["timebill.matter"].create(
            {
                "name": name,
                "responsible_id": cls.lawyer.id,
                "client_ids": [Command.create({"partner_id": client.id}) for client in clients or ()],
                "date_open": "2026-01-02",
                **values,
            }
        )

    @classmethod
    def _time(cls, minutes=60, matter=None, **values):
        """Activity of ``minutes`` of the lawyer on the one-client matter, at 200 €/h."""
        return cls.env["timebill.activity"].create(
            {
                "matter_id": (matter or cls.matter).id,
                "kind": "time",
                "type_id": cls.phone.id,
                "user_id": cls.lawyer.id,
                "date": "2026-10-12",
                "duration": minutes,
                "description": f"Call of {minutes} minutes",
                **values,
            }
        )

    @classmethod
    def _time_without_price(cls, minutes=60, **values):
        """Activity of ``minutes`` for which no rate was found when it was entered."""
        rate_list, cls.company.timebill_rate_list_id = cls.company.timebill_rate_list_id, False
        activity = cls._time(minutes, **values)
        assert not activity.has_price
        cls.company.timebill_rate_list_id = rate_list
        return activity

    @classmethod
    def _cost(cls, activity_type, price, quantity=1, matter=None, **values):
        """Service, expense or disbursement, after the kind of its type."""
        return cls.env["timebill.activity"].create(
            {
                "matter_id": (matter or cls.matter).id,
                "kind": activity_type.kind,
                "type_id": activity_type.id,
                "user_id": cls.lawyer.id,
                "date": "2026-10-13",
                "quantity": quantity,
                "price_unit": price,
                "description": activity_type.name,
                **values,
            }
        )

    def _open_bill(self, activities, user=None):
        """The billing window on ``activities``, as the billing person."""
        action = activities.with_user(user or self.biller).action_bill()
        return self.env["timebill.bill"].with_user(user or self.biller).browse(action["res_id"])

    def _choose(self, activities, **values):
        """Choices to bill ``activities``, which nothing stores."""
        choice = activities.env["timebill.billing.choice"]
        return choice.union(*(choice.new({"activity_id": activity.id, **values}) for activity in activities))

    def _bill(self, activities, post=False, **values):
        """Invoices of ``activities`` made through the billing window."""
        bill = self._open_bill(activities)
        bill.write(values)
        moves = bill._create_invoices()
        if post:
            moves.action_post()
        return moves

    def _reverse(self, move, modify=False, **values):
        """Credit note, or replacing invoice when ``modify``, made by Odoo's own window."""
        wizard = (
            self.env["account.move.reversal"]
            .with_user(self.biller)
            .with_context(active_model="account.move", active_ids=move.ids)
            .create({"journal_id": move.journal_id.id, **values})
        )
        action = wizard.modify_moves() if modify else wizard.refund_moves()
        return self.env["account.move"].browse(action["res_id"])
