"""Everything that ``make test`` runs, in order."""

from collections.abc import Sequence

from .database import Database
from .paths import REPO


def pytest_odoo_command(database: Database, arguments: Sequence[str]) -> list[str]:
    """Return the pytest command for tests that need Odoo."""
    return [
        str(database.workplace.bin / "pytest"),
        *("-c", str(REPO / "dev" / "pytest_odoo.ini"), "--rootdir", str(REPO)),
        *("--odoo-config", str(database.write_config()), "--odoo-database", database.name, "--odoo-http"),
        *arguments,
    ]
