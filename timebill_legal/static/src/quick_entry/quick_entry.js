import { registry } from "@web/core/registry";
import { ListController } from "@web/views/list/list_controller";
import { ListRenderer } from "@web/views/list/list_renderer";
import { listView } from "@web/views/list/list_view";

import { useEffect } from "@odoo/owl";

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
    Controller: QuickEntryController,
    Renderer: QuickEntryRenderer,
});
