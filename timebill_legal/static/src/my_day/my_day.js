import { _t } from "@web/core/l10n/translation";
import { CheckBox } from "@web/core/checkbox/checkbox";
import { DateTimePicker } from "@web/core/datetime/datetime_picker";
import { Dropdown } from "@web/core/dropdown/dropdown";
import { DropdownItem } from "@web/core/dropdown/dropdown_item";
import { useDropdownState } from "@web/core/dropdown/dropdown_hooks";
import { useHotkey } from "@web/core/hotkeys/hotkey_hook";
import { deserializeDate, serializeDate } from "@web/core/l10n/dates";
import { formatList } from "@web/core/l10n/utils";
import { registry } from "@web/core/registry";
import { groupBy } from "@web/core/utils/arrays";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { formatMonetary } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { getKind, getKinds } from "../activity_kinds";
import { notifyDone } from "../conversion/conversion";
import { formatDuration } from "../duration_field/duration";
import { CandidateRow } from "./candidate_row";
import { MyDayModel } from "./my_day_model";
import { getSource } from "./sources";
import { WeekBar } from "./week_bar";

import { Component, onWillDestroy, onWillStart, useEffect, useExternalListener, useState } from "@odoo/owl";

const ENTRY_ACTION = "timebill_legal.timebill_activity_action_entry";
const QUICK_ENTRY_ACTION = "timebill_legal.timebill_activity_action_quick";
const BADGES = {
    to_bill: "text-bg-info",
    on_hold: "text-bg-warning",
    draft: "text-bg-warning",
    billed: "text-bg-success",
};

/** The candidates of a day or a week above its activities; one click converts those that are ticked. */
export class MyDay extends Component {
    static template = "timebill_legal.MyDay";
    static components = {
        CandidateRow,
        CheckBox,
        DateTimePicker,
        Dropdown,
        DropdownItem,
        Layout,
        WeekBar,
    };
    static props = { ...standardActionServiceProps };

    setup() {
        this.action = useService("action");
        this.timers = useService("timebill_timer");
        this.ui = useService("ui");
        this.picker = useDropdownState();
        this.state = useState({ areIgnoredShown: false });
        this.model = useState(new MyDayModel(this.env.services, this.props.state));
        this.formatDuration = formatDuration;
        this.kinds = getKinds();
        useSetupAction({ getLocalState: () => this.model.exportState() });
        useHotkey(
            "control+enter",
            () => {
                document.activeElement.blur(); // so that the value being typed is taken
                return this.onConvert();
            },
            { bypassEditableProtection: true }
        );
        onWillStart(() => Promise.all([this.timers.loaded, this.model.load()]));
        onWillDestroy(() => {
            this.model.isLeft = true;
        });
        // Meetings are over meanwhile, or it is another day.
        useExternalListener(document, "visibilitychange", () => {
            if (document.visibilityState === "visible") {
                this.model.load();
            }
        });
        // A timer that was paused, here or on another device, becomes a candidate.
        let isShown = false;
        useEffect(
            () => {
                if (isShown) {
                    this.model.load();
                }
                isShown = true;
            },
            () => [this.timers.list.map(({ id, running, question }) => [id, running, !question]).join()]
        );
    }

    //-------------------------------------------------------------------------
    // Texts
    //-------------------------------------------------------------------------

    get isShort() {
        return this.ui.isSmall;
    }

    get day() {
        return deserializeDate(this.model.date);
    }

    get title() {
        const { isWeek, week } = this.model;
        if (!isWeek) {
            const length = this.isShort ? "short" : "long";
            return this.day.toLocaleString({ weekday: length, day: "numeric", month: length });
        }
        const [first, last] = [week.days[0], week.days.at(-1)].map(({ date }) => deserializeDate(date));
        const format = { day: "numeric", month: this.isShort ? "short" : "long" };
        return _t("From %(first)s to %(last)s", {
            first: first.toLocaleString(first.month === last.month ? { day: "numeric" } : format),
            last: last.toLocaleString(format),
        });
    }

    /** Not in the template, where OWL replaces no-break spaces by plain ones. */
    get emptyText() {
        return _t(
            "Your meetings, tasks and timers of the day are proposed here; one click converts them into activities." +
                " Enter the rest with “New activity”, or start the timer."
        );
    }

