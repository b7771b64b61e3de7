"""Pictures of the user guide, made from a running server on the demonstration database.

Each scene is a short walk of one user through the web client; it is played wide and on a phone, and
every picture that the documentation shows is written to ``docs/images/<name>-<width>.png``. ``TIMEBILL_URL``
is the server's address.
Arguments are the names of the scenes to play (all of them without).
"""

import os
import re
import sys
from collections.abc import Callable
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

REPO = Path(__file__).parent.parent
IMAGES = REPO / "docs" / "images"
SHOWN = {
    name
    for page in (REPO / "README.md", *(REPO / "docs").rglob("*.md"))
    for name in re.findall(r"images/([\w-]+\.png)", page.read_text())
}
WIDE, PHONE = {"width": 1400, "height": 900}, {"width": 390, "height": 844}
CHROMIUM = {
    "executable_path": "/usr/bin/chromium",
    "args": ["--no-sandbox", "--disable-gpu", "--disable-background-networking", "--disable-sync"],
}


class Walk:
    """One user's session, on one size of screen."""

    def __init__(self, browser: Browser, url: str, login: str, viewport: dict):
        self.url, self.width = url, viewport["width"]
        self.is_phone = viewport is PHONE
        device = {"viewport": viewport, "has_touch": self.is_phone, "is_mobile": self.is_phone}
        context = browser.new_context(**device, locale="fr-FR", timezone_id="Europe/Paris")
        self.page: Page = context.new_page()
        self.page.set_default_timeout(60_000)
        self.page.goto(f"{url}/web/login")
        self.page.fill("input[name=login]", login)
        self.page.fill("input[name=password]", login)
        self.page.click(".oe_login_form button[type=submit]")
        self.settle()

    def settle(self) -> None:
        """Wait until the web client has nothing left to load."""
        self.page.wait_for_selector(".o_action_manager > *")
        self.page.wait_for_timeout(800)  # time for the next request to start
        self.page.wait_for_selector(".o_loading_indicator, .o_blockUI", state="detached")
        self.page.wait_for_timeout(500)

    def open(self, path: str) -> None:
        self.page.goto(f"{self.url}/odoo/{path}")
        self.settle()

    def find(self, model: str, domain: list) -> int:
        """Identifier of the first record that matches."""
        return self.call(model, "search", [domain], limit=1, order="id")[0]

    def call(self, model: str, method: str, args: list, **kwargs):
        parameters = {"model": model, "method": method, "args": args, "kwargs": kwargs}
        answer = self.page.request.post(
            f"{self.url}/web/dataset/call_kw", data={"jsonrpc": "2.0", "method": "call", "params": parameters}
        )
        return answer.json()["result"]

    def click(self, selector: str) -> None:
        self.page.locator(selector).first.click()
        self.settle()

    def picture(self, name: str) -> None:
        """Save a picture if a guide uses it in this width."""
        path = IMAGES / f"{name}-{self.width}.png"
        if path.name not in SHOWN:
            return
        IMAGES.mkdir(parents=True, exist_ok=True)
        self.page.mouse.move(1, 1)
        self.page.screenshot(path=path)

    def choose(self, selector: str, text: str) -> None:
        """Choose the value of a many2one: among proposals, or on a phone in a dialog of its own."""
        self.click(f"{selector} input")
        if self.is_phone:
            self.click(f".modal .o_kanban_record:has-text('{text}')")
        else:
            self.page.locator(f"{selector} input").fill(text)
            self.click(f".o-autocomplete--dropdown-item:has-text('{text}')")

    def select(self, *texts: str) -> None:
        """Tick lines of a list; on a phone, long press the first card, then tap the others."""
        for number, text in enumerate(texts):
            if not self.is_phone:
                self.click(f".o_data_row:has-text('{text}') .o_list_record_selector input")
                continue
            card = self.page.locator(f".o_kanban_record:has-text('{text}')").first
            if number:
                card.click()
                continue
            card.scroll_into_view_if_needed()
            card.dispatch_event("touchstart")
            self.page.wait_for_timeout(700)
            card.dispatch_event("touchend")
            self.settle()

    def act(self, label: str) -> None:
        """An entry of the cog, on what is selected or open."""
        self.click(".o_cp_action_menus button:has(.fa-cog)")
        self.click(f".o-dropdown--menu .o_menu_item:has-text('{label}')")

    def new_activity(self, item: int) -> None:
        self.click(".o_form_statusbar .dropdown-toggle")
        self.click(f".o-dropdown--menu .o-dropdown-item >> nth={item}")


