import { registry } from "@web/core/registry";
import { KanbanCogMenu } from "@web/views/kanban/kanban_cog_menu";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { MultiRecordViewButton } from "@web/views/view_button/multi_record_view_button";

// On a phone, the buttons on selected cards are in the cog menu, which Odoo hides when it has no other item.
class SelectionCogMenu extends KanbanCogMenu {
    get hasItems() {
        return super.hasItems || Boolean(this.props.slots?.default);
    }
}

// When a button is chosen with the Enter key, Odoo leaves the cog menu open under the dialog.
class SelectionButton extends MultiRecordViewButton {
    onClick() {
        this.dropdownControl.closeAll();
        return super.onClick(...arguments);
    }
}

class SelectionKanbanController extends KanbanController {
    static components = {
        ...KanbanController.components,
        CogMenu: SelectionCogMenu,
        MultiRecordViewButton: SelectionButton,
    };
}

/** Kanban whose buttons on selected cards work on a phone. */
export const selectionKanbanView = { ...kanbanView, Controller: SelectionKanbanController };

registry.category("views").add("timebill_selection_kanban", selectionKanbanView);
