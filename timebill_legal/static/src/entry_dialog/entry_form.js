import { registry } from "@web/core/registry";
import { hasTouch } from "@web/core/browser/feature_detection";
import { getActiveHotkey } from "@web/core/hotkeys/hotkey_service";
import { useBus } from "@web/core/utils/hooks";
import { getNextTabableElement, getTabableElements } from "@web/core/utils/ui";
import { FormController } from "@web/views/form/form_controller";
import { FormRenderer } from "@web/views/form/form_renderer";
import { formView } from "@web/views/form/form_view";
import { useEntryDraft } from "./entry_draft";

import { onMounted, useEffect, useExternalListener, useRef } from "@odoo/owl";

export class EntryFormController extends FormController {
    setup() {
        super.setup();
        this.isTyping = false;
        useBus(this.model.bus, "FIELD_IS_DIRTY", ({ detail }) => (this.isTyping = detail));
        this.draft = useEntryDraft(this);
        useEffect(() => this.draft.keep(this.rootRef.el));
        useExternalListener(document, "input", ({ target }) => {
            if (this.rootRef.el?.contains(target)) {
                this.draft.keep(this.rootRef.el);
            }
        });
        onMounted(() => this.draft.resume());
    }

    onRecordSaved(record, changes) {
        this.draft.forget();
        return super.onRecordSaved(record, changes);
    }

    beforeExecuteActionButton(clickParams) {
        if (clickParams.special === "cancel") {
            this.draft.forget();
        }
        return super.beforeExecuteActionButton(clickParams);
    }

    /** Do not save when the page is closed, as Odoo does: the user has not decided to enter the activity. */
    async beforeUnload(ev) {
        if (this.isTyping || this.model.root.dirty) {
            ev.preventDefault();
            ev.returnValue = "Unsaved changes";
        }
    }
}

/** The fields that may get the focus, in this order: the matter, unless it is chosen, then the duration or quantity. */
const FOCUSED_FIELDS = ["matter_id", "duration", "quantity"];

const HEADERS = ".o_notebook_headers";

/** Form that focuses the field to type in when it opens and after a click on a tab or a chip. */
export class EntryFormRenderer extends FormRenderer {
    setup() {
        super.setup();
        this.rootRef = useRef("compiled_view_root");
        useEffect(
            () => this.goOn(),
            () => [this.rootRef.el, this.props.record.data.kind, this.props.record.data.matter_id?.id]
        );
        useExternalListener(document, "click", ({ target }) => {
            if (target.closest(".o_timebill_kind_tabs")) {
                this.goOn(); // also when the tab is the open one, hence no field changes
            }
        });
        useExternalListener(document, "keydown", (ev) => this.onKeydown(ev));
    }

    /** Focus the field to type in, unless the focus is in the form. */
    goOn() {
        const root = this.rootRef.el;
        // A phone would open its keyboard over the chips.
        if (root && !hasTouch() && !this.isTyping) {
            this.findInput(root)?.focus();
        }
    }

    /** The Tab key goes on to the description and skips the tabs of the notebook; Shift+Tab reaches them. */
    onKeydown(ev) {
        const root = this.rootRef.el;
        if (getActiveHotkey(ev) !== "tab" || !root?.contains(ev.target) || ev.target.closest(HEADERS)) {
            return;
        }
        if (getNextTabableElement(root)?.closest(HEADERS)) {
            const [first] = getTabableElements(root.querySelector(".o_notebook_content"));
            first?.focus();
            ev.preventDefault();
        }
    }

    get shouldAutoFocus() {
        return false;
    }

    /** Whether a control of the form has the focus; after a click on a tab or a chip, none has. */
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
