"""The server that the other tests of this folder run."""

import json
import urllib.request

from dev.server import running_server


def test_server_answers_and_knows_our_addons(database):
    """A real process serves the database, and our add-on is installed in it."""
    with running_server(database) as address:
        call = {"service": "common", "method": "login", "args": [database.name, "admin", "admin"]}
        user = rpc(address, call)
        assert user
        domain = [[["name", "=", "timebill_legal"], ["state", "=", "installed"]]]
        arguments = [database.name, user, "admin", "ir.module.module", "search_count", domain]
        assert rpc(address, {"service": "object", "method": "execute_kw", "args": arguments}) == 1


def rpc(address, params):
    """Call Odoo's JSON-RPC and return the result."""
    body = json.dumps({"jsonrpc": "2.0", "method": "call", "params": params}).encode()
    request = urllib.request.Request(f"{address}/jsonrpc", body, {"Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=60) as answer:
        return json.load(answer)["result"]
