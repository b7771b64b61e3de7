"""A pytest plugin: a test during which something logs an error fails, as it does in Odoo's own runner."""

import logging

import pytest


class FailOnErrorLogs(logging.Handler):
    """Collect records of level ERROR; a test that expects them hides them (``mute_logger``, ``assertLogs``)."""

    def __init__(self):
        super().__init__(level=logging.ERROR)
        self.records: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        """Keep the record, with its traceback."""
        self.records.append(self.format(record))

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_call(self):
        """Fail the test if anything was logged during it, by any thread."""
        self.records.clear()
        root = logging.getLogger()
        root.addHandler(self)
        try:
            result = yield
        finally:
            root.removeHandler(self)
        if self.records:
            pytest.fail("Errors were logged during the test:\n" + "\n".join(self.records), pytrace=False)
        return result
