import { registry } from "@web/core/registry";
import { MonetaryField, monetaryField } from "@web/views/fields/monetary/monetary_field";
import { InvalidNumberError } from "@web/views/fields/parsers";

/** Amount of an entry. Odoo's takes a text without a digit for zero, and a cost of nothing is saved without a word. */
class PriceField extends MonetaryField {
    get inputOptions() {
        const { parse, ...options } = super.inputOptions;
        return {
            ...options,
            parse: (text) => {
                if (text.trim() && !/\d/.test(text)) {
                    throw new InvalidNumberError(`"${text}" is not an amount`);
                }
                return parse(text);
            },
        };
    }
}

registry.category("fields").add("timebill_entry.monetary", { ...monetaryField, component: PriceField });
