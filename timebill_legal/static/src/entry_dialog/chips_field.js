import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { useChips } from "../chips/use_chips";

import { Component } from "@odoo/owl";

/** “2026-0014 Dupont” in its two parts, when the name does not hold the reference. */
function splitReference(name, displayName) {
    const hasReference = name && displayName !== name && displayName.endsWith(name);
    return {
        reference: hasReference ? displayName.slice(0, -name.length).trim() : "",
        label: name || displayName,
    };
}

/** Records as chips: the chosen one becomes the value of the many2one `target`, which stands beside this field. */
export class ChipsField extends Component {
    static template = "timebill_legal.ChipsField";
    static props = { ...standardFieldProps, target: String };

    setup() {
        useChips("chips", (el) => el.closest(".o_field_widget").parentElement);
    }

    get chips() {
        const { data } = this.props.record;
        return data[this.props.name].records.map(({ resId, data: { name, display_name } }) => ({
            id: resId,
            ...splitReference(name, display_name),
            displayName: display_name,
            isChosen: data[this.props.target]?.id === resId,
        }));
    }

    onClick(ev, { id, displayName }) {
        ev.currentTarget.blur(); // the form then focuses the field to type in
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
