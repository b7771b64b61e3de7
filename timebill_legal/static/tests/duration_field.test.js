import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { expect, test } from "@odoo/hoot";
import { press, queryAllTexts } from "@odoo/hoot-dom";
import { animationFrame } from "@odoo/hoot-mock";
import {
    clickCancel,
    clickSave,
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

class Work extends models.Model {
    name = fields.Char();
    duration = fields.Integer({ aggregator: "sum" });

    _records = [
        { id: 1, name: "Call", duration: 75 },
        { id: 2, name: "Letter", duration: 45 },
    ];
}

defineModels([Work]);
defineMailModels();

const INPUT = ".o_field_widget[name=duration] input";
const ECHO = ".o_timebill_duration_echo";

function mountForm({ options = "{}", resId = 1 } = {}) {
    return mountView({
        type: "form",
        resModel: "work",
        resId,
        arch: `
            <form>
                <field name="name"/>
                <field name="duration" widget="timebill_duration" options="${options}"/>
            </form>`,
    });
}

test("the value is echoed while typing, then written in the input", async () => {
    onRpc("work", "web_save", ({ args }) => expect.step(args[1]));
    await mountForm();
    expect(INPUT).toHaveValue("1 h 15");
    expect(ECHO).toHaveCount(0);

    await contains(INPUT).edit("1,5", { confirm: false });
    expect(ECHO).toHaveText("= 1 h 30");
    expect(INPUT).toHaveValue("1,5");

    await contains("[name=name] input").click();
    expect(INPUT).toHaveValue("1 h 30");
    expect(ECHO).toHaveCount(0);

    await clickSave();
    expect.verifySteps([{ duration: 90 }]);
});

test("emptying the input means no time", async () => {
    onRpc("work", "web_save", ({ args }) => expect.step(args[1]));
    await mountForm();
    await contains(INPUT).edit("");
    expect(INPUT).toHaveValue("");
    expect(".o_field_widget[name=duration]").not.toHaveClass("o_field_invalid");
    await clickSave();
    expect.verifySteps([{ duration: 0 }]);
});

test("an invalid duration cannot be saved", async () => {
    onRpc("work", "web_save", () => expect.step("web_save"));
    await mountForm({ resId: false });
    await contains(INPUT).edit("1h75");
    expect(ECHO).toHaveClass("text-danger");
    expect(".o_field_widget[name=duration]").toHaveClass("o_field_invalid");

    await clickSave();
    expect(".o_notification_bar").toHaveClass("bg-danger");
    expect(INPUT).toHaveValue("1h75");
    expect.verifySteps([]);

    await contains(INPUT).edit("1h15");
    expect(".o_field_widget[name=duration]").not.toHaveClass("o_field_invalid");
});

test("nothing of an invalid duration is left when it is discarded", async () => {
    await mountForm();
    await contains(INPUT).edit("1h75");
    expect(ECHO).toHaveClass("text-danger");
    await clickCancel();
    expect(INPUT).toHaveValue("1 h 15");
    expect(ECHO).toHaveCount(0);
});

test("more than twelve hours asks for a second look", async () => {
    await mountForm();
    await contains(INPUT).edit("12h", { confirm: false });
    expect(ECHO).toHaveText("= 12 h 00");
    await contains(INPUT).edit("13h");
    expect(ECHO).toHaveText("= 13 h 00, are you sure?");
    expect(ECHO).toHaveClass("text-warning");
    expect(".o_field_widget[name=duration]").not.toHaveClass("o_field_invalid");
});

test("chips set the value, also over an invalid one", async () => {
    onRpc("work", "web_save", ({ args }) => expect.step(args[1]));
    await mountForm({ options: "{'chips': [6, 15, 60]}" });
    expect(queryAllTexts(".o_timebill_duration_chip")).toEqual(["6 min", "15 min", "1 h 00"]);

    await contains(INPUT).edit("1h", { confirm: false });
    expect(".o_timebill_duration_chip.active").toHaveText("1 h 00");
    await contains(INPUT).edit("abc");
    expect(".o_timebill_duration_chip.active").toHaveCount(0);
    await contains(".o_timebill_duration_chip:contains(15 min)").click();
    expect(INPUT).toHaveValue("15 min");
    expect(ECHO).toHaveCount(0);
    expect(".o_field_widget[name=duration]").not.toHaveClass("o_field_invalid");
    expect(".o_timebill_duration_chip.active").toHaveText("15 min");

    await clickSave();
    expect.verifySteps([{ duration: 15 }]);
});

test("the keyboard goes from the input to the next field", async () => {
    await mountForm({ options: "{'chips': [6, 15, 60]}" });
    await contains("[name=name] input").click();
    await press("Tab");
    expect(INPUT).toBeFocused();
    await press("9");
    expect(INPUT).toHaveValue("9", { message: "typing replaces the value" });
    await press("Tab");
    expect(".o_timebill_duration_chip:focus").toHaveCount(0);
});

test.tags("desktop");
test("the keyboard goes from the input to the chips and back", async () => {
    await mountForm({ options: "{'chips': [6, 15, 60]}" });
    await contains(INPUT).focus();
    await press(["alt", "ArrowDown"]);
    expect(".o_timebill_duration_chip:first").toBeFocused();
    await press("ArrowRight");
    expect(".o_timebill_duration_chip:contains(15 min)").toBeFocused();
    await press("Enter");
    await animationFrame();
    expect(INPUT).toHaveValue("15 min");
    expect(".o_timebill_duration_chip:contains(15 min)").toHaveAttribute("aria-pressed", "true");
    await press(["alt", "ArrowUp"]);
    expect(INPUT).toBeFocused();
});

test("readonly in a form", async () => {
    await mountView({
        type: "form",
        resModel: "work",
        resId: 1,
        arch: `<form><field name="duration" widget="timebill_duration" readonly="1"/></form>`,
    });
    expect(".o_field_widget[name=duration]").toHaveText("1 h 15");
    expect(INPUT).toHaveCount(0);
});

test("in a list, with its total", async () => {
    onRpc("work", "web_save", ({ args }) => expect.step(args));
    await mountView({
        type: "list",
        resModel: "work",
        arch: `
            <list editable="bottom">
                <field name="name"/>
                <field name="duration" widget="timebill_duration" sum="Total"/>
            </list>`,
    });
    expect(queryAllTexts(".o_data_cell[name=duration]")).toEqual(["1 h 15", "45 min"]);
    expect("tfoot .o_list_number").toHaveText("2 h 00");

    await contains(".o_data_cell[name=duration]:first").click();
    await contains(INPUT).edit("20", { confirm: false });
    expect(ECHO).toHaveText("= 20 min");
    await contains(".o_list_button_save").click();
    expect(queryAllTexts(".o_data_cell[name=duration]")).toEqual(["20 min", "45 min"]);
    expect("tfoot .o_list_number").toHaveText("1 h 05");
    expect.verifySteps([[[1], { duration: 20 }]]);
});

test("in a grouped list", async () => {
    await mountView({
        type: "list",
        resModel: "work",
        groupBy: ["name"],
        arch: `
            <list>
                <field name="name"/>
                <field name="duration" widget="timebill_duration" sum="Total"/>
            </list>`,
    });
    expect(queryAllTexts(".o_group_header .o_list_number")).toEqual(["1 h 15", "45 min"]);
});

test("on a kanban card", async () => {
    await mountView({
        type: "kanban",
        resModel: "work",
        arch: `
            <kanban>
                <templates>
                    <t t-name="card"><field name="duration" widget="timebill_duration"/></t>
                </templates>
            </kanban>`,
    });
    expect(queryAllTexts(".o_kanban_record:not(.o_kanban_ghost)")).toEqual(["1 h 15", "45 min"]);
});

test("Ctrl+Enter saves a dialog with what is being typed", async () => {
    onRpc("work", "web_save", ({ args }) => expect.step(args[1]));
    Work._views = {
        form: `
            <form>
                <field name="duration" widget="timebill_duration"/>
                <footer>
                    <button string="Save" special="save" class="btn-primary"/>
                    <button string="Discard" special="cancel"/>
                </footer>
            </form>`,
    };
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.act_window",
        res_model: "work",
        views: [[false, "form"]],
        target: "new",
    });
    await contains(INPUT).edit("45", { confirm: false });
    await press(["control", "enter"]);
    await animationFrame();
    expect.verifySteps([{ duration: 45 }]);
    expect(".o_dialog").toHaveCount(0);
});
