import { registry } from "@web/core/registry";
import { kanbanView } from "@web/views/kanban/kanban_view";
import { listView } from "@web/views/list/list_view";
import { ToBillControlPanel } from "./to_bill_control_panel";
import { ToBillSearchModel } from "./to_bill_search_model";

const toBill = { ControlPanel: ToBillControlPanel, SearchModel: ToBillSearchModel };

registry.category("views").add("timebill_to_bill_list", { ...listView, ...toBill });
registry.category("views").add("timebill_to_bill_kanban", { ...kanbanView, ...toBill });
