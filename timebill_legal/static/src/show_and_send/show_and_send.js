import { registry } from "@web/core/registry";

/**
 * Show the posted invoices and open Odoo's sending dialog on top of them. Once it is closed, the page below is
 * reloaded and shows whether they were sent.
 */
async function showAndSend(env, { params }) {
    const { action } = env.services;
    await action.doAction(params.show);
    await action.doAction(params.send, {
        onClose: () => action.doAction({ type: "ir.actions.client", tag: "soft_reload" }),
    });
}

registry.category("actions").add("timebill_show_and_send", showAndSend);
