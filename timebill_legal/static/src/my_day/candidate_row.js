import { CheckBox } from "@web/core/checkbox/checkbox";
import { RecordSelector } from "@web/core/record_selectors/record_selector";
import { _t } from "@web/core/l10n/translation";
import { useService } from "@web/core/utils/hooks";
import { formatFloat } from "@web/core/utils/numbers";
import { parseFloat } from "@web/views/fields/parsers";
import { formatDuration, parseDuration } from "../duration_field/duration";
import { getKind, getKinds } from "../activity_kinds";
import { isTickable } from "./my_day_model";
import { getSource } from "./sources";

import { Component, useState } from "@odoo/owl";

/** A meeting, task, timer … that can become an activity; the user fills in what is missing. */
export class CandidateRow extends Component {
    static template = "timebill_legal.CandidateRow";
    static components = { CheckBox, RecordSelector };
    static props = {
        row: Object,
        types: Array,
        matterDomain: Array,
        edit: Function, // (row, values)
        open: Function, // (model, id)
        ignore: Function, // (row)
    };

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

    /** Name of a control for screen readers, with that of the row. */
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

    /**
     * Activity types by kind. A timer, or a record that gives the kind itself, keeps its kind; a meeting may be a
     * service at a fixed price.
     */
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

    /** A text that is no amount stays on screen, to be corrected. */
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

    edit(values) {
        this.props.edit(this.row, values);
    }

    onTicked(isTicked) {
        this.edit({ isTicked });
    }

    onMatterChosen(matterId) {
        // Whoever chooses the matter wants to enter the work.
        this.edit({ matter: matterId && { id: matterId }, isTicked: Boolean(matterId) });
    }

    onTypeChosen(ev) {
        const type = this.props.types.find(({ id }) => id === Number(ev.target.value));
        this.state.wrongText = null;
        this.edit(
            type
                ? {
                      type: type.id,
                      kind: type.kind,
                      ...(!this.row.is_fixed && { quantity: type.default_quantity || 1 }),
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
            // 0 is never entered
        }
        this.state.wrongText = amount > 0 ? null : target.value;
        this.edit({ [name]: amount, isTicked: amount > 0 });
        target.value = this.amountText; // OWL does not write it when the amount is the same
    }

    onAsk() {
        return this.timers.askNow({ id: this.row.id });
    }
}
