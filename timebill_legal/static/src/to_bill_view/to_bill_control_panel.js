import { DateTimeInput } from "@web/core/datetime/datetime_input";
import { deserializeDate, serializeDate } from "@web/core/l10n/dates";
import { ControlPanel } from "@web/search/control_panel/control_panel";

export class ToBillControlPanel extends ControlPanel {
    static template = "timebill_legal.ToBillControlPanel";
    static components = { ...ControlPanel.components, DateTimeInput };

    get cutoff() {
        const { cutoff } = this.env.searchModel;
        return cutoff && deserializeDate(cutoff);
    }

    onCutoffApplied(date) {
        return this.env.searchModel.setCutoff(date ? serializeDate(date) : false);
    }
}
