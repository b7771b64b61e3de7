import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";
import { useInputField } from "@web/views/fields/input_field_hook";
import { standardFieldProps } from "@web/views/fields/standard_field_props";
import { useChips } from "../chips/use_chips";
import { formatDuration, parseDuration } from "./duration";

import { Component, useState } from "@odoo/owl";

/** Above this many minutes, an entry is more likely a typing error than work. */
const LONG_DURATION = 12 * 60;

export class DurationField extends Component {
    static template = "timebill_legal.DurationField";
    static props = {
        ...standardFieldProps,
        chips: { type: Array, element: Number, optional: true },
        placeholder: { type: String, optional: true },
    };
    static defaultProps = {
        chips: [],
    };

    setup() {
        this.formatDuration = formatDuration;
        // The text being typed; null when the input shows the value of the record.
        this.state = useState({ text: null });
        useChips("chips", (el) => el.parentElement);
        this.inputRef = useInputField({
            // Not "0 min", which the user would have to erase first.
            getValue: () => (this.value ? this.formattedValue : ""),
            parse: parseDuration,
        });
    }

    get value() {
        return this.props.record.data[this.props.name] || 0;
    }

    get formattedValue() {
        return formatDuration(this.value);
    }

    get isTyping() {
        return this.state.text !== null;
    }

    get isInvalid() {
        return this.props.record.isFieldInvalid(this.props.name);
    }

    /** The minutes shown or typed; false when the text is no duration. */
    get minutes() {
        if (!this.isTyping) {
            return !this.isInvalid && this.value;
        }
        try {
            return parseDuration(this.state.text);
        } catch {
            return false;
        }
    }

    get echo() {
        const { minutes } = this;
        if (minutes === false) {
            return { className: "text-danger", text: _t("For example 45, 1h30 or 1.5; 24 h at most") };
        }
        const duration = formatDuration(minutes);
        if (minutes > LONG_DURATION) {
            return { className: "text-warning", text: _t("= %s, are you sure?", duration) };
        }
        return this.isTyping && { className: "text-muted", text: `= ${duration}` };
    }

    onFocus(ev) {
        ev.target.select();
    }

    onInput(ev) {
        this.state.text = ev.target.value;
    }

    onBlur() {
        this.state.text = null;
    }

    onChipClick(minutes) {
        const { el } = this.inputRef;
        el.value = formatDuration(minutes);
        // So that the input hook saves the value as if it had been typed.
        el.dispatchEvent(new Event("input"));
        el.dispatchEvent(new Event("change"));
        this.state.text = null;
    }
}

export const durationField = {
    component: DurationField,
    displayName: _t("Duration (minutes)"),
    supportedOptions: [
        {
            label: _t("Shortcuts, in minutes"),
            name: "chips",
            type: "string",
        },
    ],
    supportedTypes: ["integer"],
    listViewWidth: [70, 120],
    isEmpty: () => false,
    extractProps: ({ options, placeholder }) => ({
        chips: options.chips,
        placeholder,
    }),
};

registry.category("fields").add("timebill_duration", durationField);

registry
    .category("formatters")
    .add("timebill_duration", (value) => (value === false ? "" : formatDuration(value)));
