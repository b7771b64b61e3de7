import { useCommand } from "@web/core/commands/command_hook";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { session } from "@web/session";
import { getKinds } from "../activity_kinds";
import { refreshAfterEntry } from "../entry_dialog/refresh_after_entry";

import { Component, useRef } from "@odoo/owl";

const ENTRY_ACTION = "timebill_legal.timebill_activity_action_entry";
const QUICK_ENTRY_ACTION = "timebill_legal.timebill_activity_action_quick";
const CATEGORY = "timebill_entry";

/** The "+" of the navigation bar, which opens the entry dialog from any page. */
export class EntrySystray extends Component {
    static template = "timebill_legal.EntrySystray";
    static props = [];

    setup() {
        this.action = useService("action");
        this.buttonRef = useRef("button");
        const hotkey = {
            hotkey: "alt+shift+s",
            hotkeyOptions: {
                bypassEditableProtection: true,
                withOverlay: () => this.buttonRef.el,
            },
        };
        for (const { kind, command_label } of getKinds()) {
            this.useEntryCommand(command_label, () => this.open(kind), kind === "time" ? hotkey : {});
        }
        this.useEntryCommand(_t("Quick entry"), () => this.action.doAction(QUICK_ENTRY_ACTION), {
            hotkey: "alt+shift+e",
            hotkeyOptions: { bypassEditableProtection: true },
        });
    }

    useEntryCommand(label, open, options) {
        const action = () => {
            open(); // not returned: the command palette takes what an action returns for another palette
        };
        useCommand(label, action, { category: CATEGORY, ...options });
    }

    open(kind) {
        return this.action.doAction(ENTRY_ACTION, {
            additionalContext: { default_kind: kind },
            onClose: () => refreshAfterEntry(this.action),
        });
    }
}

registry.category("command_categories").add(CATEGORY, {}, { sequence: 35 });

registry.category("systray").add(
    "timebill_legal.entry",
    { Component: EntrySystray, isDisplayed: () => session.timebill_entry },
    { sequence: 28 } // between the timer and Odoo's messages
);
