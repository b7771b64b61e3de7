import { serializeDate } from "@web/core/l10n/dates";
import { SearchModel } from "@web/search/search_model";

const { DateTime } = luxon;

/**
 * Adds to the context of the whole view the date up to which work is looked at,
 * or false when all of it is. It stays out of the favorites: a date saved today
 * is wrong next month.
 */
export class ToBillSearchModel extends SearchModel {
    async load(config) {
        const lastMonthEnd = DateTime.local().minus({ months: 1 }).endOf("month");
        this.cutoff = config.context?.timebill_cutoff ?? serializeDate(lastMonthEnd);
        await super.load(config);
    }

    get context() {
        return { ...super.context, timebill_cutoff: this.cutoff };
    }

    setCutoff(cutoff) {
        this.cutoff = cutoff;
        return this._notify();
    }

    /**
     * The form view hands on the state of the list it was opened from, but only the
     * parts it knows: hence the place of the date.
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
