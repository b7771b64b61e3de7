from odoo.tests import tagged

from .common import TimebillCommon


@tagged("post_install", "-at_install")
class TestPartnerMerge(TimebillCommon):
    """Odoo's contact merge moves rows blindly, and deletes those that it cannot move."""

    def _merge(self, *contacts):
        partners = self.env["res.partner"].union(*contacts)
        self.env.flush_all()
        wizard = self.env["base.partner.merge.automatic.wizard"].create(
            {"partner_ids": partners.ids, "dst_partner_id": contacts[0].id}
        )
        wizard.action_merge()
        self.env.invalidate_all()

    def _twin(self):
        """The same contact, entered a second time."""
        return self.env["res.partner"].create({"name": "SCI des Lys", "is_company": True, "email": "lys@example.com"})

    def test_contacts_on_different_matters_keep_them_all(self):
        twin = self._twin()
        others = self._matter("Lease", twin) + self._matter("Eviction", twin)
        activities = self._time(matter=others[0]) + self._time(matter=others[1]) + self._time()
        self._merge(self.lys, twin)
        self.assertFalse(twin.exists())
        for matter in self.matter + others:
            self.assertEqual(matter.client_ids.partner_id, self.lys)
        self.assertEqual(activities.partner_id, self.lys)

    def test_contacts_on_the_same_matter_become_one_client(self):
        twin = self._twin()
        both = self._matter("Both", self.lys + twin + self.morel)
        lease = self._matter("Lease", twin)
        activities = (
            self._time(matter=both, partner_id=twin.id)
            + self._time(matter=both, partner_id=self.lys.id)
            + self._time(matter=both)
            + self._time(matter=lease)
        )
        self._merge(self.lys, twin)
        self.assertEqual(both.client_ids.partner_id, self.lys + self.morel)
        self.assertEqual(len(both.client_ids), 2)
        self.assertEqual(lease.client_ids.partner_id, self.lys)
        nobody = self.env["res.partner"]
        self.assertEqual([a.partner_id for a in activities], [self.lys, self.lys, nobody, self.lys])

    def test_the_active_client_stays_with_the_reference(self):
        twin = self._twin()
        both = self._matter("Both", self.lys + twin)
        of_lys, of_twin = both.client_ids
        of_lys.write({"inactive": True, "reference": "L-12"})
        self._merge(self.lys, twin)
        self.assertEqual(both.client_ids, of_twin)
        self.assertEqual((of_twin.partner_id, of_twin.inactive, of_twin.reference), (self.lys, False, "L-12"))

    def test_billed_work_stays_billed_to_the_merged_client(self):
        twin = self._twin()
        activity = self._time(matter=self._matter("Lease", twin))
        move = self._bill(activity, post=True)
        self._merge(self.lys, twin)
        self.assertEqual((move.partner_id, activity.allocation_ids.client_id), (self.lys, self.lys))
        self.assertEqual(activity.billing_state, "billed")
        self._reverse(move).action_post()
        self.assertEqual(self._bill(activity, post=True).partner_id, self.lys)

    def test_the_merge_reaches_confidential_matters(self):
        twin = self._twin()
        secret = self._matter("Takeover", self.lys + twin, confidential=True)
        self._merge(self.lys, twin)
        self.assertEqual(secret.client_ids.partner_id, self.lys)
        self.assertEqual(len(secret.client_ids), 1)
