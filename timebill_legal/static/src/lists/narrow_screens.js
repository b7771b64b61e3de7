import { browser } from "@web/core/browser/browser";
import { patch } from "@web/core/utils/patch";
import { ListRenderer } from "@web/views/list/list_renderer";

/**
 * Columns with the option `timebill_min_width` are shown by default on screens of that width only: on narrower ones, the
 * table would reach beyond the edge. What the user chose in the menu of columns comes first.
 */
patch(ListRenderer.prototype, {
    computeOptionalActiveFields() {
        const active = super.computeOptionalActiveFields();
        if (browser.localStorage.getItem(this.keyOptionalFields) === null) {
            for (const { name, options } of this.allColumns) {
                if (name in active && browser.innerWidth < options?.timebill_min_width) {
                    active[name] = false;
                }
            }
        }
        return active;
    },
});
