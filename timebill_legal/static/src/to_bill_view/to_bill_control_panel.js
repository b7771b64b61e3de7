import { useDateTimePicker } from "@web/core/datetime/datetime_picker_hook";
import { deserializeDate, serializeDate } from "@web/core/l10n/dates";
import { ControlPanel } from "@web/search/control_panel/control_panel";

export class ToBillControlPanel extends ControlPanel {
    static template = "timebill_legal.ToBillControlPanel";

    setup() {
        super.setup();
        const { searchModel } = this.env;
        useDateTimePicker({
            get pickerProps() {
                const { cutoff } = searchModel;
                return { type: "date", value: cutoff && deserializeDate(cutoff) };
            },
            onApply: (date) => searchModel.setCutoff(date ? serializeDate(date) : false),
            // The input is at the top of the screen and needs no margin above the picker of a phone.
            ensureVisibility: () => false,
        });
    }
}
