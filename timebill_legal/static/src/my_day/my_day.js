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
import { KeepLast, Mutex } from "@web/core/utils/concurrency";
import { useService } from "@web/core/utils/hooks";
import { useSetupAction } from "@web/search/action_hook";
import { Layout } from "@web/search/layout";
import { formatMonetary } from "@web/views/fields/formatters";
import { standardActionServiceProps } from "@web/webclient/actions/action_service";
import { getKind, getKinds } from "../activity_kinds";
import { notifyDone } from "../conversion/conversion";
import { formatDuration } from "../duration_field/duration";
import { refreshAfterEntry } from "../entry_dialog/refresh_after_entry";
import { CandidateRow, isTickable } from "./candidate_row";
import { getSource } from "./sources";
import { WeekBar } from "./week_bar";

import { Component, onWillStart, status, useEffect, useExternalListener, useState } from "@odoo/owl";

const MODEL = "timebill.my.day";
const ENTRY_ACTION = "timebill_legal.timebill_activity_action_entry";
const QUICK_ENTRY_ACTION = "timebill_legal.timebill_activity_action_quick";
const BADGES = {
    to_bill: "text-bg-info",
    on_hold: "text-bg-warning",
    draft: "text-bg-warning",
    billed: "text-bg-success",
};

const sum = (list, name) => list.reduce((total, item) => total + (item[name] || 0), 0);

