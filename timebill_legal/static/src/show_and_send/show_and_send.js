import { registry } from "@web/core/registry";

/**
 * Show the validated invoices, then open Odoo's window that sends them on top. Once it is
 * closed, the invoices below say what became of them: sent, or not.
 */
async function showAndSend(env, { params }) {
    const { action } = env.services;
    await action.doAction(params.show);
    await action.doAction(params.send, {
        onClose: () => action.doAction({ type: "ir.actions.client", tag: "soft_reload" }),
    });
}

registry.category("actions").add("timebill_show_and_send", showAndSend);
