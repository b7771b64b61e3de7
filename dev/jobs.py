"""Runs several jobs at the same time, each in its own process with its output in a log."""

import contextlib
import multiprocessing
import multiprocessing.connection
import os
import signal
import sys
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from .console import HEARTBEAT, Failure, say

#: One more than the continuous integration has processors: tests wait a good deal, for browsers, locks and servers.
AT_ONCE = 3
#: Seconds: a job that takes longer is considered to hang.
LIMIT = 1800
#: How much of a log is shown when its job fails.
TAIL_LINES = 150
FAILED = "FAILED"
NOT_RUN = "NOT RUN"

_fork = multiprocessing.get_context("fork")


@dataclass(eq=False)
class Job:
    """One job.

    :ivar title: what it is, for the developer
    :ivar work: what is done; returns what came out of it, or raises ``Failure``
    :ivar log: where the output goes
    :ivar report: JUnit report that the work writes, if it does
    :ivar needs: another job, to be done before
    :ivar nice: above 0, the job leaves the processors to the others
    :ivar outcome: None until the job has ended
    """

    name: str
    title: str
    work: Callable[[], str]
    log: Path
    report: Path | None = None
    needs: "Job | None" = None
    nice: int = 0
    outcome: str | None = None
    seconds: float = 0.0

    @property
    def is_bad(self) -> bool:
        """Return whether the job failed or was not run."""
        return self.outcome in (FAILED, NOT_RUN)


def run_jobs(jobs: Sequence[Job], limit: float = LIMIT) -> None:
    """Run the jobs in their order, several at the same time; each gets its outcome."""
    waiting = list(jobs)
    running: list[_Process] = []
    previous = signal.signal(signal.SIGTERM, lambda *_args: sys.exit(128 + signal.SIGTERM))
    last = time.monotonic()
    try:
        while waiting or running:
            for job in list(waiting):
                if job.needs and job.needs.is_bad:
                    job.outcome = NOT_RUN
                    say(f"{job.title}: {NOT_RUN}")
                    waiting.remove(job)
                elif len(running) < AT_ONCE and not (job.needs and job.needs.outcome is None):
                    running.append(_Process(job))
                    waiting.remove(job)
            multiprocessing.connection.wait([process.sentinel for process in running], timeout=1)
            for process in list(running):
                if process.has_ended(limit):
                    running.remove(process)
            if time.monotonic() - last >= HEARTBEAT:
                last = time.monotonic()
                for process in running:
                    process.show_life()
    finally:
        for process in running:
            process.stop()
        signal.signal(signal.SIGTERM, previous)


class _Process:
    """The process of a job, and those that it starts: a process group."""

    def __init__(self, job: Job):
        self.job = job
        self.began = time.monotonic()
        if job.report:
            job.report.unlink(missing_ok=True)  # the last run's would be taken for this one's
        job.log.parent.mkdir(parents=True, exist_ok=True)
        job.log.touch()
        self.receiver, sender = _fork.Pipe(duplex=False)
        say(f"{job.title} …")
        self.process = _fork.Process(target=_work, args=(job, sender))
        self.process.start()
        sender.close()
        self.sentinel = self.process.sentinel

    @property
    def seconds(self) -> float:
        return time.monotonic() - self.began

    def show_life(self) -> None:
        """Show how far the job has come: the last line of its log."""
        lines = self.job.log.read_text(errors="replace").splitlines()
        say(f"  … {self.job.title} ({self.seconds:.0f} s): {lines[-1].strip()[:90] if lines else ''}")

    def has_ended(self, limit: float) -> bool:
        """Return whether the job has ended, and set its outcome; end the job when it hangs."""
        reason = ""
        if multiprocessing.connection.wait([self.sentinel], timeout=0):
            self._signal(signal.SIGKILL)  # what it may have left behind
            self.process.join()
            if self.process.exitcode < 0:
                reason = f"its process was killed by signal {-self.process.exitcode}"
        elif self.seconds > limit:
            reason = f"ended, because it took more than {limit:.0f} s"
            self.stop(signal.SIGABRT)
        else:
            return False
        job = self.job
        job.seconds = self.seconds
        if self.process.exitcode == 0 and self.receiver.poll():
            job.outcome = self.receiver.recv()
        else:
            job.outcome = FAILED
            tail = job.log.read_text(errors="replace").splitlines()[-TAIL_LINES:]
            print(f"\n=== {job.title} {FAILED}; its log ({job.log}) ends with: ===", file=sys.stderr)
            print("\n".join([*tail, *filter(None, [reason]), f"=== end of {job.log} ===\n"]), file=sys.stderr)
        say(f"{job.title}: {job.outcome} ({job.seconds:.0f} s)")
        return True

    def stop(self, kindly: signal.Signals = signal.SIGTERM) -> None:
        """End the job. SIGABRT makes pytest write first what each thread is doing."""
        self._signal(kindly)
        self.process.join(timeout=10)
        time.sleep(2)  # for the processes below it
        self._signal(signal.SIGKILL)
        self.process.join()

    def _signal(self, number: signal.Signals) -> None:
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, number)


def _work(job: Job, sender: multiprocessing.connection.Connection) -> None:
    """Do the work of a job, in its process."""
    os.setpgid(0, 0)
    os.nice(job.nice)
    with job.log.open("w") as output:
        os.dup2(output.fileno(), 1)
        os.dup2(output.fileno(), 2)
    try:
        sender.send(job.work())
    except Failure as failure:
        print(failure, file=sys.stderr)
        sys.exit(1)
