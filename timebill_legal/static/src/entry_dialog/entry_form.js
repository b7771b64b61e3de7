import { registry } from "@web/core/registry";
import { hasTouch } from "@web/core/browser/feature_detection";
import { FormController } from "@web/views/form/form_controller";
import { FormRenderer } from "@web/views/form/form_renderer";
import { formView } from "@web/views/form/form_view";

import { useEffect, useRef } from "@odoo/owl";

export class EntryFormController extends FormController {
    /** Odoo saves the form when the page is closed: what was not entered is no activity. */
    async beforeUnload(ev) {
        if (this.model.root.dirty) {
            ev.preventDefault();
            ev.returnValue = "Unsaved changes";
        }
    }
}

/** Where one types first: the matter, then what makes the amount. */
const FOCUSED_FIELDS = ["matter_id", "duration", "quantity"];

/** Form that has the focus where typing goes on: at the opening, and after a click on a tab or on a chip. */
export class EntryFormRenderer extends FormRenderer {
    setup() {
        super.setup();
        const rootRef = useRef("compiled_view_root");
        useEffect(
            (root) => {
                // a phone would open its keyboard over the chips
                if (root && !hasTouch() && !this.isTyping) {
                    this.findInput(root)?.focus();
                }
            },
            () => [rootRef.el, this.props.record.data.kind, this.props.record.data.matter_id?.id]
        );
    }

    get shouldAutoFocus() {
        return false;
    }

    /** A click on a tab or a chip leaves no control of this form focused. */
    get isTyping() {
        const { activeElement } = document;
        return Boolean(activeElement?.closest(".o_timebill_activity_dialog"));
    }

    findInput(root) {
        const { data } = this.props.record;
        for (const name of FOCUSED_FIELDS) {
            const input = root.querySelector(`.o_field_widget[name=${name}] input`);
            if (input && !(name === "matter_id" && data.matter_id)) {
                return input;
            }
        }
    }
}

registry.category("views").add("timebill_entry", {
    ...formView,
    Controller: EntryFormController,
    Renderer: EntryFormRenderer,
});
