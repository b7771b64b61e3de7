import { _t } from "@web/core/l10n/translation";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { registry } from "@web/core/registry";
import { pick } from "@web/core/utils/objects";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { getKinds } from "../activity_kinds";

import { Component } from "@odoo/owl";

/**
 * A button that opens a menu of methods of the record. As with `<button type="object">`, the record is saved before
 * the call, and reloaded once the action is closed.
 */
export class ActionMenu extends Component {
    static template = "timebill_legal.ActionMenu";
    static components = { Dropdown, DropdownItem };
    static props = {
        ...standardWidgetProps,
        label: String,
        items: {
            type: Array,
            element: {
                type: Object,
                shape: { label: String, method: String, context: { type: Object, optional: true } },
            },
        },
        primary: { type: Boolean, optional: true },
        hotkey: { type: String, optional: true },
    };

    onSelected({ method, context }) {
        return this.env.onClickViewButton({
            clickParams: { type: "object", name: method, context },
            getResParams: () =>
                pick(this.props.record, "context", "evalContext", "resModel", "resId", "resIds"),
        });
    }
}

function addActionMenu(name, getProps) {
    registry.category("view_widgets").add(name, {
        component: ActionMenu,
        extractProps: getProps,
    });
}

addActionMenu("timebill_new_activity", () => ({
    label: _t("New activity"),
    primary: true,
    hotkey: "shift+n",
    items: getKinds().map(({ kind, entry_label }) => ({
        label: entry_label,
        method: "timebill_action_new_activity",
        context: { timebill_kind: kind },
    })),
}));

addActionMenu("timebill_bill_menu", () => ({
    label: _t("Add"),
    items: [
        { label: _t("Create and edit"), method: "timebill_action_bill" },
        {
            label: _t("Create and send…"),
            method: "timebill_action_bill",
            context: { timebill_send: true },
        },
    ],
}));
