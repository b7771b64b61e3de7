import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { animationFrame, mockDate } from "@odoo/hoot-mock";
import {
    contains,
    defineModels,
    fields,
    getService,
    models,
    mountView,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";

class ToBill extends models.Model {
    _name = "timebill.to.bill";

    name = fields.Char();
    total = fields.Integer({ aggregator: "sum" });

    _records = [
        { id: 1, name: "Dupont", total: 100 },
        { id: 2, name: "Martin", total: 50 },
    ];
    _views = {
        list: `
            <list js_class="timebill_to_bill_list">
                <header>
                    <button name="action_bill" type="object" string="Bill"/>
                </header>
                <field name="name"/>
                <field name="total" sum="Total"/>
                <button name="action_bill" type="object" string="Bill this one"/>
            </list>`,
        kanban: `
            <kanban js_class="timebill_to_bill_kanban">
                <templates>
                    <t t-name="card"><field name="name"/></t>
                </templates>
            </kanban>`,
        form: `<form><field name="name"/></form>`,
    };
}

defineModels([ToBill]);
defineMailModels();

const INPUT = ".o_timebill_cutoff input";

function stepCutoff({ method, kwargs }) {
    expect.step([method, kwargs.context.timebill_cutoff]);
}
onRpc("timebill.to.bill", "web_search_read", stepCutoff);
onRpc("timebill.to.bill", "web_read_group", stepCutoff);
onRpc("timebill.to.bill", "action_bill", (request) => {
    stepCutoff(request);
    return false;
});

test("last month's end is the default, and an empty date lifts the limit", async () => {
    mockDate("2026-03-31 12:00:00");
    await mountView({ type: "list", resModel: "timebill.to.bill" });
    expect(INPUT).toHaveValue("02/28/2026");
    expect.verifySteps([["web_search_read", "2026-02-28"]]);

    await contains(INPUT).edit("03/15/2026");
    await animationFrame();
    expect.verifySteps([["web_search_read", "2026-03-15"]]);

    await contains(INPUT).edit("");
    await animationFrame();
    expect.verifySteps([["web_search_read", false]]);
});

test("the context of the action sets the date", async () => {
    await mountView({
        type: "list",
        resModel: "timebill.to.bill",
        context: { timebill_cutoff: "2026-01-31" },
    });
    expect(INPUT).toHaveValue("01/31/2026");
    expect.verifySteps([["web_search_read", "2026-01-31"]]);
});

test("the action may ask for no limit", async () => {
    await mountView({
        type: "list",
        resModel: "timebill.to.bill",
        context: { timebill_cutoff: false },
    });
    expect(INPUT).toHaveValue("");
    expect.verifySteps([["web_search_read", false]]);
});

test("groups are read with the date", async () => {
    await mountView({
        type: "list",
        resModel: "timebill.to.bill",
        groupBy: ["name"],
        context: { timebill_cutoff: "2026-01-31" },
    });
    expect.verifySteps([["web_read_group", "2026-01-31"]]);
});

test.tags("desktop");
test("the buttons of the rows and of the header get the date", async () => {
    await mountView({
        type: "list",
        resModel: "timebill.to.bill",
        context: { timebill_cutoff: "2026-01-31" },
    });
    expect.verifySteps([["web_search_read", "2026-01-31"]]);
    await contains(INPUT).edit("01/15/2026");
    await animationFrame();
    expect.verifySteps([["web_search_read", "2026-01-15"]]);

    await contains(".o_data_row button:contains(Bill this one):first").click();
    expect.verifySteps([
        ["action_bill", "2026-01-15"],
        ["web_search_read", "2026-01-15"],
    ]);

    await contains(".o_data_row .o_list_record_selector input:first").click();
    await contains(".o_selection_container button:contains(Bill)").click();
    expect.verifySteps([
        ["action_bill", "2026-01-15"],
        ["web_search_read", "2026-01-15"],
    ]);
});

test("the kanban has the date too", async () => {
    await mountView({
        type: "kanban",
        resModel: "timebill.to.bill",
        context: { timebill_cutoff: "2026-01-31" },
    });
    expect(INPUT).toHaveValue("01/31/2026");
    await contains(INPUT).edit("01/15/2026");
    await animationFrame();
    expect.verifySteps([
        ["web_search_read", "2026-01-31"],
        ["web_search_read", "2026-01-15"],
    ]);
});

test.tags("desktop");
test("the date survives going to another view and back", async () => {
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.act_window",
        res_model: "timebill.to.bill",
        views: [
            [false, "list"],
            [false, "kanban"],
            [false, "form"],
        ],
        context: { timebill_cutoff: "2026-01-31" },
    });
    await contains(INPUT).edit("01/15/2026");
    await contains(".o_switch_view.o_kanban").click();
    expect(INPUT).toHaveValue("01/15/2026");
    await contains(".o_kanban_record:contains(Dupont)").click();
    expect(INPUT).toHaveCount(0);
    await contains(".breadcrumb-item a, .o_back_button").click();
    expect(INPUT).toHaveValue("01/15/2026");
    expect.verifySteps([
        ["web_search_read", "2026-01-31"],
        ["web_search_read", "2026-01-15"],
        ["web_search_read", "2026-01-15"],
        ["web_search_read", "2026-01-15"],
    ]);
});
