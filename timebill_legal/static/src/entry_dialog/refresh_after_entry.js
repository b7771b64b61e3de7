/**
 * Reload the list of activities or the page "My day" below the dialog, so that it shows the new activity. A form is not
 * reloaded, because that would save what is being typed there.
 */
export async function refreshAfterEntry(action) {
    const { currentController: controller } = action;
    const isList = controller?.view?.multiRecord && controller.props.resModel === "timebill.activity";
    if (isList || controller?.action.tag === "timebill_my_day") {
        await action.doAction({ type: "ir.actions.client", tag: "soft_reload" });
    }
}
