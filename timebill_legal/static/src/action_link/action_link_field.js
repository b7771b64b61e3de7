import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { charField, CharField } from "@web/views/fields/char/char_field";
import { ViewButton } from "@web/views/view_button/view_button";

/** A text that leads somewhere: pressing it calls the method of the record that the option `action` names. */
export class ActionLinkField extends CharField {
    static template = "timebill_legal.ActionLinkField";
    static components = { ...CharField.components, ViewButton };
    static props = { ...CharField.props, action: { type: String } };

    get clickParams() {
        return { type: "object", name: this.props.action };
    }
}

export const actionLinkField = {
    ...charField,
    component: ActionLinkField,
    displayName: _t("Text that opens a record"),
    extractProps: (fieldInfo, dynamicInfo) => ({
        ...charField.extractProps(fieldInfo, dynamicInfo),
        action: fieldInfo.options.action,
    }),
};

registry.category("fields").add("timebill_action_link", actionLinkField);
