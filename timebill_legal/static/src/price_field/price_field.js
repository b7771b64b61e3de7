import { registry } from "@web/core/registry";
import { MonetaryField, monetaryField } from "@web/views/fields/monetary/monetary_field";
import { InvalidNumberError } from "@web/views/fields/parsers";

/**
 * Price per hour or per unit of an activity, with all its decimals.
 *
 * 0 is a price; an activity without a price shows an empty field. When the user empties the field, the server takes the
 * price of the rate lists again. Odoo's field reads any text without a digit as 0.
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
        if (text.trim() && !/\d/.test(text)) {
            throw new InvalidNumberError(`"${text}" is not an amount`);
        }
        const price = text.trim() ? parse(text) : false;
        return price || this.value ? price : this.parseNothing(price === 0);
    }

    /** From no price to 0 and back, the value does not change: only this flag informs the server. */
    parseNothing(isTyped) {
        const { record } = this.props;
        if ("price_is_typed" in record.activeFields && (isTyped ? this.isWithoutPrice : record.data.price_is_typed)) {
            record.update({ price_is_typed: isTyped });
        }
        return this.value;
    }
}

registry.category("fields").add("timebill_price", {
    ...monetaryField,
    component: PriceField,
    extractProps: (fieldInfo) => ({ ...monetaryField.extractProps(fieldInfo), useFieldDigits: true }),
});
