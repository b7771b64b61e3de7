import { hasTouch } from "@web/core/browser/feature_detection";
import { _t } from "@web/core/l10n/translation";
import { ConfirmationDialog } from "@web/core/confirmation_dialog/confirmation_dialog";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { useDropdownState } from "@web/core/dropdown/dropdown_hooks";
import { RecordSelector } from "@web/core/record_selectors/record_selector";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useDebounced } from "@web/core/utils/timing";
import { session } from "@web/session";
import { formatDuration } from "../duration_field/duration";

import { Component, onMounted, onWillUpdateProps, useEffect, useRef, useState, xml } from "@odoo/owl";

/** A text is saved this long after the last key. */
const TYPING_DELAY_MS = 800;

/** @returns {string} "12:05", "1:02:05"; "12 min", "1 h 02" where there is no room for seconds */
export function formatClock(seconds, { isShort = false } = {}) {
    const pad = (number) => String(number).padStart(2, "0");
    const [h, m, s] = [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60];
    if (isShort) {
        return formatDuration(Math.floor(seconds / 60)); // "0:33" would be read as seconds
    }
    return h ? `${h}:${pad(m)}:${pad(s)}` : `${pad(m)}:${pad(s)}`;
}

/** Time of one timer: a component of its own, because it is rendered every second. */
export class TimerClock extends Component {
    static template = xml`<span class="o_timebill_timer_clock" t-out="clock"/>`;
    static props = { timer: Object, isShort: { type: Boolean, optional: true } };

    setup() {
        this.timers = useService("timebill_timer");
    }

    get clock() {
        const { timer, isShort } = this.props;
        return formatClock(this.timers.getSeconds(timer), { isShort });
    }
}

/** Description of one timer: a component of its own, because it is rendered at every key. */
export class TimerText extends Component {
    static template = "timebill_legal.TimerText";
    static props = { timer: Object };

    setup() {
        this.timers = useService("timebill_timer");
        this.state = useState({ text: this.props.timer.description });
        this.saveSoon = useDebounced(() => this.saveText(), TYPING_DELAY_MS, {
            execBeforeUnmount: true,
        });
        onWillUpdateProps(({ timer }) => {
            // Show what was typed on another device, unless the user is typing here.
            if (this.state.text === this.props.timer.description) {
                this.state.text = timer.description;
            }
        });
    }

    onInput(ev) {
        this.state.text = ev.target.value;
        this.saveSoon();
    }

    async saveText() {
        this.saveSoon.cancel();
        if (this.state.text !== this.props.timer.description) {
            await this.timers.edit(this.props.timer, { description: this.state.text });
        }
    }
}

/** One timer of the list: matter, activity type and description can be changed while it runs. */
export class TimerRow extends Component {
    static template = "timebill_legal.TimerRow";
    static components = { RecordSelector, TimerClock, TimerText };
    static props = { timer: Object, types: Array, close: Function };

    setup() {
        this.timers = useService("timebill_timer");
        this.dialog = useService("dialog");
        this.matterLabel = _t("Matter");
        this.runLabel = _t("Resume");
        this.pauseLabel = _t("Pause");
    }

    get timer() {
        return this.props.timer;
    }

    onMatterChosen(matterId) {
        return this.timers.edit(this.timer, { matter_id: matterId });
    }

    onTypeChosen(ev) {
        return this.timers.edit(this.timer, { type_id: Number(ev.target.value) || false });
    }

    onRun() {
        return this.timer.running ? this.timers.pause(this.timer) : this.timers.resume(this.timer);
    }

    async onStop() {
        this.props.close();
        await this.timers.stop(this.timer);
    }

    onAsk() {
        this.props.close();
        return this.timers.askNow(this.timer);
    }

    onDiscard() {
        const minutes = Math.ceil(this.timers.getSeconds(this.timer) / 60);
        this.dialog.add(ConfirmationDialog, {
            title: _t("Delete this timer?"),
            body: _t("%s will not be entered.", formatDuration(minutes)),
            confirmLabel: _t("Delete"),
            confirmClass: "btn-danger",
            confirm: () => this.timers.discard(this.timer),
            cancel: () => {},
        });
    }
}

export class TimerList extends Component {
    static template = "timebill_legal.TimerList";
    static components = { TimerRow };
    static props = { close: Function };

    setup() {
        this.timers = useService("timebill_timer");
        this.rootRef = useRef("root");
        this.state = useState({ types: [] });
        onMounted(async () => {
            this.state.types = await this.timers.getTypes();
        });
        this.isNew = false;
        useEffect(
            () => {
                // The matter is chosen next. Not on a phone, which would open its keyboard over the list.
                if (this.isNew && !hasTouch()) {
                    this.rootRef.el.querySelector(".o_running .o_record_selector input")?.focus();
                }
                this.isNew = false;
            },
            () => [this.timers.running?.id]
        );
    }

    onNew() {
        this.isNew = true;
        return this.timers.start();
    }
}

/** The running timer in the navigation bar: one click stops it and opens the entry dialog. */
export class TimerMenu extends Component {
    static template = "timebill_legal.TimerMenu";
    static components = { Dropdown, TimerClock, TimerList };
    static props = {};

    setup() {
        this.timers = useService("timebill_timer");
        this.ui = useService("ui");
        this.dropdown = useDropdownState();
    }

    get running() {
        return this.timers.running;
    }

    get tooltip() {
        const { matter, description } = this.running;
        const work = [matter && matter[1], description].filter(Boolean).join(" · ");
        return work ? _t("Stop and enter: %s", work) : _t("Stop and enter");
    }

    onStop() {
        return this.timers.stop(this.running);
    }
}

registry.category("systray").add(
    "timebill_legal.timer",
    { Component: TimerMenu, isDisplayed: () => Boolean(session.timebill_timer) },
    { sequence: 30 }
);
