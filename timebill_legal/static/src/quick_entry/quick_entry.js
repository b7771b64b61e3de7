import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useBus, useService } from "@web/core/utils/hooks";
import { Field } from "@web/views/fields/field";
import { ListArchParser } from "@web/views/list/list_arch_parser";
import { ListController } from "@web/views/list/list_controller";
import { ListRenderer } from "@web/views/list/list_renderer";
import { listView } from "@web/views/list/list_view";
import { session } from "@web/session";

import { useEffect, useRef } from "@odoo/owl";

/** As a form does, and a list does not, take the fields that are registered for this view. */
class QuickEntryArchParser extends ListArchParser {
    parseFieldNode(node, models, modelName) {
        return Field.parseFieldNode(node, models, modelName, "list", "timebill_quick_entry");
    }
}

/** List that opens on a new line, ready to be typed. */
export class QuickEntryController extends ListController {
    setup() {
        super.setup();
        useEffect(
            (isReady) => {
                if (isReady) {
                    this.createRecord();
                }
            },
            () => [this.model.isReady]
        );
        this.notification = useService("notification");
        this.isTyping = false;
        useBus(this.model.bus, "FIELD_IS_DIRTY", ({ detail }) => (this.isTyping = detail));
    }

    onWillSaveRecord(record) {
        const { parts_label, with_parts } = record.data;
        this.loggedAsWell = record.isNew && with_parts ? parts_label : "";
        return super.onWillSaveRecord(record);
    }

    /** The list does not show the parts of a composite category: most are no time. */
    onRecordSaved(record) {
        if (this.loggedAsWell) {
            this.notification.add(_t("Logged as well: %s", this.loggedAsWell), { type: "success" });
        }
        return super.onRecordSaved(record);
    }

    /** Enter pressed twice asks for one line. */
    createRecord(params) {
        this.creating ||= super.createRecord(params).finally(() => (this.creating = null));
        return this.creating;
    }

    /** Odoo saves the edited line when the page is closed, be it as it was opened. */
    async beforeUnload(ev) {
        if (this.isTyping || !this.editedRecord?.canBeAbandoned) {
            await super.beforeUnload(ev);
        }
    }
}

/**
 * Typing begins at the matter: the date before it is that of the last line. What is typed while a line is being saved
 * is neither lost nor added to that line: it is for the next one.
 */
export class QuickEntryRenderer extends ListRenderer {
    static template = "timebill_legal.QuickEntryRenderer";

    setup() {
        super.setup();
        this.aheadRef = useRef("ahead");
        this.savedId = undefined; // of the line that is being saved
    }

    /** The timekeeper is a column for who enters work of others. */
    getActiveColumns() {
        return super
            .getActiveColumns()
            .filter(({ name }) => name !== "user_id" || session.timebill_enters_for_others);
    }

    async add(params) {
        const { activeElement } = document;
        const { el } = this.aheadRef;
        const lineId = (this.savedId = this.props.list.editedRecord?.id);
        el.focus({ preventScroll: true });
        try {
            await this.props.onAdd(params);
        } finally {
            this.savedId = undefined;
            if (lineId && this.props.list.editedRecord?.id === lineId) {
                // it was refused
                el.value = "";
                activeElement.focus();
            }
        }
    }

    focusCell(column, ...args) {
        if (this.editedRecord.id === this.savedId) {
            return;
        }
        const isNew = this.editedRecord.isNew && !this.cellToFocus;
        const matter = isNew && this.columns.find(({ name }) => name === "matter_id");
        super.focusCell(matter || column, ...args);
        this.moveAhead();
    }

    /** Put what was typed ahead where the focus is now. */
    moveAhead() {
        const { el } = this.aheadRef;
        if (el.value) {
            const input = document.activeElement;
            input.value = el.value;
            input.dispatchEvent(new Event("input", { bubbles: true }));
            el.value = "";
        }
    }

    /** What the timekeeper of the edited line has entered for its day. */
    get dayTotal() {
        return this.editedRecord?.data.day_total;
    }

    /** What a new line of a composite category logs besides itself. */
    get parts() {
        return this.editedRecord?.isNew && this.editedRecord.data.parts_label;
    }

    onWithParts(isWanted) {
        return this.editedRecord.update({ with_parts: isWanted });
    }
}

registry.category("views").add("timebill_quick_entry", {
    ...listView,
    ArchParser: QuickEntryArchParser,
    Controller: QuickEntryController,
    Renderer: QuickEntryRenderer,
});
