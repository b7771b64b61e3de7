"""Fixtures of the tests that run a real server."""

import os

import pytest

from dev.database import Database, Workplace
from dev.environment import ensure_environment
from dev.odoo_source import ensure_source


@pytest.fixture(scope="session")
def database() -> Database:
    """Return a database with our add-ons and their demonstration data: these tests may leave traces in it.

    ``make test`` makes it and names it in TIMEBILL_TEST_DATABASE; by hand:
    ``python3 -m dev install --db mine``, then ``python3 -m dev journeys --db mine``.
    """
    name = os.environ.get("TIMEBILL_TEST_DATABASE")
    if not name:
        pytest.fail("TIMEBILL_TEST_DATABASE names no database; use: python3 -m dev journeys --db NAME")
    return Database(Workplace(ensure_source(), ensure_environment()), name)
