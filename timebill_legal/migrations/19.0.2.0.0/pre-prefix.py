from odoo.addons.timebill_legal.tools.renames import blank_views, rename_fields, rename_relation

PARTNER = {
    "amount_to_bill": "timebill_amount_to_bill",
    "billing_activity_count": "timebill_activity_count",
    "matter_client_ids": "timebill_matter_client_ids",
    "matter_count": "timebill_matter_count",
}
MOVE = {"matter_ids": "timebill_matter_ids"}

#: By model; res.users has the fields of res.partner too, and account.bank.statement.line those of account.move.
RENAMES = {
    "account.bank.statement.line": MOVE,
    "account.move": MOVE,
    "project.project": {
        "matter_id": "timebill_matter_id",
        "matter_amount_to_bill": "timebill_matter_amount_to_bill",
        "matter_currency_id": "timebill_matter_currency_id",
        "matter_invoice_ids": "timebill_matter_invoice_ids",
        "matter_reference": "timebill_matter_reference",
    },
    "project.task": {"matter_id": "timebill_matter_id"},
    "res.partner": PARTNER,
    "res.users": {**PARTNER, "timebill_types_for_ids": "timebill_timekeeper_ids"},
}


def migrate(cr, version):
    """Fields on models of other add-ons begin with ``timebill_``."""
    blank_views(cr, "timebill_legal", RENAMES)
    rename_fields(cr, RENAMES)
    rename_relation(cr, "timebill_types_for_rel", "timebill_timekeeper_rel")