/** What the day holds and is not entered yet, above what is: one press enters what is ticked. */
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
        this.name = useService("name");
        this.services = this.env.services; // for "Undo", which outlives the page
        this.orm = useService("orm");
        this.timers = useService("timebill_timer");
        this.ui = useService("ui");
        this.picker = useDropdownState();
        this.formatDuration = formatDuration;
        this.kinds = getKinds();
        this.isTimed = ({ kind }) => getKind(kind).is_timed;
        // "date" is the day that is shown, also while the whole week is
        this.state = useState({
            date: false,
            isWeek: false,
            isBusy: false,
            areIgnoredShown: false,
            week: null,
            candidates: [],
        });
        Object.assign(this.state, this.props.state?.shown);
        useSetupAction({
            getLocalState: () => {
                const { date, isWeek } = this.state;
                return { shown: { date, isWeek }, person: this.week.person, typed: this.typed };
            },
        });
        useHotkey(
            "control+enter",
            () => {
                document.activeElement.blur(); // what is being typed counts
                return this.convert();
            },
            { bypassEditableProtection: true }
        );
        this.keepLast = new KeepLast();
        this.mutex = new Mutex(); // no answer is older than the change that it follows
        // what the user said of candidates, also of those that come back
        this.typed = this.props.state?.typed || {};
        onWillStart(() =>
            Promise.all([this.timers.loaded, this.load(this.state.date, this.props.state?.person)])
        );
        // meetings are over meanwhile, or it is another day
        useExternalListener(document, "visibilitychange", () => {
            if (document.visibilityState === "visible") {
                this.load(this.state.date);
            }
        });
        // one that paused, here or on another device, is to be entered
        let isShown = false;
        useEffect(
            () => {
                if (isShown) {
                    this.load(this.state.date);
                }
                isShown = true;
            },
            () => [this.timers.list.map(({ id, running, question }) => [id, running, !question]).join()]
        );
    }

    async load(date, person = this.week?.person) {
        const week = await this.keepLast.add(
            this.mutex.exec(() => this.orm.call(MODEL, "get_week", [date || false, person || false]))
        );
        this.show(week, date || week.today);
    }

    show(week, date) {
        const candidates = week.candidates.map((candidate) => {
            const key = `${week.person},${candidate.model},${candidate.id}`;
            const typed = (this.typed[key] ||= {});
            return { ...candidate, key, isTicked: !candidate.reason, typed, ...typed };
        });
        const matters = candidates.map(({ matter }) => matter).filter(Boolean);
        this.name.addDisplayNames(
            "timebill.matter",
            Object.fromEntries(matters.map(({ id, display_name }) => [id, display_name]))
        );
        Object.assign(this.state, { week, candidates, date });
    }

    //-------------------------------------------------------------------------
    // What is shown
    //-------------------------------------------------------------------------

    get week() {
        return this.state.week;
    }

    get isShort() {
        return this.ui.isSmall;
    }

    get day() {
        return deserializeDate(this.state.date);
    }

    get isToday() {
        return this.state.date === this.week.today;
    }

    get title() {
        const { days } = this.week;
        if (!this.state.isWeek) {
            const length = this.isShort ? "short" : "long";
            return this.day.toLocaleString({ weekday: length, day: "numeric", month: length });
        }
        const [first, last] = [days[0], days.at(-1)].map(({ date }) => deserializeDate(date));
        const format = { day: "numeric", month: this.isShort ? "short" : "long" };
        return _t("From %(first)s to %(last)s", {
            first: first.toLocaleString(first.month === last.month ? { day: "numeric" } : format),
            last: last.toLocaleString(format),
        });
    }

    /** Not in the template: OWL makes plain spaces of no-break ones. */
    get emptyText() {
        return _t(
            "Your meetings, tasks and chronometers of the day come here by themselves, and become activities at one" +
                " press. Enter the rest with “New activity”, or start the chronometer."
        );
    }

    isShown({ date }) {
        return this.state.isWeek || date === this.state.date;
    }

    /** The seven days, with what each holds. */
    get days() {
        const { activities, days } = this.week;
        return days.map((day) => ({
            ...day,
            minutes: sum(activities.filter(({ date }) => date === day.date), "duration"),
            candidates: this.state.candidates.filter(
                ({ date, is_ignored }) => date === day.date && !is_ignored
            ),
            activities: activities.filter(({ date }) => date === day.date),
            isChosen: day.date === this.state.date,
            isToday: day.date === this.week.today,
        }));
    }

    /** Those that the page lists, the empty ones of a week left out. */
    get shownDays() {
        return this.days.filter((day) => this.isShown(day));
    }

    get rows() {
        return this.state.candidates.filter((row) => this.isShown(row) && !row.is_ignored);
    }

    get ignored() {
        return this.state.candidates.filter((row) => this.isShown(row) && row.is_ignored);
    }

    get tickable() {
        return this.rows.filter(isTickable);
    }

    get ticked() {
        return this.tickable.filter(({ isTicked }) => isTicked);
    }

    get areAllTicked() {
        return this.ticked.length > 0 && this.ticked.length === this.tickable.length;
    }

    get activities() {
        return this.week.activities.filter((activity) => this.isShown(activity));
    }

    get totals() {
        return {
            minutes: sum(this.activities, "duration"),
            billable: sum(this.activities, "billable_duration"),
        };
    }

    get convertLabel() {
        if (!this.ticked.length) {
            return _t("Convert");
        }
        return _t("Convert %(count)s · %(duration)s", {
            count: this.ticked.length,
            duration: formatDuration(this.sumTime(this.ticked)),
        });
    }

    sumTime(rows) {
        return sum(rows.filter(this.isTimed), "minutes");
    }

    /** "At 17:30, 1 h 40 missing of 7 h 00, to enter: 3 meetings and 2 tasks" */
    get gap() {
        // of a week, nothing is missing yet for the days to come
        const days = this.shownDays.filter(({ date }) => date <= this.week.today);
        const [minutes, target] = [sum(days, "minutes"), sum(days, "target")];
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
        } else if (target && this.isToday && !this.state.isWeek) {
            text = _t("At %(time)s, %(missing)s missing of %(target)s", values);
        } else if (target) {
            text = _t("%(missing)s missing of %(target)s", values);
        }
        const found = this.rows.length ? _t("to enter: %s", formatList(this.countedRows)) : "";
        return { isReached, found, text: text && found ? `${text},` : text };
    }

    /** ["3 meetings", "2 tasks"] */
    get countedRows() {
        return Object.entries(groupBy(this.rows, "model")).map(([model, rows]) =>
            getSource(model).count(rows.length)
        );
    }

    getLabel(activity) {
        return activity.description || activity.type_id.display_name;
    }

    getAmount({ amount, currency_id }) {
        return amount === undefined ? "" : formatMonetary(amount, { currencyId: currency_id });
    }

    getBadge({ billing_state }) {
        return BADGES[billing_state] || "text-bg-light";
    }

    getState({ billing_state }) {
        return this.week.states[billing_state];
    }

    formatDay({ date }) {
        return deserializeDate(date).toLocaleString({ weekday: "long", day: "numeric", month: "long" });
    }

    //-------------------------------------------------------------------------
    // Moving about
    //-------------------------------------------------------------------------

    /** Within the week that was read, nothing is asked of the server. */
    async goTo(date) {
        this.picker.close();
        if (this.week.days.some((day) => day.date === date)) {
            this.state.date = date;
        } else {
            await this.load(date);
        }
    }

    async onDayChosen(date) {
        this.state.isWeek = false;
        await this.goTo(date);
    }

    onWeekChosen() {
        this.state.isWeek = !this.state.isWeek;
    }

    step(number) {
        const unit = this.state.isWeek ? "weeks" : "days";
        return this.goTo(serializeDate(this.day.plus({ [unit]: number })));
    }

    onDatePicked(day) {
        return this.goTo(serializeDate(day));
    }

    onPersonChosen(person) {
        return this.load(this.state.date, person);
    }

    //-------------------------------------------------------------------------
    // Entering
    //-------------------------------------------------------------------------

    onTickAll(isTicked) {
        for (const row of this.tickable) {
            row.isTicked = row.typed.isTicked = isTicked;
        }
    }

    async convert() {
        const rows = this.ticked;
        if (!rows.length || this.state.isBusy) {
            return;
        }
        this.state.isBusy = true;
        try {
            const entries = rows.map(({ model, id, kind, matter, type, minutes, quantity }) => ({
                model,
                id,
                kind,
                matter_id: matter.id,
                ...(type && { type_id: type }),
                ...(getKind(kind).is_timed ? { duration: minutes } : { quantity }),
            }));
            const { entered } = await this.change("convert", entries);
            const duration = formatDuration(this.sumTime(rows));
            const message =
                rows.length === 1
                    ? _t("Entered: %s", duration)
                    : _t("%(count)s entered: %(duration)s", { count: rows.length, duration });
            notifyDone(this.services, message, { undo: () => this.undo(entered) });
        } finally {
            this.state.isBusy = false;
        }
    }

    /** Change candidates, and show what the server makes of it; what it refuses may be out of date here. */
    async change(method, ...args) {
        const { date, week } = this.state;
        try {
            const result = await this.mutex.exec(() =>
                this.services.orm.call(MODEL, method, [...args, date, week.person])
            );
            await this.refresh(() => this.update(result));
            return result;
        } catch (error) {
            this.refresh(() => this.load(this.state.date));
            throw error;
        }
    }

    /** Show what became of a week, unless one has gone on to another meanwhile. */
    update(week) {
        const { date } = this.state;
        if (week.person === this.week.person && week.days.some((day) => day.date === date)) {
            this.show(week, date);
        }
    }

    /** `show` on this page; when it is left, on the one that took its place. */
    async refresh(show) {
        await (status(this) === "destroyed" ? refreshAfterEntry(this.services.action) : show());
    }

    /** Candidates come back as they were, with what was said of them. */
    async undo(activityIds) {
        await this.services.orm.call("timebill.activity", "action_undo_conversion", [activityIds]);
        await this.refresh(() => this.load(this.state.date));
    }

    /** Put one aside, or back; what was pressed by mistake comes back as easily. */
    async ignore(row, isIgnored = true) {
        await this.change("ignore", [{ model: row.model, id: row.id }], isIgnored);
        if (isIgnored) {
            notifyDone(this.services, _t("Ignored: %s", row.label), {
                undo: () => this.ignore(row, false),
            });
        }
    }

    onNewActivity(kind) {
        const { date, week } = this.state;
        return this.action.doAction(ENTRY_ACTION, {
            additionalContext: {
                default_kind: kind,
                default_date: date,
                default_user_id: week.person,
            },
            onClose: () => this.load(date),
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
