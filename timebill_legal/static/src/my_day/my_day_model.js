import { groupBy } from "@web/core/utils/arrays";
import { KeepLast, Mutex } from "@web/core/utils/concurrency";
import { Reactive } from "@web/core/utils/reactive";
import { deserializeDate, serializeDate } from "@web/core/l10n/dates";
import { getKind } from "../activity_kinds";
import { refreshAfterEntry } from "../entry_dialog/refresh_after_entry";

const MODEL = "timebill.my.day";

const sum = (list, name) => list.reduce((total, item) => total + (item[name] || 0), 0);

const isTimed = ({ kind }) => Boolean(getKind(kind).is_timed);

/** Whether a candidate has all that an activity needs. */
export function isTickable(row) {
    const { matter, minutes, quantity, is_forgotten } = row;
    return Boolean(matter && (isTimed(row) ? minutes : quantity > 0) && !is_forgotten);
}

/**
 * A week of one person: the activities entered and the candidates for others. Everything that the page "My day"
 * shows is computed from it, and every request of that page is made here.
 */
export class MyDayModel extends Reactive {
    /**
     * @param {Object} services of the environment, not of a component: "Undo" may be clicked after the page was left
     * @param {Object} [state] what `exportState` returned
     */
    constructor(services, { date = false, isWeek = false, person = false, typed = {} } = {}) {
        super();
        const { action, name, orm } = services;
        Object.assign(this, { action, name, orm });
        this.date = date; // the chosen day, also while the whole week is shown
        this.isWeek = isWeek;
        this.person = person;
        // The user's changes to candidates, kept when the week is read again: {key of the candidate: values}
        this.typed = typed;
        this.week = null;
        this.candidates = [];
        this.isBusy = false;
        this.isLeft = false; // the page was left, and this model with it
        this.keepLast = new KeepLast();
        this.mutex = new Mutex(); // no answer is older than the change that was sent before it
    }

    exportState() {
        const { date, isWeek, person, typed } = this;
        return { date, isWeek, person, typed };
    }

    //-------------------------------------------------------------------------
    // Figures
    //-------------------------------------------------------------------------

    get isToday() {
        return this.date === this.week.today;
    }

    isShown({ date }) {
        return this.isWeek || date === this.date;
    }

    /** The seven days, each with its activities and candidates. */
    get days() {
        const activities = groupBy(this.week.activities, "date");
        const candidates = groupBy(
            this.candidates.filter(({ is_ignored }) => !is_ignored),
            "date"
        );
        return this.week.days.map((day) => ({
            ...day,
            activities: activities[day.date] || [],
            candidates: candidates[day.date] || [],
            minutes: sum(activities[day.date] || [], "duration"),
            isChosen: day.date === this.date,
            isToday: day.date === this.week.today,
        }));
    }

    get shownDays() {
        return this.days.filter((day) => this.isShown(day));
    }

    get activities() {
        return this.week.activities.filter((activity) => this.isShown(activity));
    }

    /** The candidates shown, without the ignored ones. */
    get rows() {
        return this.candidates.filter((row) => this.isShown(row) && !row.is_ignored);
    }

    get ignored() {
        return this.candidates.filter((row) => this.isShown(row) && row.is_ignored);
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

    /** Minutes of the candidates that would be converted. */
    get tickedMinutes() {
        return sum(this.ticked.filter(isTimed), "minutes");
    }

    /** Minutes of the activities shown. */
    get totals() {
        return {
            minutes: sum(this.activities, "duration"),
            billable: sum(this.activities, "billable_duration"),
        };
    }

    /** Minutes entered and minutes to enter, without the days of the week that are still to come. */
    get progress() {
        const days = this.shownDays.filter(({ date }) => date <= this.week.today);
        return { minutes: sum(days, "minutes"), target: sum(days, "target") };
    }

    //-------------------------------------------------------------------------
    // Navigation
    //-------------------------------------------------------------------------

    async load(date = this.date, person = this.person) {
        const week = await this.keepLast.add(
            this.mutex.exec(() => this.orm.call(MODEL, "get_week", [date, person]))
        );
        this.show(week, date || week.today);
    }

    show(week, date) {
        const { person } = week;
        const candidates = week.candidates.map((candidate) => {
            const key = `${person},${candidate.model},${candidate.id}`;
            const typed = (this.typed[key] ||= {});
            return { ...candidate, key, isTicked: !candidate.reason, typed, ...typed };
        });
        // A matter that was chosen on the page has no name here; the name service reads it.
        const matters = candidates.map(({ matter }) => matter).filter((matter) => matter?.display_name);
        this.name.addDisplayNames(
            "timebill.matter",
            Object.fromEntries(matters.map(({ id, display_name }) => [id, display_name]))
        );
        Object.assign(this, { week, person, candidates, date });
    }

    /** Show a day; the server is asked for those of another week only. */
    async goTo(date) {
        if (this.week.days.some((day) => day.date === date)) {
            this.date = date;
        } else {
            await this.load(date);
        }
    }

    /** Go some days forward, or some weeks when a whole week is shown. */
    step(number) {
        const unit = this.isWeek ? "weeks" : "days";
        return this.goTo(serializeDate(deserializeDate(this.date).plus({ [unit]: number })));
    }

    //-------------------------------------------------------------------------
    // Changes
    //-------------------------------------------------------------------------

    /** Change a candidate on the page; it stays changed when the week is read again. */
    edit(row, values) {
        Object.assign(row, values);
        Object.assign(row.typed, values);
    }

    tickAll(isTicked) {
        for (const row of this.tickable) {
            this.edit(row, { isTicked });
        }
    }

    /**
     * Convert the ticked candidates into activities.
     *
     * @returns {Promise<number[]>} ids of the activities
     */
    async convert() {
        const entries = this.ticked.map((row) => ({
            model: row.model,
            id: row.id,
            kind: row.kind,
            matter_id: row.matter.id,
            ...(row.type && { type_id: row.type }),
            ...(isTimed(row) ? { duration: row.minutes } : { quantity: row.quantity }),
        }));
        this.isBusy = true;
        try {
            const { entered } = await this.change("convert", entries);
            return entered;
        } finally {
            this.isBusy = false;
        }
    }

    /** The candidates come back, with the user's changes to them. */
    async undo(activityIds) {
        await this.orm.call("timebill.activity", "action_undo_conversion", [activityIds]);
        await this.refresh(() => this.load());
    }

    async ignore({ model, id }, isIgnored) {
        await this.change("ignore", [{ model, id }], isIgnored);
    }

    /** Call a method that changes candidates and returns the week; read the week again if it was refused. */
    async change(method, ...args) {
        const { date, person } = this;
        try {
            const result = await this.mutex.exec(() =>
                this.orm.call(MODEL, method, [...args, date, person])
            );
            await this.refresh(() => this.update(result));
            return result;
        } catch (error) {
            this.refresh(() => this.load());
            throw error;
        }
    }

    /** Show a changed week, unless the user went on to another week or person meanwhile. */
    update(week) {
        if (week.person === this.person && week.days.some(({ date }) => date === this.date)) {
            this.show(week, this.date);
        }
    }

    /** Call `show`; if the page was left, refresh the page that is shown instead of it. */
    async refresh(show) {
        await (this.isLeft ? refreshAfterEntry(this.action) : show());
    }
}
