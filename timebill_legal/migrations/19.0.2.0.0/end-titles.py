from odoo import SUPERUSER_ID, api


def migrate(cr, version):
    """Meetings and planned activities of matters that were confidential already lose the title, and outsiders stop
    following what belongs to these matters.
    """
    env = api.Environment(cr, SUPERUSER_ID, {})
    matters = env["timebill.matter"].with_context(active_test=False).search([("confidential", "=", True)])
    for matter in matters:
        matter._hide_titles_sudo()
    matters._sync_followers()