def capture(walk: Walk) -> None:
    """From a client's form, as a lawyer."""
    client = walk.find("res.partner", [["name", "ilike", "Martel"], ["is_company", "=", True]])
    walk.open(f"contacts/{client}")
    walk.picture("client")
    walk.click(".o_form_statusbar .dropdown-toggle")
    walk.picture("client-menu")
    walk.click(".o-dropdown--menu .o-dropdown-item >> nth=0")
    walk.page.locator(".modal [name=duration] input").fill("1h30")
    walk.page.locator(".modal [name=description] textarea").fill("Audience devant le tribunal de commerce")
    walk.picture("time")
    walk.click(".modal .nav-link >> nth=1")
    walk.picture("time-more")
    walk.click(".modal .btn-close, .modal .o_form_button_cancel, .modal footer button:last-child")
    walk.open(f"contacts/{client}")
    walk.new_activity(3)
    walk.picture("disbursement")


def plus(walk: Walk) -> None:
    """The "+" of the navigation bar, over the lawyer's week."""
    walk.click(".o_timebill_entry_systray")
    walk.click(".modal .o_timebill_chip")
    walk.page.locator(".modal [name=duration] input").fill("45")
    walk.page.locator(".modal [name=description] textarea").fill("Entretien téléphonique avec le client")
    walk.settle()
    walk.picture("plus")


def quick(walk: Walk) -> None:
    """Line after line, as an assistant who enters the work of a lawyer as well."""
    walk.open("quick-entry")
    if not walk.is_phone:
        keyboard = walk.page.keyboard
        for keys in ("Benali", "Tab", "Tab", "12", "Tab", "Appel du greffe : date d'audience", "Enter"):
            (keyboard.press if keys in ("Tab", "Enter") else keyboard.type)(keys)
            walk.settle()
        for keys in ("Tab", "Tab", "1h30"):
            (keyboard.press if keys == "Tab" else keyboard.type)(keys)
    walk.picture("quick-entry")


def activities(walk: Walk) -> None:
    """The month of a lawyer, and the import from the list: a phone has neither."""
    if walk.is_phone:
        return
    walk.open("my-activities?view_type=calendar")
    walk.click(".o_searchview_facet .o_facet_remove")
    walk.picture("calendar")
    walk.open("activities")
    walk.click(".o_cp_action_menus button:has(.fa-cog)")
    walk.click(".o_import_menu")
    walk.picture("import")


def matters(walk: Walk) -> None:
    """Lists and form of a lawyer's matters."""
    walk.open("my-matters")
    walk.picture("matters")
    walk.open(f"matters/{walk.find('timebill.matter', [['name', 'ilike', 'Benali']])}")
    walk.picture("matter")
    walk.open("activities")
    walk.picture("activities")
    project = walk.find("project.project", [["timebill_matter_id.name", "ilike", "Benali"]])
    walk.open(f"project/{project}")
    walk.picture("project")


def day(walk: Walk) -> None:
    """The last working day of a lawyer, with meetings that are not entered yet."""
    walk.click(".o_timebill_week_day:has(.o_timebill_week_dot:not(.invisible))")
    if not walk.is_phone:
        walk.click(".o_timebill_candidate:last-child .o_timebill_ignore")
        walk.click(".o_timebill_ignored > button")
    walk.picture("day")
    if not walk.is_phone:
        walk.click(".o_timebill_restore")


def converting(walk: Walk) -> None:
    """A task, a meeting and a message, about to become activities."""
    walk.open(f"project.task/{walk.find('project.task', [['name', 'ilike', 'plaidoirie']])}")
    if walk.is_phone:
        walk.click(".o_statusbar_buttons .dropdown-toggle:has(.oi-ellipsis-v)")
    walk.picture("convert-task")
    if walk.is_phone:  # the menu of a message opens at a long press
        walk.open(f"calendar.event/{walk.find('calendar.event', [['name', '=like', 'Audience devant%']])}")
        walk.picture("convert-meeting")
        return
    matter, text = walk.find("timebill.matter", [["name", "ilike", "Benali"]]), "Le greffe a appelé"
    if not walk.call("mail.message", "search_count", [[["body", "ilike", text]]]):
        body = f"{text} : l’audience est reportée au 12 janvier."
        walk.call("timebill.matter", "message_post", [[matter]], body=body, message_type="comment")
    walk.open(f"matters/{matter}")
    message = f".o-mail-Message:has-text('{text}')"
    walk.page.hover(message)
    walk.click(f"{message} .o-mail-Message-actions [title=Déplier]")
    walk.page.hover(":text('Convertir en activité')")
    walk.page.screenshot(path=IMAGES / f"convert-message-{walk.width}.png")
    walk.open("calendar")
    walk.click(".fc-event:has-text('Audience devant')")
    walk.page.evaluate("document.activeElement.blur()")
    walk.picture("convert-meeting")


def billing(walk: Walk) -> None:
    """From the matters to bill to a draft, as the billing person."""
    walk.picture("to-bill")
    row = ".o_kanban_record" if walk.is_phone else ".o_data_row"
    walk.click(f"{row}:has-text('Vernay') button[name=action_bill]")
    walk.picture("bill")
    walk.click(".modal button[name=action_save]")
    walk.picture("invoice")
    walk.click(".o_notebook .nav-link[name=timebill_detail]")
    walk.picture("invoice-detail")
    walk.open("customer-invoices")
    walk.picture("invoices")
    project = walk.find("project.project", [["timebill_matter_id.name", "ilike", "Benali"]])
    walk.open(f"project/{project}")
    walk.click(".o_notebook .nav-link[name=finances]")
    walk.picture("project-finances")


