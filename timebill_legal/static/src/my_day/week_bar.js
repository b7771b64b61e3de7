import { _t } from "@web/core/l10n/translation";
import { deserializeDate } from "@web/core/l10n/dates";
import { formatDuration } from "../duration_field/duration";

import { Component } from "@odoo/owl";

/** A small bar for each day of the week, as high as the share of its target entered, and a dot if it has candidates. */
export class WeekBar extends Component {
    static template = "timebill_legal.WeekBar";
    static props = {
        days: Array,
        isWeek: Boolean,
        onDayChosen: Function,
        onWeekChosen: Function,
    };

    getInitial({ date }) {
        return deserializeDate(date).toLocaleString({ weekday: "narrow" });
    }

    getHeight({ minutes, target }) {
        const full = target || 8 * 60; // so that work on a day without target shows too
        return Math.min(100, Math.round((minutes / full) * 100));
    }

    isReached({ minutes, target }) {
        return minutes > 0 && minutes >= target;
    }

    getLabel({ date, minutes, target, candidates }) {
        const day = deserializeDate(date).toLocaleString({ weekday: "long", day: "numeric" });
        const values = { day, minutes: formatDuration(minutes), target: formatDuration(target) };
        const label = target
            ? _t("%(day)s: %(minutes)s of %(target)s", values)
            : _t("%(day)s: %(minutes)s", values);
        return candidates.length ? _t("%(label)s, %(count)s to enter", { label, count: candidates.length }) : label;
    }

    get total() {
        return formatDuration(this.props.days.reduce((total, { minutes }) => total + minutes, 0));
    }

    get target() {
        const target = this.props.days.reduce((total, day) => total + day.target, 0);
        return target && formatDuration(target);
    }
}
