from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Labels, help and views get the translations of this version.

    An upgrade keeps the translations that are there, also those of a text that has changed: the help of a field would
    go on to explain what the field was before. Records that people may change (``noupdate``) keep theirs.
    """
    Module = api.Environment(cr, SUPERUSER_ID, {})["ir.module.module"]
    addons = Module.search([("name", "=like", "timebill%"), ("state", "=", "installed")]).mapped("name")
    languages = [code for code, _name in Module.env["res.lang"].get_installed() if code != "en_US"]
    Module._load_module_terms(addons, languages, overwrite=True)
