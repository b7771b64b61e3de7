import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, test } from "@odoo/hoot";
import { press, queryAllTexts } from "@odoo/hoot-dom";
import { Deferred, animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    defineActions,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { session } from "@web/session";

class Activity extends models.Model {
    _name = "timebill.activity";

    user_id = fields.Many2one({ relation: "res.users" });
    matter_id = fields.Char(); // any field that one types in
    description = fields.Char();
    day_total = fields.Char();
    with_parts = fields.Boolean({ default: true });
    parts_label = fields.Char();

    _views = {
        list: `
            <list js_class="timebill_quick_entry" editable="bottom">
                <field name="day_total" column_invisible="1"/>
                <field name="with_parts" column_invisible="1"/>
                <field name="parts_label" column_invisible="1"/>
                <field name="user_id"/>
                <field name="matter_id"/>
                <field name="description"/>
            </list>`,
        kanban: `
            <kanban js_class="timebill_quick_entry_kanban" on_create="entry">
                <templates>
                    <t t-name="card"><field name="description"/></t>
                </templates>
            </kanban>`,
        form: `
            <form>
                <field name="description"/>
                <footer><button special="save" string="Save" class="btn-primary"/></footer>
            </form>`,
    };
}

defineModels([Activity]);
defineMailModels();

const cell = (name) => `.o_selected_row [name=${name}] input`;

beforeEach(() => {
    patchWithCleanup(session, { timebill_enters_for_others: false });
});

async function openLine() {
    await mountView({ type: "list", resModel: "timebill.activity" });
    await animationFrame();
    expect(cell("matter_id")).toBeFocused();
}

async function typeLine(matter, description) {
    await contains(cell("matter_id")).edit(matter, { confirm: "tab" });
    await contains(cell("description")).edit(description, { confirm: false });
}

test.tags("desktop");
test("what is typed while a line is saved is for the next one", async () => {
    const saving = new Deferred();
    onRpc("timebill.activity", "web_save", () => saving);
    await openLine();
    await typeLine("Abadie", "Call");
    await press("Enter");
    await animationFrame();
    for (const key of "morel") {
        await press(key);
    }
    saving.resolve();
    await animationFrame();
    await animationFrame();
    expect(queryAllTexts(".o_data_row:first .o_data_cell")).toEqual(["Abadie", "Call"]);
    expect(cell("matter_id")).toBeFocused();
    expect(cell("matter_id")).toHaveValue("morel");
});

test.tags("desktop");
test("a line that is refused keeps the focus, and nothing of what was typed meanwhile", async () => {
    Activity._fields.description.required = true;
    await openLine();
    await contains(cell("matter_id")).edit("Abadie", { confirm: "tab" });
    await press("Enter");
    await press("x");
    await animationFrame();
    expect(cell("description")).toBeFocused();
    expect(".o_timebill_ahead").toHaveValue("");
});

test.tags("desktop");
test("the timekeeper is a column for who enters work of others", async () => {
    await openLine();
    expect("th[data-name=user_id]").toHaveCount(0);
    session.timebill_enters_for_others = true;
    await mountView({ type: "list", resModel: "timebill.activity" });
    expect("th[data-name=user_id]").toHaveCount(1);
});

test.tags("desktop");
test("a line says what a composite category logs with it, and then that it did", async () => {
    Activity._fields.parts_label.default = "Parking 1";
    await openLine();
    expect(".o_timebill_parts").toHaveText("Also log: Parking 1");
    await typeLine("Abadie", "Hearing");
    await press("Enter");
    await animationFrame();
    await animationFrame();
    expect(".o_notification").toHaveText("Also logged: Parking 1");
    await contains(".o_timebill_parts input").click();
    await typeLine("Abadie", "Another");
    await press("Enter");
    await animationFrame();
    expect(".o_notification").toHaveCount(1);
});

test("cards show what was entered with the dialog, be it opened before they were loaded", async () => {
    const loading = new Deferred();
    defineActions([
        {
            id: 1,
            xml_id: "entry",
            name: "New activity",
            res_model: "timebill.activity",
            views: [[false, "form"]],
            target: "new",
        },
    ]);
    onRpc("timebill.activity", "web_search_read", () => loading);
    await mountView({ type: "kanban", resModel: "timebill.activity" });
    await contains(".o-kanban-button-new").click();
    await contains(".modal [name=description] input").edit("Call");
    loading.resolve();
    await animationFrame();
    await contains(".modal-footer button").click();
    await animationFrame();
    expect(".o_dialog").toHaveCount(0);
    expect(queryAllTexts(".o_kanban_record:not(.o_kanban_ghost)")).toEqual(["Call"]);
});
