import { BaseImportModel } from "@base_import/import_model";
import { localization } from "@web/core/l10n/localization";
import { patch } from "@web/core/utils/patch";

/** What the window asks and shows of a file of activities, see base_import_files.py. */
const READING_OPTIONS = ["timebill_layout", "timebill_unit", "timebill_choices"];

patch(BaseImportModel.prototype, {
    setResModel(resModel) {
        super.setResModel(resModel);
        if (resModel.startsWith("timebill.")) {
            this.setTimebillSeparators();
        }
        if (resModel === "timebill.activity") {
            Object.assign(this.importOptionsValues, {
                timebill_layout: { value: "", reloadParse: true },
                timebill_unit: { value: "" },
                timebill_choices: { value: false },
            });
        }
    },

    /** Start with the separators of the user's language: Odoo starts with the English ones. */
    setTimebillSeparators() {
        const { decimalPoint, thousandsSep } = localization;
        const { float_thousand_separator, float_decimal_separator } = this.importOptionsValues;
        float_decimal_separator.value = decimalPoint;
        // Spaces are not among the options, and always accepted.
        float_thousand_separator.value = [",", "."].includes(thousandsSep) ? thousandsSep : "";
    },

    /** Another file is read anew: what the one before was like says nothing of it. */
    async updateData(fileChanged = false) {
        if (fileChanged && this.resModel?.startsWith("timebill.")) {
            this.resetTimebillOptions(["encoding", "separator", "date_format", "datetime_format", ...READING_OPTIONS]);
            this.setTimebillSeparators();
        }
        return super.updateData(fileChanged);
    },

    /** Another layout has its own unit and order of dates. */
    async setOption(optionName, value, fieldName) {
        if (optionName === "timebill_layout") {
            this.resetTimebillOptions(["timebill_unit", "date_format"]);
        }
        return super.setOption(optionName, value, fieldName);
    },

    resetTimebillOptions(names) {
        for (const name of names) {
            if (this.importOptionsValues[name]) {
                this.importOptionsValues[name].value = "";
            }
        }
    },

    /** Rows say their number themselves; below the columns stands only what concerns one of them. */
    _handleImportErrors(messages, name) {
        if (!this.resModel?.startsWith("timebill.") || messages[0].not_matching_error) {
            return super._handleImportErrors(messages, name);
        }
        const paths = new Set(this.columns.map((column) => column.fieldInfo?.fieldPath));
        const getPath = (message) => message.field_path?.join("/") ?? message.field;
        const isOfRow = (message) => message.record !== undefined && !paths.has(getPath(message));
        const ofColumns = messages.filter((message) => !isOfRow(message));
        const ofRows = messages.filter(isOfRow);
        if (ofColumns.length) {
            super._handleImportErrors(ofColumns, name);
        }
        for (const { type, message } of ofRows) {
            this._addMessage(type, [message]);
        }
        return false;
    },
});
