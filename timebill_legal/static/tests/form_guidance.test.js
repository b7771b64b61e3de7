import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { animationFrame } from "@odoo/hoot-mock";
import {
    clickSave,
    contains,
    defineModels,
    fields,
    models,
    mountView,
} from "@web/../tests/web_test_helpers";

class Thing extends models.Model {
    _name = "timebill.thing";

    name = fields.Char({ string: "Title", required: true });
    reason = fields.Char({ string: "Reason", required: true });
    duration = fields.Integer({ string: "Time" });
    line_ids = fields.One2many({ string: "Lines", relation: "timebill.thing", relation_field: "parent_id" });
    parent_id = fields.Many2one({ relation: "timebill.thing" });
}

class Other extends models.Model {
    _name = "other";

    name = fields.Char({ string: "Title", required: true });
}

defineModels([Thing, Other]);
defineMailModels();

const ARCH = `
    <form>
        <field name="duration" widget="timebill_duration"/>
        <label for="name"/><field name="name"/>
        <notebook>
            <page string="First"><field name="parent_id" nolabel="1"/></page>
            <page string="Second"><field name="reason"/></page>
        </notebook>
    </form>`;
const input = (name) => `.o_field_widget[name=${name}] input`;

async function frames(count) {
    for (let frame = 0; frame < count; frame++) {
        await animationFrame();
    }
}

test.tags("desktop");
test("a message names the fields to fill in, and the first one has the focus", async () => {
    await mountView({ type: "form", resModel: "timebill.thing", arch: ARCH });
    await clickSave();
    expect(".o_notification_content").toHaveText("Fill in: Title, Reason.");
    await frames(6);
    expect(input("name")).toBeFocused();
});

test.tags("desktop");
test("the page of the missing field opens", async () => {
    await mountView({ type: "form", resModel: "timebill.thing", arch: ARCH });
    await contains(input("name")).edit("Some title");
    await clickSave();
    expect(".o_notification_content").toHaveText("Fill in: Reason.");
    await frames(6);
    expect(".nav-link.active").toHaveText("Second");
    expect(input("reason")).toBeFocused();
});

test.tags("desktop");
test("a message names the fields to correct", async () => {
    await mountView({ type: "form", resModel: "timebill.thing", arch: ARCH });
    await contains(input("name")).edit("Some title");
    await contains(".nav-link:contains(Second)").click();
    await contains(input("reason")).edit("Some reason");
    await contains(input("duration")).edit("25:00");
    await clickSave();
    expect(".o_notification_content").toHaveText("Correct: Time.");
});

test("Odoo's own forms say what they said", async () => {
    await mountView({ type: "form", resModel: "other", arch: `<form><field name="name"/></form>` });
    await clickSave();
    expect(".o_notification_content").toHaveText("Missing required fields");
    expect(input("name")).not.toHaveAttribute("aria-required");
});

test("screen readers learn what is required, invalid and selected", async () => {
    await mountView({ type: "form", resModel: "timebill.thing", arch: ARCH });
    await animationFrame();
    expect(input("name")).toHaveAttribute("aria-required", "true");
    expect(input("duration")).not.toHaveAttribute("aria-required");
    expect(input("parent_id")).toHaveAttribute("aria-label", "Parent");
    expect(".nav-link:contains(First)").toHaveAttribute("aria-selected", "true");
    await contains(".nav-link:contains(Second)").click();
    await animationFrame();
    expect(".nav-link:contains(First)").toHaveAttribute("aria-selected", "false");
    expect(".nav-link:contains(Second)").toHaveAttribute("aria-selected", "true");
    await clickSave();
    await animationFrame();
    expect(input("name")).toHaveAttribute("aria-invalid", "true");
});
