import { ImportDataColumnError } from "@base_import/import_data_column_error/import_data_column_error";
import { patch } from "@web/core/utils/patch";

patch(ImportDataColumnError.prototype, {
    /** Text for one of several errors of a column: for our records its message, unless a name was not found. */
    getErrorText(error) {
        if (!this.props.fieldInfo.model_name?.startsWith("timebill.")) {
            return error.value;
        }
        return (this.props.errors[0].value && error.value) || error.message;
    },
});
