import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, test } from "@odoo/hoot";
import { press, queryAllTexts, unload } from "@odoo/hoot-dom";
import { animationFrame, runAllTimers } from "@odoo/hoot-mock";
import {
    clickSave,
    contains,
    defineModels,
    fields,
    models,
    mountView,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { mockKinds } from "@timebill_legal/../tests/mock_kinds";

class Matter extends models.Model {
    name = fields.Char();
    display_name = fields.Char({ compute: "_compute_display_name" });

    _compute_display_name() {
        for (const record of this) {
            record.display_name = `2026-000${record.id} ${record.name}`;
        }
    }

    _records = [
        { id: 1, name: "Dupont" },
        { id: 2, name: "Martin" },
    ];
}

class Category extends models.Model {
    name = fields.Char();

    _records = [
        { id: 1, name: "Phone" },
        { id: 2, name: "Copies" },
        { id: 3, name: "Hearing" },
    ];
}

/** What the server does when the kind changes, as far as the tabs rely on it. */
class Work extends models.Model {
    kind = fields.Selection({
        selection: [
            ["time", "Time"],
            ["service", "Service"],
            ["expense", "Expense"],
            ["disbursement", "Disbursement"],
        ],
        default: "time",
        onChange(record) {
            if ((record.kind === "time") !== (record.type_id === 1)) {
                record.type_id = record.kind === "time" ? 1 : 2;
            }
            if (record.kind !== "time") {
                record.duration = 0;
            } else {
                record.quantity = 1;
            }
        },
    });
    matter_id = fields.Many2one({ relation: "matter" });
    type_id = fields.Many2one({ relation: "category", default: 1 });
    duration = fields.Integer();
    quantity = fields.Float({ default: 1 });
    price_unit = fields.Float({
        default: 200,
        onChange: (record) => {
            record.price_is_typed = record.price_unit !== record.rate_price;
        },
    });
    // The server gives the price of the rate lists back once it is not typed.
    price_is_typed = fields.Boolean({
        onChange: (record) => {
            record.has_price = record.has_price || record.price_is_typed;
            record.price_unit = record.price_is_typed ? record.price_unit : record.rate_price;
        },
    });
    has_price = fields.Boolean({ default: true });
    rate_price = fields.Float({ default: 200 });
    description = fields.Char();
    recent_matter_ids = fields.Many2many({ relation: "matter" });

    _records = [
        { id: 1, kind: "time", type_id: 1, price_unit: 200, rate_price: 200, recent_matter_ids: [1, 2] },
    ];
}

defineModels([Matter, Category, Work]);
defineMailModels();

beforeEach(mockKinds);

const ARCH = `
    <form class="o_timebill_activity_dialog" js_class="timebill_entry">
        <field name="kind" widget="timebill_kind_tabs"/>
        <field name="matter_id"/>
        <field name="recent_matter_ids" widget="timebill_chips" readonly="1" options="{'target': 'matter_id'}"/>
        <field name="type_id"/>
        <field name="duration" widget="timebill_duration" invisible="kind != 'time'"/>
        <field name="quantity" invisible="kind == 'time'"/>
        <field name="price_unit" widget="timebill_price"/>
        <field name="price_is_typed" invisible="1"/>
        <field name="has_price" invisible="1"/>
        <field name="rate_price" invisible="1"/>
        <field name="description"/>
    </form>`;
const CHIP = ".o_timebill_chip";
const input = (name) => `.o_field_widget[name=${name}] input`;
const tab = (label) => `[role=radio]:contains(${label})`;

function mountForm(context, resId) {
    return mountView({ type: "form", resModel: "work", arch: ARCH, context, resId });
}

test("a chip sets the field", async () => {
    onRpc("work", "web_save", ({ args }) => expect.step(args[1].matter_id));
    await mountForm({}, 1);
    expect(queryAllTexts(CHIP)).toEqual(["2026-0001 Dupont", "2026-0002 Martin"]);
    await contains(`${CHIP}:contains(Dupont)`).click();
    expect(input("matter_id")).toHaveValue("2026-0001 Dupont");
    expect(`${CHIP}.active`).toHaveText("2026-0001 Dupont");
    await contains(`${CHIP}:contains(Martin)`).click();
    expect(`${CHIP}.active`).toHaveText("2026-0002 Martin");
    await clickSave();
    expect.verifySteps([2]);
});

test.tags("desktop");
test("the keyboard goes from the field to its chips", async () => {
    await mountForm({}, 1);
    await contains(input("matter_id")).focus();
    await press(["alt", "ArrowDown"]);
    expect(`${CHIP}:contains(Dupont)`).toBeFocused();
    await press("ArrowRight");
    await press("Enter");
    await animationFrame();
    expect(`${CHIP}.active`).toHaveText("2026-0002 Martin");
});

test("a chip shows the reference too", async () => {
    await mountForm({}, 1);
    expect(queryAllTexts(".o_timebill_chip_reference")).toEqual(["2026-0001", "2026-0002"]);
});

test("nothing to propose, no chips", async () => {
    await mountForm();
    expect(".o_timebill_chips").toHaveCount(0);
});

test("going to another kind and back keeps what was typed", async () => {
    onRpc("work", "web_save", ({ args }) => expect.step(args[1]));
    await mountForm({ default_matter_id: 1 });
    await contains(input("duration")).edit("45");
    await contains(input("description")).edit("Call of the expert");

    await contains(tab("Expense")).click();
    expect(tab("Expense")).toHaveAttribute("aria-checked", "true");
    expect(input("type_id")).toHaveValue("Copies");
    expect(input("matter_id")).toHaveValue("2026-0001 Dupont");
    expect(input("description")).toHaveValue("Call of the expert");
    await contains(input("quantity")).edit("12");

    await contains(tab("Time")).click();
    expect(input("duration")).toHaveValue("45 min");
    expect(input("type_id")).toHaveValue("Phone");

    await contains(tab("Expense")).click();
    expect(input("quantity")).toHaveValue("12.00");
    expect(input("description")).toHaveValue("Call of the expert");
});

test("a price typed for one kind is no price of another", async () => {
    await mountForm({ default_kind: "service" });
    await contains(input("price_unit")).edit("150");
    await contains(tab("Time")).click();
    expect(input("price_unit")).toHaveValue("200.00");

    await contains(tab("Expense")).click();
    await contains(input("price_unit")).edit("12");
    await contains(tab("Disbursement")).click();
    expect(input("price_unit")).toHaveValue("12.00", { message: "both are costs" });
});

test("a typed price is there again when one comes back to its kind", async () => {
    await mountForm({ default_kind: "service" });
    await contains(input("price_unit")).edit("150");
    await contains(tab("Time")).click();
    expect(input("price_unit")).toHaveValue("200.00");
    await contains(tab("Service")).click();
    expect(input("price_unit")).toHaveValue("150.00");
});

test("0 is a price, and an activity without one shows none", async () => {
    onRpc("work", "web_save", ({ args }) => expect.step([args[1].price_unit, args[1].price_is_typed]));
    await mountForm({ default_has_price: false, default_price_unit: 0, default_rate_price: 0 });
    expect(input("price_unit")).toHaveValue("");
    await contains(input("price_unit")).edit("nothing");
    expect(".o_field_invalid[name=price_unit]").toHaveCount(1);
    await contains(input("price_unit")).edit("0");
    expect(input("price_unit")).toHaveValue("0.00");
    await clickSave();
    expect.verifySteps([[0, true]]);
});

test("a price that is emptied is sent as none, for the server to give that of the rate lists", async () => {
    onRpc("work", "onchange", ({ args }) => {
        if (args[2].includes("price_unit")) {
            expect.step(args[1].price_unit);
        }
    });
    await mountForm({}, 1);
    await contains(input("price_unit")).edit("150");
    await contains(input("price_unit")).edit("");
    expect.verifySteps([150, false]);
});

test.tags("desktop");
test("the matter has the focus, and once it is chosen the duration or the quantity", async () => {
    await mountForm({}, 1);
    expect(input("matter_id")).toBeFocused();
    await contains(`${CHIP}:contains(Dupont)`).click();
    expect(input("duration")).toBeFocused();
    await contains(tab("Service")).click();
    await animationFrame();
    expect(input("quantity")).toBeFocused();
});

test.tags("desktop");
test("the matter is known: the duration has the focus", async () => {
    await mountForm({ default_matter_id: 1 });
    expect(input("duration")).toBeFocused();
});

test.tags("desktop");
test("the open tab pressed again, by its key, leaves the cursor where one types", async () => {
    await mountForm({ default_matter_id: 1 });
    await press(["alt", "1"]);
    await runAllTimers();
    expect(input("duration")).toBeFocused();
});

test.tags("desktop");
test("from the last field, the Tab key goes on to the description", async () => {
    const description = `<notebook><page string="Description"><field name="description"/></page></notebook>`;
    const arch = ARCH.replace(`<field name="description"/>`, description);
    await mountView({ type: "form", resModel: "work", arch, resId: 1 });
    await contains(input("price_unit")).focus();
    await press("Tab");
    expect(input("description")).toBeFocused();
});

test.tags("desktop");
test("the arrows go from tab to tab", async () => {
    await mountForm();
    await contains(tab("Time")).focus();
    await press("ArrowRight");
    await animationFrame();
    expect(tab("Service")).toBeFocused();
    expect(tab("Service")).toHaveAttribute("aria-checked", "true");
    await press("ArrowLeft");
    await press("ArrowLeft");
    await animationFrame();
    expect(tab("Disbursement")).toBeFocused();
});

test("what was not entered is no activity when the page is closed", async () => {
    onRpc("work", "web_save", () => expect.step("saved"));
    await mountForm({ default_matter_id: 1 });
    const [untouched] = await unload();
    expect(untouched.defaultPrevented).toBe(false);
    await contains(input("description")).edit("Call", { confirm: false });
    const [typed] = await unload();
    expect(typed.defaultPrevented).toBe(true);
    expect.verifySteps([]);
});

test.tags("mobile");
test("no keyboard opens on a phone before one touches a field", async () => {
    await mountForm({ default_matter_id: 1 });
    expect("input:focus").toHaveCount(0);
});
