import { BaseImportModel } from "@base_import/import_model";
import { localization } from "@web/core/l10n/localization";
import { patch } from "@web/core/utils/patch";

patch(BaseImportModel.prototype, {
    /** Start with the separators of the user's language: Odoo starts with the English ones. */
    setResModel(resModel) {
        super.setResModel(resModel);
        if (resModel.startsWith("timebill.")) {
            const { decimalPoint, thousandsSep } = localization;
            const { float_thousand_separator, float_decimal_separator } = this.importOptionsValues;
            float_decimal_separator.value = decimalPoint;
            // Spaces are not among the options, and always accepted.
            float_thousand_separator.value = [",", "."].includes(thousandsSep) ? thousandsSep : "";
        }
    },
});
