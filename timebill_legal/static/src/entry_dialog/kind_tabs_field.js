import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { pick } from "@web/core/utils/objects";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { getKind } from "../activity_kinds";

import { Component } from "@odoo/owl";

/** Fields whose values are kept by kind, and restored when the user returns to its tab. */
const OWN_FIELDS = ["type_id", "duration", "billable_duration", "quantity"];
/** Those of the price, which are kept when somebody typed it. */
const PRICE_FIELDS = ["price_unit", "price_is_typed"];

/** Whether the price of two kinds is of the same sort: an hourly rate, a unit price or a cost. */
function isSamePrice(code, otherCode) {
    const [kind, other] = [getKind(code), getKind(otherCode)];
    return kind.is_timed === other.is_timed && kind.is_cost === other.is_cost;
}

/** The kinds as tabs; what was typed is kept when the user goes from one to another. */
export class KindTabsField extends Component {
    static template = "timebill_legal.KindTabsField";
    static props = { ...standardFieldProps };

    setup() {
        this.left = {};
    }

    get options() {
        const { record, name } = this.props;
        return record.fields[name].selection.map(([value, label]) => ({ value, label }));
    }

    get value() {
        return this.props.record.data[this.props.name];
    }

    async choose(kind) {
        const { record, name } = this.props;
        const previous = this.value;
        if (kind === previous) {
            return;
        }
        const names = record.data.price_is_typed ? [...OWN_FIELDS, ...PRICE_FIELDS] : OWN_FIELDS;
        this.left[previous] = pick(record.data, ...names.filter((field) => field in record.activeFields));
        if (record.data.price_is_typed && !isSamePrice(kind, previous)) {
            // A price typed for a service is no hourly rate: take that of the rate lists again.
            await record.update({ price_is_typed: false });
        }
        const { price_unit, price_is_typed, ...values } = this.left[kind] || {};
        await record.update({ [name]: kind, ...values });
        if (price_is_typed && !record.data.price_is_typed) {
            await record.update({ price_unit, price_is_typed });
        }
    }

    onClick(ev, kind) {
        ev.currentTarget.blur(); // the form then focuses the field to type in
        return this.choose(kind);
    }

    async onKeydown(ev) {
        const step = { ArrowLeft: -1, ArrowRight: 1 }[ev.key];
        if (!step) {
            return;
        }
        ev.preventDefault();
        const tabs = [...ev.currentTarget.querySelectorAll("[role=radio]")];
        const next = (tabs.indexOf(ev.target) + step + tabs.length) % tabs.length;
        tabs[next].focus();
        await this.choose(this.options[next].value);
    }
}

registry.category("fields").add("timebill_kind_tabs", {
    component: KindTabsField,
    displayName: _t("Kinds as tabs"),
    supportedTypes: ["selection"],
});