    get convertLabel() {
        const { ticked, tickedMinutes } = this.model;
        if (!ticked.length) {
            return _t("Convert");
        }
        return _t("Convert %(count)s · %(duration)s", {
            count: ticked.length,
            duration: formatDuration(tickedMinutes),
        });
    }

    /** "At 17:30, 1 h 40 missing of 7 h 00, to enter: 3 meetings and 2 tasks" */
    get gap() {
        const { isToday, isWeek, progress, rows } = this.model;
        const { minutes, target } = progress;
        const values = {
            time: luxon.DateTime.local().toLocaleString(luxon.DateTime.TIME_SIMPLE),
            missing: formatDuration(target - minutes),
            target: formatDuration(target),
            minutes: formatDuration(minutes),
        };
        const isReached = Boolean(target) && minutes >= target;
        let text = "";
        if (isReached) {
            text = _t("%(minutes)s entered of %(target)s", values);
        } else if (target && isToday && !isWeek) {
            text = _t("At %(time)s, %(missing)s missing of %(target)s", values);
        } else if (target) {
            text = _t("%(missing)s missing of %(target)s", values);
        }
        const found = rows.length ? _t("to enter: %s", formatList(this.countedRows)) : "";
        return { isReached, found, text: text && found ? `${text},` : text };
    }

    /** ["3 meetings", "2 tasks"] */
    get countedRows() {
        return Object.entries(groupBy(this.model.rows, "model")).map(([model, rows]) =>
            getSource(model).count(rows.length)
        );
    }

    getLabel(activity) {
        return activity.description || activity.type_id.display_name;
    }

    getTime({ kind, duration }) {
        return getKind(kind).is_timed ? formatDuration(duration) : "";
    }

    getAmount({ amount, currency_id }) {
        return amount === undefined ? "" : formatMonetary(amount, { currencyId: currency_id });
    }

    getBadge({ billing_state }) {
        return BADGES[billing_state] || "text-bg-light";
    }

    getState({ billing_state }) {
        return this.model.week.states[billing_state];
    }

    formatDay({ date }) {
        return deserializeDate(date).toLocaleString({ weekday: "long", day: "numeric", month: "long" });
    }

    //-------------------------------------------------------------------------
    // Handlers
    //-------------------------------------------------------------------------

    async onDayChosen(date) {
        this.model.isWeek = false;
        await this.model.goTo(date);
    }

    onWeekChosen() {
        this.model.isWeek = !this.model.isWeek;
    }

    onDatePicked(day) {
        this.picker.close();
        return this.model.goTo(serializeDate(day));
    }

    onTickAll(isTicked) {
        this.model.tickAll(isTicked);
    }

    onEdit(row, values) {
        this.model.edit(row, values);
    }

    async onConvert() {
        const { isBusy, ticked, tickedMinutes } = this.model;
        const count = ticked.length;
        if (isBusy || !count) {
            return;
        }
        const entered = await this.model.convert();
        const duration = formatDuration(tickedMinutes);
        const message =
            count === 1 ? _t("Entered: %s", duration) : _t("%(count)s entered: %(duration)s", { count, duration });
        notifyDone(this.env.services, message, { undo: () => this.model.undo(entered) });
    }

    /** Ignore a candidate; a click on the wrong one can be undone. */
    async onIgnore(row) {
        await this.model.ignore(row, true);
        notifyDone(this.env.services, _t("Ignored: %s", row.label), {
            undo: () => this.model.ignore(row, false),
        });
    }

    onNewActivity(kind) {
        const { date, person } = this.model;
        return this.action.doAction(ENTRY_ACTION, {
            additionalContext: {
                default_kind: kind,
                default_date: date,
                default_user_id: person,
            },
            onClose: () => this.model.load(date),
        });
    }

    onQuickEntry() {
        return this.action.doAction(QUICK_ENTRY_ACTION);
    }

    onStartTimer() {
        return this.timers.start();
    }

    openRecord(resModel, resId) {
        return this.action.doAction({
            type: "ir.actions.act_window",
            res_model: resModel,
            res_id: resId,
            views: [[false, "form"]],
        });
    }
}

registry.category("actions").add("timebill_my_day", MyDay);
