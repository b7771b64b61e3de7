def migrate(cr, version):
    """Annexes of confidential matters are never public, whatever defaults a user had when they were made."""
    cr.execute(
        "UPDATE ir_attachment SET public = FALSE, access_token = NULL"
        " WHERE res_model = 'timebill.matter' AND (public OR access_token IS NOT NULL)"
    )
