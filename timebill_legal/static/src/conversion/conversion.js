import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/**
 * Open the entry dialog on a record. If the record was converted before, notify the user, with a link to its activity.
 *
 * @returns {Promise<"converted"|"cancelled"|"known">} "known" when it was converted before
 */
async function convert({ action: actionService, notification, orm }, resModel, resId) {
    const action = await orm.call(resModel, "timebill_action_convert_to_activity", [[resId]]);
    if (action.target !== "new") {
        const open = { name: _t("Open the activity"), onClick: () => actionService.doAction(action) };
        notifyDone({ notification }, _t("Already converted."), { type: "info", buttons: [open] });
        return "known";
    }
    await new Promise((resolve, reject) => {
        actionService.doAction(action, { onClose: resolve }).catch(reject);
    });
    const [record] = await orm.read(resModel, [resId], ["timebill_is_converted"]);
    return record.timebill_is_converted ? "converted" : "cancelled";
}

/** Long enough to notice a click on the wrong button. */
const UNDO_DELAY_MS = 10000;

/**
 * Notify the user of what was done, with buttons for what can be done next.
 *
 * @param {Object} [options] of the notification
 * @param {{name: string, onClick: Function}[]} [options.buttons] each closes the notification
 * @param {Function} [options.undo] adds a button that undoes it
 */
export function notifyDone({ notification }, message, { buttons = [], undo, ...options }) {
    const ways = undo
        ? [...buttons, { name: _t("Undo"), icon: "fa-undo", onClick: undo }]
        : buttons;
    const close = notification.add(message, {
        type: "success",
        autocloseDelay: UNDO_DELAY_MS,
        ...options,
        buttons: ways.map((way) => ({
            ...way,
            onClick: () => {
                close();
                return way.onClick();
            },
        })),
    });
}

/** Convert one record, reload what shows it (`reload`), and notify the user with a link to the activity. */
export async function convertToActivity(services, resModel, resId, reload = () => {}) {
    const outcome = await convert(services, resModel, resId);
    await reload();
    if (outcome !== "converted") {
        return;
    }
    const open = {
        name: _t("Open the activity"),
        onClick: () =>
            services.action.doActionButton({
                type: "object",
                name: "timebill_action_open_activity",
                resModel,
                resId,
                context: {},
            }),
    };
    const undo = async () => {
        await services.orm.call(resModel, "timebill_action_undo_conversion", [[resId]]);
        await reload();
    };
    notifyDone(services, _t("Converted into an activity."), { buttons: [open], undo });
}

/** Notify the user of a conversion of several records: how many were converted, and which were not and why. */
function showConversion({ services }, { params }) {
    const { action: actionService, orm } = services;
    const { message, left, left_ids, model, activities_action, activity_ids } = params;
    const reload = { type: "ir.actions.client", tag: "soft_reload" };
    const buttons = [];
    if (activities_action) {
        buttons.push({
            name: _t("Open the activities"),
            onClick: () => actionService.doAction(activities_action),
        });
    }
    if (left_ids.length) {
        buttons.push({
            name: _t("Continue with the rest"),
            onClick: async () => {
                for (const id of left_ids) {
                    if ((await convert(services, model, id)) === "cancelled") {
                        break;
                    }
                }
                await actionService.doAction(reload);
            },
        });
    }
    const undo = async () => {
        await orm.call("timebill.activity", "action_undo_conversion", [activity_ids]);
        await actionService.doAction(reload);
    };
    notifyDone(services, [message, ...left].join("\n"), {
        type: left.length ? "warning" : "success",
        className: "o_timebill_conversion",
        sticky: Boolean(left.length),
        buttons,
        undo: activity_ids.length && undo,
    });
    return reload;
}

registry.category("actions").add("timebill_conversion", showConversion);
