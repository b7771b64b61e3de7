import { ImportDataColumnError } from "@base_import/import_data_column_error/import_data_column_error";
import { BaseImportModel } from "@base_import/import_model";
import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import { mountWithCleanup, patchWithCleanup } from "@web/../tests/web_test_helpers";
import { localization } from "@web/core/l10n/localization";

defineMailModels();

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

const getError = (row, message, value) => ({ message, value, rows: { from: row, to: row } });

async function getErrorTexts(errors, model_name) {
    await mountWithCleanup(ImportDataColumnError, {
        props: { errors, fieldInfo: { label: "Column", model_name }, resultNames: [] },
    });
    return queryAllTexts("li b");
}

test("files for other models keep the separators that Odoo begins with", () => {
    patchWithCleanup(localization, { decimalPoint: ",", thousandsSep: "\u202f" });
    expect(getSeparators("res.partner")).toEqual([",", "."]);
});

test("each error of a column says its row and its reason", async () => {
    const errors = [2, 3, 4].map((row) => ({ ...getError(row, `Row ${row}: no`, "Bob"), timebill_row: row }));
    const texts = await getErrorTexts(errors, "timebill.activity");
    expect(texts).toEqual(["Row 2: no", "Row 3: no", "Row 4: no"]);
});

test("errors of other models stand as Odoo writes them", async () => {
    const errors = [getError(2, "Not a date"), getError(4, "No match for Bob", "Bob")];
    expect(await getErrorTexts(errors, "res.partner")).toEqual(["", "Bob"]);
});
