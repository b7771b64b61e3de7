"""The parts of the tools that can be tested without running anything."""

import faulthandler
import os
import signal
import time

import pytest

from dev import checks, core_tests, odoo_log
from dev.console import Failure
from dev.jobs import FAILED, NOT_RUN, Job, run_jobs
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


def test_tests_are_shared_out_on_runs_that_end_together(tmp_path, monkeypatch):
    """Those with a browser have a run of their own; what has never been timed is guessed."""
    monkeypatch.setattr(checks, "REPO", tmp_path)
    files = {
        "test_tour": "    def test_entry(self):\n        self.start_tour('/odoo', 'entry')\n",
        "test_js": "    def test_desktop(self):\n        self.browser_js('/web/tests', '')\n",
        "test_long": "    def test_a(self):\n        start_tour_later()\n",
        "test_new": "    def test_b(self):\n" * 12,
        "test_short": "    def test_c(self):\n",
    }
    for name, text in files.items():
        (tmp_path / f"{name}.py").write_text(text)
    timed = {"test_tour": 60, "test_js": 20, "test_long": 30, "test_short": 25}
    paths = sorted(tmp_path.glob("*.py"))
    browser = ["test_js.py", "test_tour.py"]
    assert checks.share_out(paths, timed) == [browser, ["test_long.py"], ["test_short.py", "test_new.py"]]
    assert checks.share_out(paths, {}) == [browser, ["test_new.py"], ["test_long.py", "test_short.py"]]


def test_outcomes_of_two_runs_are_compared(tmp_path):
    """What fails, is skipped or is gone with our add-ons, and passes without them."""
    report = tmp_path / "report.xml"
    report.write_text(
        "<testsuites><testsuite>"
        '<testcase classname="odoo.addons.account.tests.test_a.TestA" name="test_1"/>'
        '<testcase classname="odoo.addons.account.tests.test_a.TestA" name="test_2"><failure/></testcase>'
        '<testcase classname="odoo.addons.account.tests.test_a.TestA" name="test_3"><skipped/></testcase>'
        '<testcase classname="odoo.addons.account.tests.test_a.TestA" name="test_4"/>'
        '<testcase classname="odoo.addons.account.tests.test_a.TestA" name="test_4"><error/></testcase>'
        "</testsuite></testsuites>"
    )
    name = "account.tests.test_a.TestA.test_"
    outcomes = core_tests.read_outcomes(report)
    assert outcomes == {f"{name}1": "passed", f"{name}2": "failed", f"{name}3": "skipped", f"{name}4": "failed"}
    without = {f"{name}{number}": "passed" for number in range(6)} | {f"{name}2": "failed"}
    assert core_tests.differences(without, outcomes) == {
        f"{name}0": "not run", f"{name}3": "skipped", f"{name}4": "failed", f"{name}5": "not run",
    }


def _succeed():
    return "all well"


def _fail():
    os.write(1, b"what was done\n")
    raise Failure("what went wrong")


def _crash():
    os.kill(os.getpid(), signal.SIGKILL)


def _hang():
    faulthandler.disable()  # pytest's own would print a page
    os.system("sleep 60")


def test_jobs_that_fail_crash_or_hang(tmp_path, capfd):
    """None of them passes for done, nor does what needs it."""
    jobs = [Job(work.__name__, work.__name__, work, tmp_path / work.__name__) for work in (_hang, _fail, _crash)]
    jobs += [
        Job("after", "after", _succeed, tmp_path / "after", needs=jobs[1]),
        Job("well", "well", _succeed, tmp_path / "well"),
    ]
    jobs.append(Job("last", "last", _succeed, tmp_path / "last", needs=jobs[-1]))
    began = time.monotonic()
    run_jobs(jobs, limit=1)
    assert time.monotonic() - began < 20
    assert [job.outcome for job in jobs] == [FAILED, FAILED, FAILED, NOT_RUN, "all well", "all well"]
    shown = capfd.readouterr().err
    for expected in ("what was done", "what went wrong", "killed by signal 9", "took more than 1 s"):
        assert expected in shown
