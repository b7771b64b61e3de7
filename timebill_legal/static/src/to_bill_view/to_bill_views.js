import { registry } from "@web/core/registry";
import { listView } from "@web/views/list/list_view";
import { selectionKanbanView } from "@timebill_legal/selection_kanban/selection_kanban";
import { ToBillControlPanel } from "./to_bill_control_panel";
import { ToBillSearchModel } from "./to_bill_search_model";

const toBill = { ControlPanel: ToBillControlPanel, SearchModel: ToBillSearchModel };

registry
    .category("views")
    .add("timebill_to_bill_list", { ...listView, ...toBill })
    .add("timebill_to_bill_kanban", { ...selectionKanbanView, ...toBill });
