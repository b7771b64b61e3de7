import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/**
 * Open the entry dialog of a record that becomes an activity, or the activity when it is one already.
 *
 * @returns {Promise<boolean>} whether the record is converted once the dialog is closed
 */
async function convert({ action: actionService, notification, orm }, resModel, resId) {
    const action = await orm.call(resModel, "action_convert_to_activity", [[resId]]);
    if (action.target !== "new") {
        notification.add(_t("Converted already: this is the activity."), { type: "info" });
        await actionService.doAction(action);
        return true;
    }
    await new Promise((resolve) => actionService.doAction(action, { onClose: resolve }));
    const [record] = await orm.read(resModel, [resId], ["timebill_is_converted"]);
    return record.timebill_is_converted;
}

/** Convert one record, show on screen that it is (`reload`), and tell where it went. */
export async function convertToActivity(services, resModel, resId, reload = () => {}) {
    const isConverted = await convert(services, resModel, resId);
    await reload();
    if (isConverted) {
        const close = services.notification.add(_t("Converted into an activity."), {
            type: "success",
            buttons: [
                {
                    name: _t("Open the activity"),
                    onClick: async () => {
                        close();
                        await services.action.doActionButton({
                            type: "object",
                            name: "action_open_timebill_activity",
                            resModel,
                            resId,
                            context: {},
                        });
                    },
                },
            ],
        });
    }
}

/** What became of several records: how many were converted, which were left and why, and both ways on from there. */
function showConversion({ services }, { params }) {
    const { action: actionService, notification } = services;
    const { message, left, left_ids, model, activities_action } = params;
    const buttons = [];
    if (activities_action) {
        buttons.push({
            name: _t("Open the activities"),
            onClick: () => {
                close();
                return actionService.doAction(activities_action);
            },
        });
    }
    if (left_ids.length) {
        buttons.push({
            name: _t("Go on with those left"),
            onClick: async () => {
                close();
                for (const id of left_ids) {
                    if (!(await convert(services, model, id))) {
                        break; // cancelled
                    }
                }
                await actionService.doAction({ type: "ir.actions.client", tag: "soft_reload" });
            },
        });
    }
    const close = notification.add([message, ...left].join("\n"), {
        type: left.length ? "warning" : "success",
        className: "o_timebill_conversion",
        sticky: Boolean(left.length),
        buttons,
    });
    return { type: "ir.actions.client", tag: "soft_reload" };
}

registry.category("actions").add("timebill_conversion", showConversion);
