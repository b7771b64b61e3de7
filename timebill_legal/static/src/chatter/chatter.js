import { Chatter } from "@mail/chatter/web_portal/chatter";
import { patch } from "@web/core/utils/patch";
import { session } from "@web/session";

patch(Chatter.prototype, {
    /** Whether Odoo's button "Activity", which plans a reminder, is labelled "Plan": ours have another meaning. */
    get isPlanningRelabelled() {
        return session.timebill_relabel_planning;
    },
});
