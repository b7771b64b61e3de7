"""The parts of the tools that can be tested without running anything."""

import pytest

from dev import odoo_log
from dev.console import Failure
from dev.odoo_source import repair_links
from dev.paths import digest


def test_absolute_links_are_pointed_into_the_folder(tmp_path):
    """Debian's packages link to /usr/share: unpacked elsewhere, that is somewhere below the folder."""
    (tmp_path / "usr/share/fonts").mkdir(parents=True)
    (tmp_path / "usr/share/fonts/a.ttf").write_text("a font")
    link = tmp_path / "usr/lib/python3/odoo/a.ttf"
    link.parent.mkdir(parents=True)
    link.symlink_to("/usr/share/fonts/a.ttf")
    repair_links(tmp_path)
    assert link.read_text() == "a font"
    assert not link.readlink().is_absolute()


def test_links_that_lead_nowhere_are_refused(tmp_path):
    """A missing font would only show as a page that looks odd."""
    link = tmp_path / "usr/lib/python3/odoo/b.ttf"
    link.parent.mkdir(parents=True)
    link.symlink_to("../nowhere/b.ttf")
    with pytest.raises(Failure, match=r"b\.ttf"):
        repair_links(tmp_path)


def test_problems_of_a_log(tmp_path, monkeypatch):
    """Errors count whoever logs them, warnings only if they name one of our add-ons."""
    monkeypatch.setattr(odoo_log, "our_addons", lambda: ["timebill_legal"])
    log = tmp_path / "odoo.log"
    log.write_text(
        "2026-01-01 10:00:00,000 1 INFO db odoo.modules.loading: loading timebill_legal\n"
        "2026-01-01 10:00:00,000 1 WARNING db odoo.addons.web: nothing of ours\n"
        "2026-01-01 10:00:00,000 1 WARNING db odoo.models: no access rule for timebill.matter\n"
        "2026-01-01 10:00:00,000 1 ERROR db odoo.sql_db: bad query\n"
        "Traceback (most recent call last):\n"
    )
    found = odoo_log.problems(log)
    assert [line.split()[3] for line in found] == ["WARNING", "ERROR"]
    assert found[1].endswith("Traceback (most recent call last):")


def test_digest_keeps_parts_apart():
    """The same text cut differently is another key."""
    assert digest("ab", "c") != digest("a", "bc")
