def window_action(window, name, size, /, **context):
    """Action that opens a window which is saved already, in a dialog.

    :param size: of the dialog, as Odoo's ``dialog_size`` calls it
    """
    return {
        "type": "ir.actions.act_window",
        "name": name,
        "res_model": window._name,
        "res_id": window.id,
        "views": [(False, "form")],
        "target": "new",
        "context": {**context, "dialog_size": size},
    }
