import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, test } from "@odoo/hoot";
import { press, waitFor } from "@odoo/hoot-dom";
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
} from "@web/../tests/web_test_helpers";
import { browser } from "@web/core/browser/browser";
import { WebClient } from "@web/webclient/webclient";
import { mockKinds } from "@timebill_legal/../tests/mock_kinds";

const ACTION = "timebill_legal.timebill_activity_action_entry";
let tokens = 0;

class Matter extends models.Model {
    name = fields.Char();
    _records = [{ id: 1, name: "Dupont" }];
}

class Work extends models.Model {
    kind = fields.Selection({ selection: [["time", "Time"]], default: "time" });
    matter_id = fields.Many2one({ relation: "matter", required: true });
    date = fields.Date({ default: "2026-11-20" });
    duration = fields.Integer();
    description = fields.Text();
    entry_token = fields.Char();

    _views = {
        form: `
            <form class="o_timebill_activity_dialog" js_class="timebill_entry">
                <widget name="timebill_entry_draft"/>
                <field name="entry_token" invisible="1"/>
                <field name="matter_id"/>
                <field name="date"/>
                <field name="duration" widget="timebill_duration"/>
                <field name="description"/>
                <footer>
                    <button name="save" type="object" string="Save" class="btn-primary"/>
                    <button special="cancel" string="Cancel"/>
                </footer>
            </form>`,
    };
}

defineModels([Matter, Work]);
defineMailModels();
defineActions([
    { id: 7, xml_id: ACTION, name: "Entry", res_model: "work", views: [[false, "form"]], target: "new" },
]);

const field = (name) => `.modal .o_field_widget[name=${name}] :is(input, textarea)`;
const OFFER = ".modal .o_timebill_entry_draft";

beforeEach(() => {
    mockKinds();
    browser.sessionStorage.clear();
    onRpc("work", "onchange", async ({ args, parent }) => {
        const result = await parent();
        if (!args[2].length) {
            result.value.entry_token = `token${++tokens}`;
        }
        return result;
    });
    onRpc("work", "save", () => ({ type: "ir.actions.act_window_close" }));
});

async function open(context) {
    await getService("action").doAction(ACTION, { additionalContext: context });
}

async function type() {
    await mountWithCleanup(WebClient);
    await open({ default_matter_id: 1 });
    await contains(field("duration")).edit("45");
    await contains(field("description")).edit("Call of the expert", { confirm: false });
}

test("what was typed comes back after Escape", async () => {
    await type();
    await press("Escape");
    await animationFrame();
    expect(".modal").toHaveCount(0);
    await animationFrame();
    expect(".o_notification_content").toHaveText("Not saved: Dupont · 45 min · Call of the expert");
    await contains(".o_notification button:contains(Resume)").click();
    await waitFor(".modal .o_field_widget[name=duration] input:value(45 min)");
    expect(field("duration")).toHaveValue("45 min");
    expect(field("description")).toHaveValue("Call of the expert");
    expect(OFFER).toHaveCount(0);
});

test("what was typed is offered by the next dialog, also when the page was left", async () => {
    await type();
    getService("dialog").closeAll();
    await animationFrame();
    await open();
    expect(OFFER).toHaveCount(1);
    await contains(`${OFFER} button:contains(Resume)`).click();
    await animationFrame();
    expect(field("description")).toHaveValue("Call of the expert");
    await contains(".modal button[name=save]").click();
    await open();
    expect(OFFER).toHaveCount(0);
});

test("what was saved, cancelled or discarded is not offered", async () => {
    await type();
    await contains(".modal button[name=save]").click();
    await open({ default_matter_id: 1 });
    expect(OFFER).toHaveCount(0);
    await contains(field("description")).edit("Letter");
    await contains(".modal button:contains(Cancel)").click();
    await open({ default_matter_id: 1 });
    expect(OFFER).toHaveCount(0);
    await contains(field("description")).edit("Mail");
    await press("Escape");
    await animationFrame();
    await open();
    await contains(`${OFFER} button:contains(Discard)`).click();
    await press("Escape");
    await animationFrame();
    await open();
    expect(OFFER).toHaveCount(0);
});

test("a dialog in which nothing was typed leaves nothing", async () => {
    await mountWithCleanup(WebClient);
    await open({ default_matter_id: 1 });
    await press("Escape");
    await animationFrame();
    expect(".o_notification").toHaveCount(0);
});
