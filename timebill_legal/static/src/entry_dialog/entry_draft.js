import { browser } from "@web/core/browser/browser";
import { deserializeDate, serializeDate } from "@web/core/l10n/dates";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { user } from "@web/core/user";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";
import { formatDuration } from "../duration_field/duration";

import { Component, onWillUnmount, useState } from "@odoo/owl";

const ACTION = "timebill_legal.timebill_activity_action_entry";
const FIELDS = [
    "kind",
    "matter_id",
    "partner_id",
    "type_id",
    "user_id",
    "date",
    "duration",
    "billable_duration",
    "quantity",
    "billable",
    "with_parts",
    "description",
    "note",
];
const PRICE_FIELDS = ["price_unit", "price_is_typed"];
const HOURS_KEPT = 12;

/**
 * What was typed in entry dialogs and is not saved, by the token of the form. It is kept in the browser for this tab
 * alone, hence also when the page is left or the session expires, and never reaches another user or the server.
 */
const drafts = {
    get key() {
        return `timebill_entry_drafts_${user.userId}`;
    },
    read() {
        const kept = JSON.parse(browser.sessionStorage.getItem(this.key) || "{}");
        const oldest = Date.now() - HOURS_KEPT * 3600 * 1000;
        return Object.fromEntries(Object.entries(kept).filter(([, draft]) => draft.time > oldest));
    },
    write(all) {
        browser.sessionStorage.setItem(this.key, JSON.stringify(all));
    },
    set(token, draft) {
        this.write({ ...this.read(), [token]: { ...draft, time: Date.now() } });
    },
    delete(token) {
        const { [token]: deleted, ...others } = this.read();
        if (deleted) {
            this.write(others);
        }
        return deleted;
    },
    /** The latest one of another form: [token, draft], or undefined. */
    findOther(token) {
        const others = Object.entries(this.read()).filter(([other]) => other !== token);
        return others.sort(([, a], [, b]) => b.time - a.time)[0];
    },
};

/** Name of a field's value that can be stored, and back. */
function toStored(value) {
    return value?.isLuxonDateTime ? { date: serializeDate(value) } : value;
}

function fromStored(value) {
    return value?.date ? deserializeDate(value.date) : value;
}

/** What the user recognizes the draft by. */
function getLabel({ matter_id, type_id, duration, description }) {
    const parts = [matter_id?.display_name, type_id?.display_name, duration && formatDuration(duration), description];
    return parts.filter(Boolean).join(" · ");
}

/** Keeps what is typed in an entry dialog until it is saved or cancelled. */
export class EntryDraft {
    constructor(controller) {
        this.controller = controller;
        this.isOver = false;
    }

    get record() {
        return this.controller.model.root;
    }

    get token() {
        return this.record.data.entry_token;
    }

    /** @param {HTMLElement} root with the text that is being typed */
    keep(root) {
        const { record } = this;
        if (this.isOver || !record.isNew || !this.token || !(record.dirty || this.controller.isTyping)) {
            return;
        }
        const names = record.data.price_is_typed ? [...FIELDS, ...PRICE_FIELDS] : FIELDS;
        const values = {};
        for (const name of names.filter((field) => field in record.activeFields)) {
            const { value } = root?.querySelector(`.o_field_widget[name=${name}] textarea`) || {};
            values[name] = value === undefined ? toStored(record.data[name]) : value || false;
        }
        const { context } = this.controller.props;
        drafts.set(this.token, { values, context, label: getLabel(values) });
    }

    /** Fill in the form with the draft that its context names. */
    async resume() {
        const draft = drafts.delete(this.controller.props.context.timebill_resume);
        if (draft) {
            const { price_unit, price_is_typed, ...values } = Object.fromEntries(
                Object.entries(draft.values).map(([name, value]) => [name, fromStored(value)])
            );
            await this.record.update(values);
            if (price_is_typed) {
                await this.record.update({ price_unit, price_is_typed });
            }
        }
    }

    forget() {
        this.isOver = true;
        drafts.delete(this.token);
    }
}

/** Open the entry dialog again with a draft. */
function resume(action, [token, { context }]) {
    return action.doAction(ACTION, { additionalContext: { ...context, timebill_resume: token } });
}

/** Close the message about the last draft: the next dialog offers it. */
let closeNotice = () => {};

/** Keep a draft of the dialog, and tell the user when it is closed with one. */
export function useEntryDraft(controller) {
    const action = useService("action");
    const notification = useService("notification");
    const draft = new EntryDraft(controller);
    closeNotice();
    onWillUnmount(() => {
        const { token } = draft;
        const kept = drafts.read()[token];
        if (kept && !draft.isOver) {
            closeNotice = notification.add(_t("Not saved: %s", kept.label), {
                type: "warning",
                buttons: [
                    {
                        name: _t("Resume"),
                        primary: true,
                        onClick: () => resume(action, [token, kept]),
                    },
                ],
            });
        }
    });
    return draft;
}

/** Offers in the entry dialog what was typed before and not saved. */
export class EntryDraftWidget extends Component {
    static template = "timebill_legal.EntryDraftWidget";
    static props = { ...standardWidgetProps };

    setup() {
        this.action = useService("action");
        this.state = useState({ isIgnored: false });
    }

    /** Odoo opens a form with values of its cache, and replaces them: the token of the form is not known from the start. */
    get draft() {
        const { record } = this.props;
        const isOffered = record.isNew && !record.context.timebill_resume && !this.state.isIgnored;
        return isOffered && drafts.findOther(record.data.entry_token);
    }

    onResume() {
        return resume(this.action, this.draft);
    }

    onIgnore() {
        drafts.delete(this.draft[0]);
        this.state.isIgnored = true;
    }
}

registry.category("view_widgets").add("timebill_entry_draft", { component: EntryDraftWidget });
