import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";

import { Component } from "@odoo/owl";

/** Records to choose from at a click: the one chosen becomes the value of the many2one `target`. */
export class ChipsField extends Component {
    static template = "timebill_legal.ChipsField";
    static props = { ...standardFieldProps, target: String };

    get chips() {
        const { data } = this.props.record;
        return data[this.props.name].records.map(({ resId, data: { name, display_name } }) => ({
            id: resId,
            label: name || display_name,
            displayName: display_name,
            isChosen: data[this.props.target]?.id === resId,
        }));
    }

    onClick(ev, { id, displayName }) {
        ev.currentTarget.blur(); // the form takes the focus to where one goes on typing
        return this.props.record.update({
            [this.props.target]: { id, display_name: displayName },
        });
    }
}

export const chipsField = {
    component: ChipsField,
    displayName: _t("Proposals for another field"),
    supportedOptions: [{ label: _t("Field to fill"), name: "target", type: "field" }],
    supportedTypes: ["many2many"],
    relatedFields: () => [
        { name: "display_name", type: "char" },
        { name: "name", type: "char" },
    ],
    extractProps: ({ options }) => ({ target: options.target }),
};

registry.category("fields").add("timebill_chips", chipsField);
