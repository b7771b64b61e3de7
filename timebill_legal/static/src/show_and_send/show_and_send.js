import { registry } from "@web/core/registry";

/**
 * Show the validated invoices, then open Odoo's window that sends them on top: whoever
 * closes that window sees the invoice, and that it was not sent.
 */
async function showAndSend(env, { params }) {
    await env.services.action.doAction(params.show);
    return params.send;
}

registry.category("actions").add("timebill_show_and_send", showAndSend);
