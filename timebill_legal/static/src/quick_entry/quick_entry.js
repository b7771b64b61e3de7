import { registry } from "@web/core/registry";
import { Field } from "@web/views/fields/field";
import { ListArchParser } from "@web/views/list/list_arch_parser";
import { ListController } from "@web/views/list/list_controller";
import { ListRenderer } from "@web/views/list/list_renderer";
import { listView } from "@web/views/list/list_view";

import { useEffect } from "@odoo/owl";

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
    }

    /** Enter pressed twice asks for one line. */
    createRecord(params) {
        this.creating ||= super.createRecord(params).finally(() => (this.creating = null));
        return this.creating;
    }

    /** Odoo saves the edited line when the page is closed, be it as it was opened. */
    async beforeUnload(ev) {
        if (!this.editedRecord?.canBeAbandoned) {
            await super.beforeUnload(ev);
        }
    }
}

/** Typing begins at the matter: the date before it is that of the last line. */
export class QuickEntryRenderer extends ListRenderer {
    static template = "timebill_legal.QuickEntryRenderer";

    focusCell(column, ...args) {
        const isNew = this.editedRecord?.isNew && !this.cellToFocus;
        const matter = isNew && this.columns.find(({ name }) => name === "matter_id");
        return super.focusCell(matter || column, ...args);
    }

    /** What the timekeeper of the edited line has entered for its day. */
    get dayTotal() {
        return this.editedRecord?.data.day_total;
    }
}

registry.category("views").add("timebill_quick_entry", {
    ...listView,
    ArchParser: QuickEntryArchParser,
    Controller: QuickEntryController,
    Renderer: QuickEntryRenderer,
});
