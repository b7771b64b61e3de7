import { CheckBox } from "@web/core/checkbox/checkbox";
import { RecordSelector } from "@web/core/record_selectors/record_selector";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { formatFloat } from "@web/core/utils/numbers";
import { parseFloat } from "@web/views/fields/parsers";
import { formatDuration, parseDuration } from "../duration_field/duration";
import { getKind, getKinds } from "../activity_kinds";
import { getSource } from "./sources";

import { Component, useState } from "@odoo/owl";

/** Whether all that an activity needs is known of it. */
export function isTickable({ kind, matter, minutes, quantity, is_forgotten }) {
    return Boolean(matter && (getKind(kind).is_timed ? minutes : quantity > 0) && !is_forgotten);
}

/** Something of the day that is no activity yet; what it lacks is filled in on the spot. */
export class CandidateRow extends Component {
    static template = "timebill_legal.CandidateRow";
    static components = { CheckBox, RecordSelector };
    static props = { row: Object, types: Array, matterDomain: Array, open: Function, ignore: Function };

    setup() {
        this.state = useState({ wrongText: null });
        this.timers = useService("timebill_timer");
        this.matterLabel = _t("Matter");
        this.typeLabel = _t("Activity Type");
        this.ignoreLabel = _t("Ignore: nothing to enter");
    }

    get row() {
        return this.props.row;
    }

    /** Read aloud, a control says of which row it is. */
    getName(label) {
        return `${label} (${this.row.label})`;
    }

    get isTickable() {
        return isTickable(this.row);
    }

    get isTicked() {
        return this.isTickable && this.row.isTicked;
    }

    get icon() {
        return getSource(this.row.model).icon;
    }

    get isRecord() {
        return this.row.model !== "timebill.timer";
    }

    /** Categories by kind: what was measured or is said is of its kind, a meeting may be a service at a fixed price. */
    get groups() {
        const isFree = this.isRecord && !this.row.is_fixed;
        return getKinds()
            .filter(({ kind, is_cost }) => kind === this.row.kind || (isFree && !is_cost))
            .map((group) => ({
                ...group,
                types: this.props.types.filter(({ kind }) => kind === group.kind),
            }));
    }

    get isTime() {
        return Boolean(getKind(this.row.kind).is_timed);
    }

    get amountLabel() {
        return this.isTime ? _t("Duration") : _t("Quantity");
    }

    get isWrong() {
        return this.state.wrongText !== null;
    }

    /** What is no amount stays, to be corrected. */
    get amountText() {
        const { minutes, quantity } = this.row;
        if (this.isWrong) {
            return this.state.wrongText;
        }
        if (this.isTime) {
            return minutes ? formatDuration(minutes) : "";
        }
        return formatFloat(quantity, { digits: [16, 2], trailingZeros: false });
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
        const type = this.props.types.find(({ id }) => id === Number(ev.target.value));
        this.state.wrongText = null;
        this.type(
            type
                ? {
                      type: type.id,
                      kind: type.kind,
                      ...(!this.row.is_fixed && { quantity: type.default_quantity }),
                  }
                : { type: false }
        );
    }

    onAmountTyped({ target }) {
        const [name, parse] = this.isTime ? ["minutes", parseDuration] : ["quantity", parseFloat];
        let amount = 0;
        try {
            amount = parse(target.value);
        } catch {
            // nothing that could be entered
        }
        this.state.wrongText = amount > 0 ? null : target.value;
        this.type({ [name]: amount, isTicked: amount > 0 });
        target.value = this.amountText; // also when the amount is the same
    }

    onAsk() {
        return this.timers.askNow({ id: this.row.id });
    }
}
