import { registry } from "@web/core/registry";
import { MonetaryField, monetaryField } from "@web/views/fields/monetary/monetary_field";
import { InvalidNumberError } from "@web/views/fields/parsers";

/**
 * Price per hour or per unit of an activity, with all its decimals.
 *
 * 0 is a price; an activity without one shows nothing. Emptying the field gives the price of the rate lists back, as
 * the server does with an empty price. Odoo's field takes any text without a digit for 0.
 */
export class PriceField extends MonetaryField {
    /** Whether no rate was found and nobody typed a price. */
    get isWithoutPrice() {
        return !this.value && this.props.record.data.has_price === false;
    }

    get formattedValue() {
        return this.isWithoutPrice ? "" : super.formattedValue;
    }

    get inputOptions() {
        const { parse, ...options } = super.inputOptions;
        return { ...options, parse: (text) => this.parse(text, parse) };
    }

    parse(text, parse) {
        if (!text.trim()) {
            return false;
        }
        if (!/\d/.test(text)) {
            throw new InvalidNumberError(`"${text}" is not an amount`);
        }
        const price = parse(text);
        const { record } = this.props;
        if (price === 0 && this.isWithoutPrice && "price_is_typed" in record.activeFields) {
            // The value itself does not change, hence nothing else tells the server that it was typed.
            record.update({ price_is_typed: true });
        }
        return price;
    }
}

registry.category("fields").add("timebill_price", {
    ...monetaryField,
    component: PriceField,
    extractProps: (fieldInfo) => ({ ...monetaryField.extractProps(fieldInfo), useFieldDigits: true }),
});
