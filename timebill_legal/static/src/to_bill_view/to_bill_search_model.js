import { browser } from "@web/core/browser/browser";
import { serializeDate } from "@web/core/l10n/dates";
import { SearchModel } from "@web/search/search_model";

const { DateTime } = luxon;

/** Where the date that the user chose stays until the end of the day, in this window of the browser. */
const KEY = "timebill_cutoff";
const getToday = () => serializeDate(DateTime.local());

/**
 * Adds to the context of the whole view the date up to which work is shown, or false for all of it. Favorites do not
 * save it: a date saved today is wrong next month.
 */
export class ToBillSearchModel extends SearchModel {
    async load(config) {
        const lastMonthEnd = DateTime.local().minus({ months: 1 }).endOf("month");
        const { day, cutoff } = JSON.parse(browser.sessionStorage.getItem(KEY) || "{}");
        this.cutoff =
            day === getToday() ? cutoff : (config.context?.timebill_cutoff ?? serializeDate(lastMonthEnd));
        await super.load(config);
    }

    get context() {
        return { ...super.context, timebill_cutoff: this.cutoff };
    }

    setCutoff(cutoff) {
        this.cutoff = cutoff;
        browser.sessionStorage.setItem(KEY, JSON.stringify({ day: getToday(), cutoff }));
        return this._notify();
    }

    /**
     * The form view keeps the state of the list from which it was opened, but only the keys that Odoo has: hence the
     * place of the date.
     */
    exportState() {
        const state = super.exportState();
        state.searchPanelInfo = { ...state.searchPanelInfo, cutoff: this.cutoff };
        return state;
    }

    _importState(state) {
        super._importState(state);
        this.cutoff = state.searchPanelInfo.cutoff ?? this.cutoff;
    }
}
