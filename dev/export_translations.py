"""Run by ``odoo shell`` in a database without demonstration data: write the translation files of our add-ons.

``<addon>.pot`` gets every term, with Odoo's own exporter; ``fr.po`` keeps its translations and gets the new
terms. What there is to do by hand is printed: a new term is empty, or fuzzy when a term that has gone, or Odoo,
had a translation that may do. The order and the header depend on the terms alone, for readable diffs.
"""

import difflib
import io
from datetime import UTC, datetime
from pathlib import Path

import polib
from odoo.modules import get_module_path
from odoo.tools.translate import trans_export

LANGUAGE = "fr"
PLURALS = "nplurals=2; plural=(n > 1);"
#: Where the texts of inherited fields come from (messages, activities, technical fields).
ODOO_ADDONS = ("base", "mail", "account", "project")


def read(path):
    return polib.pofile(str(path)) if Path(path).exists() else polib.POFile()


def export(addon):
    """Return the terms of an add-on as a template."""
    buffer = io.BytesIO()
    trans_export(None, [addon], buffer, "po", env)  # noqa: F821 (the shell's environment)
    template = polib.pofile(buffer.getvalue().decode()) if buffer.getvalue() else polib.POFile()
    # The help of a task's name depends on the installed apps of Odoo, which translate it.
    for entry in list(template):
        if all("fields,help:" in place and place.endswith("__display_name") for place, _line in entry.occurrences):
            template.remove(entry)
    template.header = f"Translation of {addon}."
    template.metadata = {
        "Project-Id-Version": "Odoo Server 19.0",
        "Report-Msgid-Bugs-To": "",
        "Last-Translator": "",
        "Language-Team": "",
        "MIME-Version": "1.0",
        "Content-Type": "text/plain; charset=UTF-8",
        "Content-Transfer-Encoding": "8bit",
    }
    return template


def merge(template, old, odoo):
    """Give the terms of ``template`` their translations; return what is left to do, a line a term."""
    known = {entry.msgid: entry for entry in old if entry.msgstr and not entry.obsolete}
    gone = {msgid: entry.msgstr for msgid, entry in known.items() if template.find(msgid) is None}
    to_do = []
    for entry in template:
        if entry.msgid in known:
            entry.msgstr, entry.flags = known[entry.msgid].msgstr, list(known[entry.msgid].flags)
        else:
            near = difflib.get_close_matches(entry.msgid, gone, n=1, cutoff=0.7)
            entry.msgstr = odoo.get(entry.msgid) or (gone[near[0]] if near else "")
            entry.flags = [*entry.flags, "fuzzy"] if entry.msgstr else entry.flags
        if not entry.msgstr or entry.fuzzy:
            to_do.append(f"{'fuzzy' if entry.msgstr else 'new'}: {entry.msgid!r}")
    return to_do + [f"gone: {msgid!r}" for msgid in gone]


def main():
    odoo = {
        entry.msgid: entry.msgstr
        for addon in ODOO_ADDONS
        for entry in read(f"{get_module_path(addon)}/i18n/{LANGUAGE}.po")
        if entry.msgstr
    }
    addons = env["ir.module.module"].search(  # noqa: F821
        [("name", "=like", r"timebill\_%"), ("state", "=", "installed")], order="name"
    )
    for addon in addons.mapped("name"):
        template = export(addon)
        folder = Path(get_module_path(addon)) / "i18n"
        if not len(template):
            continue
        folder.mkdir(exist_ok=True)
        template.save(str(folder / f"{addon}.pot"))
        path = folder / f"{LANGUAGE}.po"
        old = read(path)
        to_do = merge(template, old, odoo)
        # The date of a change of the translation, not of each export.
        revised = old.metadata.get("PO-Revision-Date")
        if to_do or not revised:
            revised = datetime.now(UTC).strftime("%Y-%m-%d %H:%M+0000")
        template.metadata |= {"PO-Revision-Date": revised, "Language": LANGUAGE, "Plural-Forms": PLURALS}
        template.save(str(path))
        for line in [f"{addon}/i18n/{path.name}: {len(template)} terms, {len(to_do)} changed", *to_do]:
            print("i18n:", line)


main()
