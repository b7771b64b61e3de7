import { AutoComplete } from "@web/core/autocomplete/autocomplete";
import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useService } from "@web/core/utils/hooks";
import { useBus } from "@web/core/utils/hooks";
import { Many2One } from "@web/views/fields/many2one/many2one";
import { buildM2OFieldDescription, Many2OneField } from "@web/views/fields/many2one/many2one_field";
import { Many2XAutocomplete } from "@web/views/fields/relational_utils";

import { useChildSubEnv } from "@odoo/owl";

class TypedAutoComplete extends AutoComplete {
    setup() {
        super.setup();
        const { bus } = this.env.typedMany2One;
        useBus(bus, "NEED_LOCAL_CHANGES", ({ detail }) => detail.proms.push(this.settle()));
        useBus(bus, "WILL_SAVE_URGENTLY", () => {
            if (this.isUnknown) {
                this.env.typedMany2One.setInvalid();
            }
        });
    }

    /** Whether the text is neither the value nor about to become it. */
    get isUnknown() {
        const text = this.inputRef.el?.value;
        return Boolean(text) && text !== this.props.value && !this.forceValFromProp;
    }

    async onInputChange(ev) {
        super.onInputChange(ev);
        if (!this.ignoreBlur) {
            await this.settle();
        }
    }

    /** Wait for the search, from which the Tab key chooses a record, and empty the field if no record was chosen. */
    async settle() {
        await this.loadingPromise?.catch(() => {});
        if (this.isUnknown) {
            this.close();
            const text = this.inputRef.el.value;
            this.state.value = this.inputRef.el.value = "";
            await this.env.typedMany2One.empty(text);
        } else if (this.inputRef.el?.value) {
            this.env.typedMany2One.setValid();
        }
    }
}

class TypedMany2XAutocomplete extends Many2XAutocomplete {
    static components = { ...Many2XAutocomplete.components, AutoComplete: TypedAutoComplete };
}

class TypedMany2One extends Many2One {
    static components = { ...Many2One.components, Many2XAutocomplete: TypedMany2XAutocomplete };
}

/**
 * Many2one that becomes empty and invalid when its text names no record. Odoo's field keeps its value then: a line that
 * starts with the matter of the line before would be saved on that matter, whatever the user typed over it.
 */
export class TypedMany2OneField extends Many2OneField {
    static components = { Many2One: TypedMany2One };

    setup() {
        super.setup();
        const { name, record } = this.props;
        const notification = useService("notification");
        const setInvalid = () => this.props.record.setInvalidField(name);
        useChildSubEnv({
            typedMany2One: {
                bus: record.model.bus,
                setInvalid,
                setValid: () => {
                    if (this.props.record.isFieldInvalid(name)) {
                        this.props.record.resetFieldValidity(name);
                    }
                },
                empty: async (text) => {
                    const label = record.fields[name].string;
                    notification.add(_t("%(label)s: nothing matches “%(text)s”.", { label, text }), {
                        type: "warning",
                    });
                    await this.props.record.update({ [name]: false });
                    await setInvalid();
                },
            },
        });
    }
}

const typedMany2OneField = buildM2OFieldDescription(TypedMany2OneField);

// For all many2one fields of these two views.
registry.category("fields").add("timebill_entry.many2one", typedMany2OneField);
registry.category("fields").add("timebill_quick_entry.many2one", typedMany2OneField);
