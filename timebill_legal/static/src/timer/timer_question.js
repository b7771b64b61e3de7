import { _t } from "@web/core/l10n/translation";
import { Dialog } from "@web/core/dialog/dialog";
import { formatDuration, parseDuration } from "../duration_field/duration";

import { Component, useState } from "@odoo/owl";

/** Asks what to keep of an interval during which the timer seems to have been forgotten. */
export class TimerQuestion extends Component {
    static template = "timebill_legal.TimerQuestion";
    static components = { Dialog };
    static props = { close: Function, timer: Object, answer: Function };

    setup() {
        this.question = this.props.timer.question;
        this.state = useState({ keep: "until", until: "", minutes: "", isBusy: false });
    }

    get measured() {
        return formatDuration(Math.ceil(this.question.seconds / 60));
    }

    get text() {
        const values = { ...this.question, measured: this.measured };
        return this.question.stop
            ? _t("It ran from %(start)s to %(stop)s (%(measured)s). What should be kept?", values)
            : _t("It has been running since %(start)s (%(measured)s). What should be kept?", values);
    }

    get allLabel() {
        return _t("All of it: %s", this.measured);
    }

    get minutes() {
        try {
            return parseDuration(this.state.minutes);
        } catch {
            return 0;
        }
    }

    get echo() {
        return this.minutes ? `= ${formatDuration(this.minutes)}` : "";
    }

    get isComplete() {
        const { keep, until, isBusy } = this.state;
        return !isBusy && (keep === "until" ? until : keep === "minutes" ? this.minutes : true);
    }

    async onAnswer() {
        const { keep, until } = this.state;
        const value = { until, minutes: this.minutes }[keep] || false;
        this.state.isBusy = true;
        try {
            await this.props.answer(keep, value);
            this.props.close();
        } finally {
            this.state.isBusy = false;
        }
    }
}
