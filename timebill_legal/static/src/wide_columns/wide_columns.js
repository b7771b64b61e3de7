/**
 * A renderer of lists in which columns of the class `o_timebill_from_1300` are shown by default on windows of at least
 * 1300 pixels only: elsewhere they are there to be ticked, and the others fit.
 *
 * @param {typeof import("@web/views/list/list_renderer").ListRenderer} Renderer
 */
export const withWideColumns = (Renderer) =>
    class extends Renderer {
        computeOptionalActiveFields() {
            const hidden = this.allColumns.filter(
                ({ optional, className }) =>
                    optional === "show" && window.innerWidth < (className?.match(/o_timebill_from_(\d+)/)?.[1] || 0)
            );
            hidden.forEach((column) => (column.optional = "hide"));
            const active = super.computeOptionalActiveFields();
            hidden.forEach((column) => (column.optional = "show"));
            return active;
        }
    };
