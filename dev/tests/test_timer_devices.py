"""One timer on two devices of a lawyer: two sessions on a real server, which hear of each other over the bus."""

import contextlib
import json
import time

import websocket

from dev.server import running_server
from dev.tests.browser import running_browser, wait_until
from dev.tests.client import Client, Refused

MODEL = "timebill.timer"


@contextlib.contextmanager
def bus_of(client, seconds=30):
    """Listen to what the server pushes to the session of ``client``."""
    cookie = "; ".join(f"{cookie['name']}={cookie['value']}" for cookie in client.get_cookies())
    version = client._request("/web/session/get_session_info", {})["websocket_worker_version"]
    address = client.address.replace("http", "ws", 1)
    connection = websocket.create_connection(
        f"{address}/websocket?version={version}", cookie=cookie, origin=client.address, timeout=seconds
    )
    try:
        connection.send(json.dumps({"event_name": "subscribe", "data": {"channels": [], "last": 0}}))
        yield connection
    finally:
        connection.close()


def wait_for(connection, token):
    """Read until the notification of the change ``token`` comes; return all that came of timers."""
    tokens = []
    deadline = time.monotonic() + 30
    while token not in tokens and time.monotonic() < deadline:
        for notification in json.loads(connection.recv()):
            if notification["message"]["type"] == "timebill_timer":
                tokens.append(notification["message"]["payload"]["token"])
    return tokens


def running(client):
    """Ids of the timers that run, as the device shows them."""
    return [timer["id"] for timer in client.call(MODEL, "get_state")["timers"] if timer["running"]]


def test_two_devices(database):
    """What one device does, the other hears of; both agree on what runs, and a colleague sees nothing."""
    with running_server(database) as address:
        desk, phone = (Client(address, database.name, "hugo") for _device in range(2))
        for timer in desk.call(MODEL, "get_state")["timers"]:
            desk.call(MODEL, "action_discard", [timer["id"]])
        (matter, *_others) = desk.find("timebill.matter", [["state", "=", "open"]])
        with bus_of(phone) as on_phone:
            started = desk.call(MODEL, "action_start", "timebill.matter", matter)
            (timer,) = (shown["id"] for shown in started["timers"])
            assert started["token"] in wait_for(on_phone, started["token"])
            assert running(phone) == [timer]

            edited = phone.call(MODEL, "action_edit", [timer], {"description": "Typed on the phone"})
            assert wait_for(on_phone, edited["token"]) == [edited["token"]]
            (shown,) = desk.call(MODEL, "get_state")["timers"]
            assert shown["description"] == "Typed on the phone"

            # they fight: the last one wins, and one runs
            other = phone.call(MODEL, "action_start")["timers"][0]["id"]
            assert running(desk) == running(phone) == [other]
            desk.call(MODEL, "action_resume", [timer])
            assert running(phone) == [timer]
            assert not running(Client(address, database.name, "sophie"))

            # entered at the desk: the phone has nothing left to enter
            action = desk.call(MODEL, "action_stop", [timer])["action"]
            desk.save("timebill.activity", {}, context=action["context"])
            # the desk knows its own change by this, and does not ask again
            assert wait_for(on_phone, action["context"]["timebill_timer_token"])
            try:
                phone.call(MODEL, "action_stop", [timer])
            except Refused as refusal:
                assert "autre appareil" in str(refusal)
            else:
                raise AssertionError("entered twice")
            discarded = phone.call(MODEL, "action_discard", [other])
            assert wait_for(on_phone, discarded["token"])
            assert not phone.call(MODEL, "get_state")["timers"]


#: How often the page asked the server for the timers.
ASKED = "performance.getEntriesByType('resource').filter((e) => e.name.endsWith('timebill.timer/get_state')).length"


def test_two_browsers(database):
    """The clock that somebody starts on one screen runs on the other, and stops there as it is entered."""
    clock = ".o_timebill_timer_stop .o_timebill_timer_clock"
    idle = ".o_timebill_timer:not(:has(.o_timebill_timer_stop))"
    with running_server(database) as address, running_browser() as browser:
        clients = [Client(address, database.name, "hugo") for _device in range(2)]
        for timer in clients[0].call(MODEL, "get_state")["timers"]:
            clients[0].call(MODEL, "action_discard", [timer["id"]])
        desk, phone = (browser.open(f"{address}/odoo", client.get_cookies()) for client in clients)
        for page in (desk, phone):
            page.see(".o_timebill_start_timer")
            page.see(idle)
        desk.click(".o_timebill_start_timer")
        desk.see(clock)
        phone.see(clock)
        first = phone.text(clock)
        wait_until(lambda: phone.text(clock) > first, "the clock to go on")

        phone.click(".o_timebill_timer_stop")
        phone.see(".modal .o_timebill_chip")
        desk.see(idle)
        asked = phone.run(ASKED)
        phone.click(".modal .o_timebill_chip")
        phone.see(".modal [name=recent_matter_ids] .o_timebill_chip.active")
        phone.click(".modal button[name=action_save]")
        phone.see("body:not(:has(.modal))")
        wait_until(lambda: phone.run(ASKED) > asked, "the page to ask")
        time.sleep(1)
        assert phone.run(ASKED) == asked + 1
        assert not clients[0].call(MODEL, "get_state")["timers"]
