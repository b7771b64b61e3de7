/**
 * Show what was entered in the list of activities or the day below the dialog. A form stays as it is: to reload it
 * would save what is being typed there.
 */
export async function refreshAfterEntry(action) {
    const { currentController: controller } = action;
    const isList = controller?.view?.multiRecord && controller.props.resModel === "timebill.activity";
    if (isList || controller?.action.tag === "timebill_my_day") {
        await action.doAction({ type: "ir.actions.client", tag: "soft_reload" });
    }
}
