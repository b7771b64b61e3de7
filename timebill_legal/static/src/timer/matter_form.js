import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { formView } from "@web/views/form/form_view";
import { FormController } from "@web/views/form/form_controller";

import { useEffect, useExternalListener } from "@odoo/owl";

/** Form of a matter: for users who chose automatic timers, a timer runs while it is open. */
export class MatterFormController extends FormController {
    setup() {
        super.setup();
        const timers = useService("timebill_timer");
        if (!timers.isAuto) {
            return;
        }
        useEffect(
            (matterId) => {
                if (matterId) {
                    timers.enter(matterId);
                    return () => timers.leave(matterId);
                }
            },
            () => [this.model.root?.resId]
        );
        useExternalListener(window, "pagehide", () => {
            if (this.model.root?.resId) {
                timers.leaveWithPage(this.model.root.resId);
            }
        });
    }
}

registry
    .category("views")
    .add("timebill_matter_form", { ...formView, Controller: MatterFormController });
