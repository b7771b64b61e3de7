import { registry } from "@web/core/registry";
import { ListRenderer } from "@web/views/list/list_renderer";
import { X2ManyField, x2ManyField } from "@web/views/fields/x2many/x2many_field";

/**
 * The lines of the window "Create an invoice", those of a client and matter under a title with their amount, where who
 * pays for common work is chosen once. The server says what a title shows (timebill.bill, `groups`).
 */
export class BillLinesRenderer extends ListRenderer {
    static recordRowTemplate = "timebill_legal.BillLinesRenderer.RecordRow";

    get bill() {
        return this.props.list.model.root;
    }

    /** The title above a line, if it is the first one of its client and matter. */
    getTitle(record) {
        const groups = this.bill.data.groups || [];
        const { records } = this.props.list;
        const key = record.data.group_key;
        const previous = records[records.indexOf(record) - 1];
        if (groups.length < 2 || previous?.data.group_key === key) {
            return null;
        }
        return groups.find((group) => group.key === key);
    }

    async choosePayer(group, value) {
        const [id, display_name] = group.payers.find(([payerId]) => payerId === Number(value)) || [];
        if (id) {
            await this.props.list.leaveEditMode();
            await this.bill.update({
                common_matter_id: { id: group.matter_id, display_name: group.matter },
                common_payer_id: { id, display_name },
            });
        }
    }

    /** The titles are no rows: the arrow keys jump over them. */
    findFocusFutureCell(cell, cellIsInGroupRow, direction) {
        const isDown = direction === "down";
        const sibling = isDown ? "nextElementSibling" : "previousElementSibling";
        const row = cell.parentElement;
        const title = row[sibling];
        if ((isDown || direction === "up") && title?.classList.contains("o_timebill_bill_title")) {
            return title[sibling]?.children[[...row.children].indexOf(cell)] || null;
        }
        return super.findFocusFutureCell(cell, cellIsInGroupRow, direction);
    }
}

export class BillLinesField extends X2ManyField {
    static components = { ...X2ManyField.components, ListRenderer: BillLinesRenderer };
}

registry.category("fields").add("timebill_bill_lines", { ...x2ManyField, component: BillLinesField });
