import { Chatter } from "@mail/chatter/web_portal/chatter";
import { patch } from "@web/core/utils/patch";
import { session } from "@web/session";

patch(Chatter.prototype, {
    /** Two buttons called "Activity" must not stand side by side: Odoo's own plans a reminder. */
    get isPlanningRelabelled() {
        return session.timebill_relabel_planning;
    },
});
