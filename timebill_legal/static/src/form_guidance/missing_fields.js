import { hasTouch } from "@web/core/browser/feature_detection";
import { _t } from "@web/core/l10n/translation";
import { patch } from "@web/core/utils/patch";
import { Record } from "@web/model/relational_model/record";
import { isOurs } from "./our_models";

const INVALID_FIELD = ".o_field_widget.o_field_invalid, .o_invalid_cell"; // labels have the first class too
const INVALID_PAGE = ".o_notebook_headers .o_page_invalid:not(.active)";
const INPUT = "input:not([type=hidden]), textarea, select, [contenteditable=true]";

/** The labels of invalid fields, those of rows behind the label of their list. */
function getLabels(record, names) {
    return names.flatMap((name) => {
        const label = record.fields[name].string;
        const rows = record.data[name]?.records?.filter((row) => row.getInvalidFields) || [];
        const inRows = new Set(rows.flatMap((row) => getLabels(row, row.getInvalidFields())));
        return inRows.size ? [...inRows].map((inRow) => `${label} › ${inRow}`) : [label];
    });
}

/**
 * Go to the first invalid field of the form on top, also when another page of its notebook is open.
 *
 * @returns {boolean} whether it is found
 */
function focusInvalidField() {
    const root = [...document.querySelectorAll(".modal:not(.o_inactive_modal)")].at(-1) || document;
    const field = root.querySelector(INVALID_FIELD);
    if (!field) {
        root.querySelector(INVALID_PAGE)?.click();
        return false;
    }
    field.scrollIntoView({ block: "nearest" });
    if (!hasTouch()) {
        field.querySelector(INPUT)?.focus();
    }
    return true;
}

/** The view shows an invalid field, or the mark of its page, with one of the next renderings. */
function focusSoon(attempts = 5) {
    requestAnimationFrame(() => {
        if (!focusInvalidField() && attempts) {
            focusSoon(attempts - 1);
        }
    });
}

/**
 * Odoo's “Missing required fields” does not say which: on our records, the message names them, and the first of them
 * gets the focus.
 */
patch(Record.prototype, {
    getInvalidFields() {
        return [...this._invalidFields];
    },

    _displayInvalidFieldNotification() {
        if (!isOurs(this.resModel)) {
            return super._displayInvalidFieldNotification();
        }
        const names = this.getInvalidFields();
        const empty = names.filter((name) => this._unsetRequiredFields.has(name));
        const wrong = names.filter((name) => !this._unsetRequiredFields.has(name));
        const message = [
            empty.length && _t("Fill in: %s.", getLabels(this, empty).join(", ")),
            wrong.length && _t("Correct: %s.", getLabels(this, wrong).join(", ")),
        ];
        focusSoon();
        return this.model.notification.add(message.filter(Boolean).join(" "), { type: "danger" });
    },
});
