import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, test } from "@odoo/hoot";
import { press, unload } from "@odoo/hoot-dom";
import { animationFrame, Deferred, runAllTimers } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";

class Matter extends models.Model {
    _name = "timebill.matter";

    name = fields.Char();

    _records = [
        { id: 1, name: "Dupont" },
        { id: 2, name: "Martin" },
    ];
}

class Activity extends models.Model {
    _name = "timebill.activity";

    matter_id = fields.Many2one({ relation: "timebill.matter", required: true, default: 1 });
    description = fields.Char();
    day_total = fields.Char();
    with_parts = fields.Boolean();
    parts_label = fields.Char();

    _views = {
        list: `
            <list js_class="timebill_quick_entry" editable="bottom">
                <field name="day_total" column_invisible="1"/>
                <field name="with_parts" column_invisible="1"/>
                <field name="parts_label" column_invisible="1"/>
                <field name="matter_id" options="{'no_create': True, 'no_open': True}"/>
                <field name="description"/>
            </list>`,
    };
}

defineModels([Matter, Activity]);
defineMailModels();

const cell = (name) => `.o_selected_row [name=${name}] input`;

beforeEach(() => {
    onRpc("timebill.activity", "web_save", ({ args }) => expect.step(args[1].matter_id));
});

async function openLine() {
    await mountView({ type: "list", resModel: "timebill.activity" });
    await animationFrame();
}

test.tags("desktop");
test("a matter that is not found leaves the field empty and red, and nothing is saved", async () => {
    await openLine();
    expect(cell("matter_id")).toHaveValue("Dupont");
    await contains(cell("matter_id")).edit("zzzq", { confirm: false });
    await runAllTimers();
    await press("Tab");
    await animationFrame();
    expect(cell("matter_id")).toHaveValue("");
    expect(".o_selected_row .o_field_widget[name=matter_id]").toHaveClass("o_field_invalid");
    await contains(cell("description")).edit("Call", { confirm: "Enter" });
    await animationFrame();
    expect.verifySteps([]);
});

test.tags("desktop");
test("the line waits for the matter that is searched", async () => {
    const searching = new Deferred();
    onRpc("timebill.matter", "web_name_search", async () => {
        await searching;
        return [{ id: 2, display_name: "Martin" }];
    });
    await openLine();
    await contains(cell("matter_id")).edit("mart", { confirm: false });
    await press("Tab");
    await contains(cell("description")).edit("Call", { confirm: false });
    await press("Enter");
    await runAllTimers();
    expect.verifySteps([]);
    searching.resolve();
    await expect.waitForSteps([2]);
});

test.tags("desktop");
test("a line as it was opened is not saved when the page is closed, one that was typed is", async () => {
    await openLine();
    await unload();
    expect.verifySteps([]);
    await contains(cell("description")).edit("Call", { confirm: false });
    await unload();
    expect.verifySteps([1]);
    await contains(cell("description")).edit("Call back", { confirm: false });
    await contains(cell("matter_id")).edit("zzz", { confirm: false });
    const [event] = await unload();
    expect(event.defaultPrevented).toBe(true);
    expect.verifySteps([]);
});

test.tags("desktop");
test("Enter pressed twice opens one line", async () => {
    await openLine();
    await contains(cell("description")).edit("Call", { confirm: false });
    await press("Enter");
    await press("Enter");
    await animationFrame();
    await animationFrame();
    expect.verifySteps([1]);
    expect(".o_selected_row").toHaveCount(1);
});
