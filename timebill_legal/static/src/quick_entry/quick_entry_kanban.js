import { registry } from "@web/core/registry";
import { selectionKanbanView } from "@timebill_legal/selection_kanban/selection_kanban";

/** Cards of the quick entry, on a phone: "New" opens the entry dialog. */
export class QuickEntryKanbanController extends selectionKanbanView.Controller {
    /**
     * Odoo reloads, after the dialog, the list of records that was there when the button was pressed. The first load of
     * the view puts another one in its place: who is faster than that load would not see what was entered.
     */
    createRecord() {
        return this.actionService.doAction(this.props.archInfo.onCreate, {
            additionalContext: this.model.root.context,
            onClose: async () => {
                await this.model.whenReady;
                await this.model.root.load();
            },
        });
    }
}

registry.category("views").add("timebill_quick_entry_kanban", {
    ...selectionKanbanView,
    Controller: QuickEntryKanbanController,
});
