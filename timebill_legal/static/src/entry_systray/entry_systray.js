import { useCommand } from "@web/core/commands/command_hook";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { session } from "@web/session";
import { refreshAfterEntry } from "../entry_dialog/refresh_after_entry";

import { Component, useRef } from "@odoo/owl";

const ENTRY_ACTION = "timebill_legal.timebill_activity_action_entry";
const CATEGORY = "timebill_entry";

/** The "+" of the navigation bar: the entry dialog at once, whatever is on screen. */
export class EntrySystray extends Component {
    static template = "timebill_legal.EntrySystray";
    static props = [];

    setup() {
        this.action = useService("action");
        this.buttonRef = useRef("button");
        this.useEntryCommand("time", _t("Enter time"), {
            hotkey: "alt+shift+s",
            hotkeyOptions: {
                bypassEditableProtection: true,
                withOverlay: () => this.buttonRef.el,
            },
        });
        this.useEntryCommand("service", _t("Enter a service"));
        this.useEntryCommand("expense", _t("Enter an expense"));
        this.useEntryCommand("disbursement", _t("Enter a disbursement"));
    }

    useEntryCommand(kind, label, options) {
        const open = () => {
            this.open(kind); // nothing returned: the palette would take it for another palette
        };
        useCommand(label, open, { category: CATEGORY, ...options });
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
    { sequence: 28 } // between the chronometer and Odoo's messages
);