def adjusting(walk: Walk) -> None:
    """The dialogs of one activity before it is billed; nothing is saved."""
    domain = [["billing_state", "=", "to_bill"], ["kind", "=", "time"], ["timebill_matter_id.name", "ilike", "Benali"]]
    activity = walk.find("timebill.activity", domain)
    for name, button in (("discount", "action_adjust"), ("later", "action_hold")):
        walk.open(f"timebill.activity/{activity}")
        if walk.is_phone:
            walk.click(".o_form_statusbar .o_statusbar_buttons_dropdown, .o_statusbar_buttons .dropdown-toggle")
        walk.click(f"button[name={button}]")
        if name == "discount":
            walk.page.locator(".modal [name=percent] input").fill("10")
            walk.page.keyboard.press("Tab")
            walk.settle()
        walk.picture(name)


def moving(walk: Walk) -> None:
    """Unbilled work of a matter on its way to another; then what is done to a selection. Nothing of it is saved."""
    matter_id = walk.find("timebill.matter", [["name", "ilike", "Brossard"]])
    texts = ("Appel de la cliente", "Appel du notaire", "Compte rendu à la cliente")
    if not walk.is_phone:
        type_id = walk.find("timebill.activity.type", [["kind", "=", "time"]])
        values = {"matter_id": matter_id, "type_id": type_id, "kind": "time"}
        durations = zip(texts, (20, 12, 75), strict=True)
        work = [{**values, "description": text, "duration": minutes} for text, minutes in durations]
        walk.call("timebill.activity", "create", [work])
    walk.open(f"matters/{matter_id}")
    if walk.is_phone:
        walk.click(".o_statusbar_buttons .dropdown-toggle:has(.oi-ellipsis-v)")
    walk.click("button[name=action_transfer]:not(.oe_stat_button)")
    walk.choose(".modal [name=matter_id]", "Morel")
    walk.picture("transfer")
    for label, name, selection in (
        ("Scinder", "split", texts[2:]),
        ("Fusionner", "merge", texts),
        ("Arrondir", "round", texts),
    ):
        walk.open("my-activities")
        walk.select(*selection)
        walk.act(label)
        walk.picture(name)


def crediting(walk: Walk) -> None:
    """Odoo's dialog that reverses an invoice; nothing is saved."""
    domain = [["move_type", "=", "out_invoice"], ["state", "=", "posted"], ["reversal_move_ids", "=", False]]
    walk.open(f"customer-invoices/{walk.find('account.move', domain)}")
    if walk.is_phone:
        walk.click(".o_statusbar_buttons .dropdown-toggle")
    walk.click("button[name=action_reverse]")
    walk.picture("credit")


def configuration(walk: Walk) -> None:
    """What the managing partner sets up."""
    walk.picture("home-manager")
    walk.open(f"action-timebill_legal.timebill_activity_type_action/{walk.find('timebill.activity.type', [])}")
    walk.picture("category")
    walk.open(f"action-timebill_legal.timebill_rate_list_action/{walk.find('timebill.rate.list', [])}")
    walk.picture("rate-list")


def timer(walk: Walk) -> None:
    """The timer of a lawyer, running, with its list open."""
    walk.open(f"matters/{walk.find('timebill.matter', [['name', 'ilike', 'Benali']])}")
    if not walk.page.locator(".o_timebill_timer_stop").count():  # the first walk has left it running
        walk.click(".o_timebill_timer_button")
    walk.click(".o_timebill_timer_toggle")
    walk.page.locator(".o_timebill_timer_text").fill("Appel de Me Lévy sur la pension")
    walk.settle()
    walk.picture("timer")


SCENES: dict[str, tuple[str, Callable[[Walk], None]]] = {
    "capture": ("hugo", capture),
    "plus": ("hugo", plus),
    "day": ("hugo", day),
    "converting": ("hugo", converting),
    "quick": ("anne", quick),
    "activities": ("hugo", activities),
    "matters": ("hugo", matters),
    "timer": ("hugo", timer),
    "billing": ("brigitte", billing),
    "adjusting": ("brigitte", adjusting),
    "moving": ("sophie", moving),
    "crediting": ("brigitte", crediting),
    "configuration": ("claire", configuration),
}


def main(names: list[str]) -> None:
    """Play the scenes of these names, wide and on a phone."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(**CHROMIUM)
        for name in names or SCENES:
            login, scene = SCENES[name]
            for viewport in (WIDE, PHONE):
                print(f"{name}, {viewport['width']} px", flush=True)
                scene(Walk(browser, os.environ["TIMEBILL_URL"], login, viewport))
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1:])
