import { CheckBox } from "@web/core/checkbox/checkbox";
import { RecordSelector } from "@web/core/record_selectors/record_selector";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { formatDuration, parseDuration } from "../duration_field/duration";

import { Component, useState } from "@odoo/owl";

const ICONS = {
    "calendar.event": "fa-calendar-o",
    "mail.message": "fa-envelope-o",
    "project.task": "fa-check-square-o",
    "timebill.timer": "fa-clock-o",
};

/** Whether all that an activity needs is known of it. */
export function isTickable({ kind, matter, minutes, is_forgotten }) {
    return Boolean(matter && (minutes || kind !== "time") && !is_forgotten);
}

/** Something of the day that is no activity yet; what it lacks is filled in on the spot. */
export class CandidateRow extends Component {
    static template = "timebill_legal.CandidateRow";
    static components = { CheckBox, RecordSelector };
    static props = { row: Object, types: Array, open: Function, ignore: Function };

    setup() {
        this.state = useState({ isWrong: false });
        this.timers = useService("timebill_timer");
        this.matterLabel = _t("Matter");
        this.matterDomain = [["state", "=", "open"]];
        this.formatDuration = formatDuration;
    }

    get row() {
        return this.props.row;
    }

    get isTickable() {
        return isTickable(this.row);
    }

    get isTicked() {
        return this.isTickable && this.row.isTicked;
    }

    get icon() {
        return ICONS[this.row.model] || "fa-circle-o";
    }

    get isRecord() {
        return this.row.model !== "timebill.timer";
    }

    get types() {
        return this.props.types.filter(({ kind }) => kind === this.row.kind);
    }

    /** What the user says outlives a reload of the page's figures. */
    type(values) {
        Object.assign(this.row, values);
        Object.assign(this.row.typed, values);
    }

    onTicked(isTicked) {
        this.type({ isTicked });
    }

    onMatterChosen(matterId) {
        // who has found the matter wants it entered
        this.type({ matter: matterId && { id: matterId }, isTicked: Boolean(matterId) });
    }

    onTypeChosen(ev) {
        this.type({ type: Number(ev.target.value) || false });
    }

    onDurationTyped(ev) {
        let minutes = 0;
        try {
            minutes = parseDuration(ev.target.value);
            ev.target.value = minutes ? formatDuration(minutes) : "";
        } catch {
            // nothing that could be entered
        }
        this.state.isWrong = !minutes;
        this.type({ minutes, isTicked: Boolean(minutes) });
    }

    onAsk() {
        return this.timers.askNow({ id: this.row.id });
    }
}
