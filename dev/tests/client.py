"""What the journeys are made with: the calls of a web client, an SMTP server, the text of a PDF."""

import contextlib
import http.cookiejar
import itertools
import json
import subprocess
import time
import urllib.request
from email import message_from_bytes, policy
from email.message import EmailMessage

from aiosmtpd.controller import Controller

from dev.server import HOST, free_port


class Refused(Exception):
    """The server answered with an error; its text is what the user reads."""


class Client:
    """Session of one person: makes the calls that Odoo's web client makes."""

    def __init__(self, address, database, login, password=None):
        """Log in; the people of the demonstration firm have their login as password."""
        self.address = address
        self._cookies = http.cookiejar.CookieJar()
        self._opener = urllib.request.build_opener(
            urllib.request.HTTPCookieProcessor(self._cookies), urllib.request.ProxyHandler({})
        )
        self._ids = itertools.count(1)
        session = self._request(
            "/web/session/authenticate", {"db": database, "login": login, "password": password or login}
        )
        self.context = session["user_context"]

    def _request(self, path, params):
        body = json.dumps({"jsonrpc": "2.0", "method": "call", "id": next(self._ids), "params": params}).encode()
        request = urllib.request.Request(self.address + path, body, {"Content-Type": "application/json"})
        with self._opener.open(request, timeout=120) as answer:
            content = json.load(answer)
        if error := content.get("error"):
            raise Refused(error["data"].get("message") or error["message"])
        return content["result"]

    def call(self, model, method, *args, context=None, button=False, **kwargs):
        """Call a method of a model; a button's answer is the action to run next."""
        kwargs["context"] = {**self.context, **(context or {})}
        path = f"/web/dataset/{'call_button' if button else 'call_kw'}/{model}/{method}"
        return self._request(path, {"model": model, "method": method, "args": args, "kwargs": kwargs})

    def get_cookies(self):
        """Cookies of the session, for a browser that goes on with it."""
        return [{"name": cookie.name, "value": cookie.value, "url": self.address} for cookie in self._cookies]

    def save(self, model, values, *ids, context=None):
        """Save a form, and return the id of the record."""
        (saved,) = self.call(model, "web_save", list(ids), values, context=context, specification={})
        return saved["id"]

    def press(self, model, button, *ids, context=None):
        """Press a button of a form."""
        return self.call(model, button, list(ids), context=context, button=True)

    def read(self, model, record_id, *names):
        """Return the values of a record."""
        (values,) = self.call(model, "web_read", [record_id], specification={name: {} for name in names})
        return values[names[0]] if len(names) == 1 else values

    def find(self, model, domain):
        """Return the ids of the records that match."""
        return self.call(model, "search", domain)


class Mailbox:
    """Handler of a real SMTP server, with the methods that aiosmtpd calls: keeps what it accepts.

    :ivar refuse: answer nobody lives here
    """

    def __init__(self):
        self.messages: list[tuple[list[str], EmailMessage]] = []
        self.refuse = False

    async def handle_RCPT(self, server, session, envelope, address, options):
        """Take a recipient, or refuse it."""
        if self.refuse:
            return "550 No such user here"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        """Take a message."""
        self.messages.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))
        return "250 OK"

    def wait_for(self, address, seconds=30):
        """Return the message for ``address``."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for recipients, message in self.messages:
                if address in recipients:
                    return message
            time.sleep(0.2)
        raise AssertionError(f"No message for {address} in {seconds} s; {len(self.messages)} for others")

    def has_message_for(self, address):
        """Tell whether anything came for ``address``."""
        return any(address in recipients for recipients, _message in self.messages)


@contextlib.contextmanager
def running_mailbox():
    """Run an SMTP server while the block lasts, and yield (its mailbox, its port)."""
    mailbox, port = Mailbox(), free_port()
    controller = Controller(mailbox, hostname=HOST, port=port)
    controller.start()
    try:
        yield mailbox, port
    finally:
        controller.stop()


def pdf_text(content: bytes) -> str:
    """Return what a PDF reads, lines as printed, one plain space between words."""
    command = ["pdftotext", "-layout", "-", "-"]
    text = subprocess.run(command, input=content, capture_output=True, check=True).stdout.decode()
    return "\n".join(" ".join(line.replace("\u200b", "").split()) for line in text.splitlines())
