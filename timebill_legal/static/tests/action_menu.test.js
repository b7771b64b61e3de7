import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, test } from "@odoo/hoot";
import { queryAllTexts } from "@odoo/hoot-dom";
import {
    contains,
    defineActions,
    defineModels,
    fields,
    getService,
    models,
    mountView,
    mountWithCleanup,
    onRpc,
} from "@web/../tests/web_test_helpers";
import { WebClient } from "@web/webclient/webclient";
import { mockKinds } from "@timebill_legal/../tests/mock_kinds";

class Matter extends models.Model {
    name = fields.Char({ required: true });
    closed = fields.Boolean();

    _records = [
        { id: 1, name: "Dupont", closed: false },
        { id: 2, name: "Martin", closed: true },
    ];
    _views = { form: `<form><field name="name"/></form>` };
}

defineModels([Matter]);
defineMailModels();

beforeEach(mockKinds);

const ARCH = `
    <form>
        <header>
            <widget name="timebill_new_activity" invisible="closed"/>
            <button name="action_first" type="object" string="First"/>
            <button name="action_second" type="object" string="Second"/>
        </header>
        <sheet><field name="name"/><field name="closed" invisible="1"/></sheet>
    </form>`;
const BUTTON = ".o_widget_timebill_new_activity button";

function mountForm(resId) {
    return mountView({ type: "form", resModel: "matter", resId, arch: ARCH });
}

onRpc("matter", "timebill_action_new_activity", ({ args, kwargs }) => {
    expect.step(["timebill_action_new_activity", args[0], kwargs.context.timebill_kind]);
    return false;
});
onRpc("matter", "web_save", ({ args }) => expect.step(["web_save", args[1].name]));

test.tags("desktop");
test("the menu is one of the buttons of the header", async () => {
    await mountForm(1);
    expect(queryAllTexts(".o_statusbar_buttons button")).toEqual([
        "New activity",
        "First",
        "Second",
    ]);
    expect(BUTTON).toHaveClass("btn-primary");

    await contains(BUTTON).click();
    expect(queryAllTexts(".o-dropdown-item")).toEqual([
        "Time",
        "Service",
        "Expense (with VAT)",
        "Disbursement (no VAT)",
    ]);
});

test.tags("mobile");
test("the menu is the one button that stays out of the kebab on a phone", async () => {
    await mountForm(1);
    expect(queryAllTexts(".o_statusbar_buttons button")).toEqual(["New activity", ""]);

    await contains(BUTTON).click();
    await contains(".o-dropdown-item:contains(Service)").click();
    expect.verifySteps([["timebill_action_new_activity", [1], "service"]]);
});

test("invisible hides the menu", async () => {
    await mountForm(2);
    expect(BUTTON).toHaveCount(0);
});

test("an untouched record is not saved", async () => {
    await mountForm(1);
    await contains(BUTTON).click();
    await contains(".o-dropdown-item:contains(Time)").click();
    expect.verifySteps([["timebill_action_new_activity", [1], "time"]]);
});

test("a changed record is saved first", async () => {
    await mountForm(1);
    await contains("[name=name] input").edit("Durand");
    await contains(BUTTON).click();
    await contains(".o-dropdown-item:contains(Disbursement)").click();
    expect.verifySteps([
        ["web_save", "Durand"],
        ["timebill_action_new_activity", [1], "disbursement"],
    ]);
});

test("a new record is saved first, and nothing opens when it cannot be", async () => {
    await mountForm();
    await contains(BUTTON).click();
    await contains(".o-dropdown-item:contains(Expense)").click();
    expect(".o_field_invalid[name=name]").toHaveCount(1);
    expect.verifySteps([]);

    await contains("[name=name] input").edit("Durand");
    await contains(BUTTON).click();
    await contains(".o-dropdown-item:contains(Expense)").click();
    expect.verifySteps([
        ["web_save", "Durand"],
        ["timebill_action_new_activity", [3], "expense"],
    ]);
});

test.tags("desktop");
test("the record is read again when the dialog is closed", async () => {
    onRpc("matter", "timebill_action_new_activity", () => ({
        type: "ir.actions.act_window",
        res_model: "matter",
        views: [[false, "form"]],
        target: "new",
    }));
    onRpc("matter", "web_read", ({ args }) => expect.step(["web_read", args[0]]));
    defineActions([{ id: 1, res_model: "matter", res_id: 1, views: [["form_arch", "form"]] }]);
    Matter._views["form,form_arch"] = ARCH;
    await mountWithCleanup(WebClient);
    await getService("action").doAction(1);
    expect.verifySteps([["web_read", [1]]]);

    await contains(BUTTON).click();
    await contains(".o-dropdown-item:contains(Time)").click();
    expect(".o_dialog").toHaveCount(1);
    await contains(".o_dialog .o_form_button_cancel").click();
    expect(".o_dialog").toHaveCount(0);
    expect.verifySteps([["web_read", [1]]]);
});

test("bill menu on a page of the form", async () => {
    onRpc("matter", "timebill_action_bill", ({ args, kwargs }) => {
        expect.step([args[0], kwargs.context.timebill_send]);
        return false;
    });
    await mountView({
        type: "form",
        resModel: "matter",
        resId: 1,
        arch: `
            <form>
                <sheet>
                    <notebook>
                        <page string="Finances">
                            <widget name="timebill_bill_menu"/>
                            <field name="name"/>
                        </page>
                    </notebook>
                </sheet>
            </form>`,
    });
    await contains(".o_widget_timebill_bill_menu button").click();
    expect(queryAllTexts(".o-dropdown-item")).toEqual(["Create and edit", "Create and send…"]);
    await contains(".o-dropdown-item:contains(edit)").click();
    await contains(".o_widget_timebill_bill_menu button").click();
    await contains(".o-dropdown-item:contains(send)").click();
    expect.verifySteps([
        [[1], undefined],
        [[1], true],
    ]);
});
