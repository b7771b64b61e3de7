import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { standardWidgetProps } from "@web/views/widgets/standard_widget_props";

import { Component } from "@odoo/owl";

/** ▶ on a record: starts its timer, or pauses it. */
export class TimerButton extends Component {
    static template = "timebill_legal.TimerButton";
    static props = { ...standardWidgetProps };

    setup() {
        this.timers = useService("timebill_timer");
    }

    /** Not on the cards of a dialog, where a click chooses the record. */
    get isShown() {
        const isChoice = this.env.inDialog && this.env.config?.viewType !== "form";
        return this.timers.isEnabled && this.props.record.resId && !isChoice;
    }

    get runningHere() {
        const { resModel, resId } = this.props.record;
        const timer = this.timers.find(resModel, resId);
        return timer?.running && timer;
    }

    get label() {
        return this.runningHere ? _t("Pause the timer") : _t("Start the timer");
    }

    onClick() {
        const { resModel, resId } = this.props.record;
        return this.runningHere
            ? this.timers.pause(this.runningHere)
            : this.timers.start(resModel, resId);
    }
}

registry.category("view_widgets").add("timebill_timer_button", { component: TimerButton });
