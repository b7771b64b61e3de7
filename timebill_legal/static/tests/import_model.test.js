import { BaseImportModel } from "@base_import/import_model";
import { expect, test } from "@odoo/hoot";
import { patchWithCleanup } from "@web/../tests/web_test_helpers";
import { localization } from "@web/core/l10n/localization";

function getSeparators(resModel) {
    const model = Object.create(BaseImportModel.prototype);
    model.importOptionsValues = model._getCSVFormattingOptions();
    model.setResModel(resModel);
    const { float_thousand_separator, float_decimal_separator } = model.importOptionsValues;
    return [float_thousand_separator.value, float_decimal_separator.value];
}

test("a firm's files are read with the separators of the user's language", () => {
    patchWithCleanup(localization, { decimalPoint: ",", thousandsSep: "\u202f" });
    expect(getSeparators("timebill.activity")).toEqual(["", ","]);
    patchWithCleanup(localization, { decimalPoint: ".", thousandsSep: "," });
    expect(getSeparators("timebill.activity")).toEqual([",", "."]);
});
