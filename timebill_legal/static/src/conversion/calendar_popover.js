import { AttendeeCalendarCommonPopover } from "@calendar/views/attendee_calendar/common/attendee_calendar_common_popover";
import { patch } from "@web/core/utils/patch";
import { session } from "@web/session";
import { convertToActivity } from "./conversion";

patch(AttendeeCalendarCommonPopover.prototype, {
    get isConvertible() {
        return (
            session.timebill_entry &&
            this.isEventViewable &&
            !this.props.record.rawRecord.timebill_is_converted
        );
    },

    onClickConvert() {
        const { model, record } = this.props;
        const { services } = this.env;
        this.props.close();
        return convertToActivity(services, model.resModel, record.id, () => model.load());
    },
});
