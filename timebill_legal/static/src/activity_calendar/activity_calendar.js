import { registry } from "@web/core/registry";
import { serializeDate } from "@web/core/l10n/dates";
import { CalendarController } from "@web/views/calendar/calendar_controller";
import { CalendarModel } from "@web/views/calendar/calendar_model";
import { calendarView } from "@web/views/calendar/calendar_view";
import { formatDuration } from "@timebill_legal/duration_field/duration";

/** A click on a day opens the entry dialog. */
export class ActivityCalendarController extends CalendarController {
    createRecord({ start }) {
        return this.action.doAction("timebill_legal.timebill_activity_action_entry", {
            additionalContext: { ...this.props.context, default_date: serializeDate(start) },
            onClose: () => this.model.load(),
        });
    }
}

/** The title of an activity is its duration and its matter. */
export class ActivityCalendarModel extends CalendarModel {
    normalizeRecord(rawRecord) {
        const { is_timed, duration, type_id, matter_id } = rawRecord;
        const what = is_timed ? formatDuration(duration) : type_id[1];
        // Without the reference, for lack of room, unless the user may see nothing else.
        const matter = matter_id[1].replace(/^\S+ /, "");
        return { ...super.normalizeRecord(rawRecord), title: `${what} · ${matter}` };
    }
}

registry.category("views").add("timebill_activity_calendar", {
    ...calendarView,
    Controller: ActivityCalendarController,
    Model: ActivityCalendarModel,
});
