import { registerMessageAction } from "@mail/core/common/message_actions";
import { _t } from "@web/core/l10n/translation";
import { session } from "@web/session";
import { convertToActivity } from "./conversion";

/** Models whose messages can be work on a matter. */
const MODELS = ["timebill.matter", "project.project", "project.task"];

registerMessageAction("timebill-convert", {
    condition: ({ message, thread }) =>
        session.timebill_entry &&
        MODELS.includes(thread?.model) &&
        !message.is_transient &&
        !["notification", "user_notification"].includes(message.message_type),
    icon: "fa fa-clock-o",
    name: _t("Convert into an activity"),
    onSelected: ({ message, owner }) =>
        convertToActivity(owner.env.services, "mail.message", message.id),
    sequence: 58,
});
