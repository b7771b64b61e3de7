import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, test } from "@odoo/hoot";
import { press, queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import {
    contains,
    defineActions,
    defineModels,
    fields,
    getService,
    models,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { session } from "@web/session";
import { WebClient } from "@web/webclient/webclient";
import { mockKinds } from "@timebill_legal/../tests/mock_kinds";

class Activity extends models.Model {
    _name = "timebill.activity";

    description = fields.Char();
    kind = fields.Selection({
        selection: [
            ["time", "Time"],
            ["service", "Service"],
            ["expense", "Expense"],
            ["disbursement", "Disbursement"],
        ],
    });

    _records = [{ id: 1, description: "Call", kind: "time" }];
    _views = {
        form: `
            <form>
                <field name="kind" widget="selection_badge"/>
                <field name="description"/>
                <footer>
                    <button string="Save" special="save" class="btn-primary"/>
                    <button string="Discard" special="cancel"/>
                </footer>
            </form>`,
        list: `<list><field name="description"/></list>`,
    };
}

class Note extends models.Model {
    name = fields.Char();

    _records = [{ id: 1, name: "Read me" }];
    _views = { form: `<form><field name="name"/></form>` };
}

defineModels([Activity, Note]);
defineMailModels();

beforeEach(mockKinds);
defineActions([
    {
        id: 1,
        xml_id: "timebill_legal.timebill_activity_action_entry",
        name: "New activity",
        res_model: "timebill.activity",
        views: [[false, "form"]],
        target: "new",
    },
    { id: 2, name: "Notes", res_model: "note", res_id: 1, views: [[false, "form"]] },
    { id: 3, name: "Activities", res_model: "timebill.activity", views: [[false, "list"]] },
]);

const PLUS = ".o_timebill_entry_systray";
const KIND = ".o_dialog .o_selection_badge.active";

beforeEach(() => patchWithCleanup(session, { timebill_entry: true }));

async function openClient(actionId) {
    await mountWithCleanup(WebClient);
    if (actionId) {
        await getService("action").doAction(actionId);
    }
}

test("the button opens the dialog of a time at once", async () => {
    await openClient();
    await contains(PLUS).click();
    expect(".o_dialog .modal-title").toHaveText("New activity");
    expect(KIND).toHaveText("Time");
});

test("there is no button for whom the firm does not know", async () => {
    patchWithCleanup(session, { timebill_entry: false });
    await openClient();
    expect(PLUS).toHaveCount(0);
    await press(["alt", "shift", "s"]);
    await animationFrame();
    expect(".o_dialog").toHaveCount(0);
});

test("Alt+Shift+S from a form with unsaved changes leaves them as they are", async () => {
    onRpc("note", "web_save", () => expect.step("note saved"));
    onRpc("timebill.activity", "web_save", ({ args }) => expect.step(args[1]));
    await openClient(2);
    await contains("[name=name] input").edit("Being typed", { confirm: false });
    await press(["alt", "shift", "s"]);
    await contains(".o_dialog [name=description] input").edit("Call", { confirm: false });
    await press(["control", "enter"]);
    await animationFrame();
    await animationFrame();
    expect(".o_dialog").toHaveCount(0);
    expect.verifySteps([{ description: "Call", kind: "time" }]);
    expect("[name=name] input").toHaveValue("Being typed");
    expect(".o_form_status_indicator_buttons:not(.invisible)").toHaveCount(1);
});

test("a dialog is open already: the keys open no second one over it", async () => {
    await openClient();
    await contains(PLUS).click();
    await contains(".o_dialog [name=description] input").edit("Call");
    await press(["alt", "shift", "s"]);
    await animationFrame();
    expect(".o_dialog").toHaveCount(1);
    expect(".o_dialog [name=description] input").toHaveValue("Call");
});

test("the list of activities shows what was entered, whatever is closed", async () => {
    await openClient(3);
    expect(".o_data_row, .o_kanban_record:not(.o_kanban_ghost)").toHaveCount(1);
    await contains(PLUS).click();
    await contains(".o_dialog [name=description] input").edit("Letter");
    await contains(".o_dialog button:contains(Save)").click();
    await animationFrame();
    expect(".o_data_row").toHaveCount(2);
});

test.tags("desktop");
test("the command palette enters each kind", async () => {
    await openClient();
    await press(["control", "k"]);
    await animationFrame();
    await contains(".o_command_palette_search input").edit("enter", { confirm: false });
    await animationFrame();
    await contains(".o_command:contains(Enter an expense)").click();
    await animationFrame();
    expect(KIND).toHaveText("Expense");
});

test.tags("desktop");
test("the palette names the keys", async () => {
    await openClient();
    await press(["control", "k"]);
    await animationFrame();
    expect(
        queryAllTexts(".o_command:contains(/^Enter/)").map((text) => text.replace(/\s+/g, " "))
    ).toEqual([
        "Enter time ALT + SHIFT + S",
        "Enter a service",
        "Enter an expense",
        "Enter a disbursement",
    ]);
});
