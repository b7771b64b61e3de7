import { ImportDataColumnError } from "@base_import/import_data_column_error/import_data_column_error";
import { patch } from "@web/core/utils/patch";

patch(ImportDataColumnError.prototype, {
    /** Whether the messages name their rows, and are shown as they are. */
    get hasNumberedRows() {
        return this.props.errors.every((error) => error.timebill_row);
    },
});
