"""A real browser for the journeys, driven over its debugging protocol: each page has a session of its own."""

import contextlib
import json
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import websocket

CHROMIUM = "/usr/bin/chromium"
PATIENCE = 90


@contextlib.contextmanager
def running_browser() -> Iterator["Browser"]:
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        process = subprocess.Popen(
            [
                *(CHROMIUM, "--headless", "--no-sandbox", "--disable-gpu", "--disable-background-networking"),
                *("--remote-debugging-port=0", "--remote-allow-origins=*", f"--user-data-dir={profile}"),
            ],
            stderr=subprocess.DEVNULL,
        )
        try:
            yield Browser(Path(profile, "DevToolsActivePort"))
        finally:
            process.kill()
            process.wait()


def wait_until(is_so, what: str):
    """What ``is_so()`` says once it says something."""
    deadline = time.monotonic() + PATIENCE
    while not (answer := is_so()):
        if time.monotonic() > deadline:
            raise AssertionError(f"waited in vain for {what}")
        time.sleep(0.2)
    return answer


class Browser:
    def __init__(self, port_file: Path):
        wait_until(lambda: port_file.exists() and port_file.read_text().count("\n"), "the browser")
        self.port, path = port_file.read_text().splitlines()[:2]
        self.connection = Connection(f"ws://127.0.0.1:{self.port}{path}")

    def open(self, address: str, cookies: list[dict]) -> "Page":
        """A page in a session that it shares with no other."""
        context = self.connection.call("Target.createBrowserContext")["browserContextId"]
        self.connection.call("Storage.setCookies", browserContextId=context, cookies=cookies)
        target = self.connection.call("Target.createTarget", url=address, browserContextId=context)["targetId"]
        return Page(f"ws://127.0.0.1:{self.port}/devtools/page/{target}")


class Connection:
    def __init__(self, address: str):
        self.socket = websocket.create_connection(address, timeout=PATIENCE)
        self.last = 0

    def call(self, method: str, **parameters) -> dict:
        self.last += 1
        self.socket.send(json.dumps({"id": self.last, "method": method, "params": parameters}))
        while True:
            answer = json.loads(self.socket.recv())
            if answer.get("id") == self.last:
                return answer["result"]


class Page(Connection):
    def run(self, script: str):
        """Value of a script, awaited."""
        answer = self.call("Runtime.evaluate", expression=script, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in answer:
            raise AssertionError(answer["exceptionDetails"])
        return answer["result"].get("value")

    def see(self, selector: str) -> None:
        script = f"Boolean(document.querySelector({json.dumps(selector)}))"
        wait_until(lambda: self.run(script), selector)

    def click(self, selector: str) -> None:
        self.see(selector)
        self.run(f"document.querySelector({json.dumps(selector)}).click()")

    def text(self, selector: str) -> str:
        return self.run(f"document.querySelector({json.dumps(selector)})?.innerText || ''")
