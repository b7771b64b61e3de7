"""A firm that removes the add-on keeps its accounts."""

from dev import postgres
from dev.database import Database
from dev.paths import REPO

#: What an invoice says and what it posted.
INVOICES = """
    SELECT move.name, move.state, move.amount_untaxed, move.amount_tax, move.amount_residual,
           line.name, line.quantity, line.price_unit, line.price_subtotal, line.balance, line.account_id
      FROM account_move AS move
      JOIN account_move_line AS line ON line.move_id = move.id
     WHERE move.move_type IN ('out_invoice', 'out_refund') AND move.state = 'posted'
     ORDER BY move.id, line.id
"""
TABLES_OF_OURS = "SELECT tablename FROM pg_tables WHERE tablename LIKE 'timebill%'"
BILLED = "SELECT count(*) FROM timebill_allocation WHERE live"


def test_posted_invoices_stay_when_the_addons_are_removed(database):
    """Every line stays as it was posted, and the invoices can be shown and credited."""
    copy = Database(database.workplace, f"{database.name}_uninstall")
    copy.copy_from(database)
    try:
        assert postgres.query(BILLED, copy.name) != ["0"]
        before = postgres.query(INVOICES, copy.name)
        copy.run_script("Uninstall the add-ons", REPO / "dev" / "uninstall.py", log=f"odoo-{copy.name}")
        assert postgres.query(INVOICES, copy.name) == before
        assert postgres.query(TABLES_OF_OURS, copy.name) == []
    finally:
        copy.drop()
