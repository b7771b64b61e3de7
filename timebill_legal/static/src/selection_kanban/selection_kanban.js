import { registry } from "@web/core/registry";
import { KanbanCogMenu } from "@web/views/kanban/kanban_cog_menu";
import { KanbanController } from "@web/views/kanban/kanban_controller";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { MultiRecordViewButton } from "@web/views/view_button/multi_record_view_button";

// On a phone, the buttons on selected cards are in the cog. Odoo hides it when it holds nothing else.
class SelectionCogMenu extends KanbanCogMenu {
    get hasItems() {
        return super.hasItems || Boolean(this.props.slots?.default);
    }
}

// And it leaves the menu of the cog open, with the Enter key, under the window that a button opens.
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
