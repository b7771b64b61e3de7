"""Records that the program creates with all rights."""

from odoo.tools.misc import clean_context

#: Context key: no default of the current user applies, see ``ir.default``.
NO_PERSONAL_DEFAULTS = "timebill_no_personal_defaults"


def without_personal_defaults(records):
    """``records`` in an environment in which no default of the user applies; under sudo, they would."""
    return records.with_context(**{NO_PERSONAL_DEFAULTS: True})


def create_sudo(model, values):
    """Create records of ``model`` with all rights, from these values and the defaults of the model alone.

    Neither those of the user apply, who can have one for any field of any model, nor those of a window. The caller
    says in a comment why it may.

    :param values: dict, or list of dict
    :return: the records under sudo
    """
    sudo = model.sudo()
    clean = sudo.with_context(clean_context(sudo.env.context))  # pylint: disable=context-overridden
    return without_personal_defaults(clean).create(values).with_env(sudo.env)
