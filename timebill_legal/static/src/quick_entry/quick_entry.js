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

/** Use the field components registered for this view: Odoo does so in forms, not in lists. */
class QuickEntryArchParser extends ListArchParser {
    parseFieldNode(node, models, modelName) {
        return Field.parseFieldNode(node, models, modelName, "list", "timebill_quick_entry");
    }
}

/** List that opens with a new line in edition. */
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

    /** Notify the user of the parts of a composite activity type: most are no time, and not in this list. */
    onRecordSaved(record) {
        if (this.loggedAsWell) {
            this.notification.add(_t("Also logged: %s", this.loggedAsWell), { type: "success" });
        }
        return super.onRecordSaved(record);
    }

    /** One new line, also when Enter is pressed twice. */
    createRecord(params) {
        this.creating ||= super.createRecord(params).finally(() => (this.creating = null));
        return this.creating;
    }

    /** Do not save a line that nobody changed when the page is closed, as Odoo would. */
    async beforeUnload(ev) {
        if (this.isTyping || !this.editedRecord?.canBeAbandoned) {
            await super.beforeUnload(ev);
        }
    }
}

/**
 * A new line has the focus on its matter, because its date is that of the line before. What is typed while a line is
 * being saved goes to the next line: an input outside of the table holds it meanwhile.
 */
export class QuickEntryRenderer extends ListRenderer {
    static template = "timebill_legal.QuickEntryRenderer";

    setup() {
        super.setup();
        this.aheadRef = useRef("ahead");
        this.savedId = undefined; // of the line that is being saved
    }

    /** The column of the timekeeper is for users who enter work of others. */
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
                // the line was refused
                el.value = "";
                activeElement.focus();
                this.props.list.editedRecord.checkValidity({ displayNotification: true });
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

    /** Move what was typed while the line was saved into the focused input. */
    moveAhead() {
        const { el } = this.aheadRef;
        if (el.value) {
            const input = document.activeElement;
            input.value = el.value;
            input.dispatchEvent(new Event("input", { bubbles: true }));
            el.value = "";
        }
    }

    /** Text with the total of the timekeeper of the edited line on its day. */
    get dayTotal() {
        return this.editedRecord?.data.day_total;
    }

    /** Text with the parts that a new line of a composite activity type logs too. */
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
