import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, expect, test } from "@odoo/hoot";
import { advanceTime, animationFrame, queryAllTexts, queryOne, waitFor } from "@odoo/hoot-dom";
import {
    contains,
    defineModels,
    fields,
    getService,
    makeServerError,
    models,
    mountView,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { session } from "@web/session";
import { WebClient } from "@web/webclient/webclient";
import { mockKinds } from "@timebill_legal/../tests/mock_kinds";
import { formatClock, TimerMenu } from "@timebill_legal/timer/timer_menu";
import { Timers } from "@timebill_legal/timer/timer_service";

class Matter extends models.Model {
    _name = "timebill.matter";
    name = fields.Char();
    state = fields.Char();
    _records = [
        { id: 7, name: "Lys", state: "open" },
        { id: 8, name: "Morel", state: "open" },
    ];
}

class ActivityType extends models.Model {
    _name = "timebill.activity.type";
    name = fields.Char();
    kind = fields.Char();
    _records = [{ id: 3, name: "Hearing", kind: "time" }];
}

class Timer extends models.Model {
    _name = "timebill.timer";
    name = fields.Char();
}

defineModels([Matter, ActivityType, Timer]);
defineMailModels();

const TIMER = {
    id: 1,
    matter: [7, "Lys"],
    type: false,
    description: "",
    source: ["timebill.matter", 7],
    auto: false,
    running: true,
    seconds: 3598,
    question: false,
    question_delay: 36000,
};
const CLOCK = ".o_timebill_timer_stop .o_timebill_timer_clock";
const TOGGLE = ".o_timebill_timer_toggle";
const TEXT = ".o_timebill_timer_text";

const START = Date.now();

/** What the server holds. */
let timers;

function answer() {
    return { timers: timers.map((timer) => ({ ...timer })), matter_domain: [["state", "=", "open"]] };
}

beforeEach(() => {
    mockKinds();
    timers = [{ ...TIMER }];
    patchWithCleanup(session, { timebill_timer: true });
    // Hoot advances the date only
    patchWithCleanup(Timers.prototype, { now: () => Date.now() - START });
    onRpc("timebill.timer", "get_state", () => {
        expect.step("get_state");
        return answer();
    });
    for (const method of ["action_start", "action_pause", "action_resume", "action_discard"]) {
        onRpc("timebill.timer", method, ({ args }) => {
            expect.step([method, ...args]);
            timers[0].running = method !== "action_pause";
            return { ...answer(), token: method };
        });
    }
    onRpc("timebill.timer", "action_edit", ({ args: [[id], values] }) => {
        expect.step(["action_edit", values]);
        Object.assign(timers.find((timer) => timer.id === id), values);
        return { ...answer(), token: "edit" };
    });
});

async function mountMenu() {
    await mountWithCleanup(TimerMenu);
    await animationFrame();
    expect.verifySteps(["get_state"]);
}

/** The first page of the web client. */
async function openPage() {
    Matter._views = { list: `<list><field name="name"/></list>` };
    await getService("action").doAction({
        type: "ir.actions.act_window",
        res_model: "timebill.matter",
        views: [[false, "list"]],
    });
    await animationFrame();
}

function notify(token) {
    getService("timebill_timer").onNotification({ token });
    return animationFrame();
}

test("clock", () => {
    const clocks = [0, 65, 3599, 3600, 36061].map((seconds) => formatClock(seconds));
    expect(clocks).toEqual(["00:00", "01:05", "59:59", "1:00:00", "10:01:01"]);
    expect(formatClock(3725, { isShort: true })).toBe("1 h 02");
});

test.tags("desktop");
test("the clock counts on from what the server told, without asking again", async () => {
    await mountMenu();
    expect(CLOCK).toHaveText("59:58");
    await advanceTime(3000);
    expect(CLOCK).toHaveText("1:00:01");
    await advanceTime(60_000);
    expect(CLOCK).toHaveText("1:01:01");
    expect.verifySteps([]);
});

test("the server is asked once after the computer slept", async () => {
    const now = Date.now() - START;
    patchWithCleanup(Timers.prototype, { now: () => now });
    await mountMenu();
    timers[0].seconds = 7200;
    await advanceTime(10_000);
    expect.verifySteps(["get_state"]);
    expect(CLOCK).toHaveText(/^2(:| h )00/);
});

test.tags("mobile");
test("a phone shows no seconds", async () => {
    await mountMenu();
    expect(CLOCK).toHaveText("59 min");
    await advanceTime(3000);
    expect(CLOCK).toHaveText("1 h 00");
});

test("a server that could not be reached is asked again when one looks at the page", async () => {
    expect.errors(1);
    let isReached = false;
    onRpc("timebill.timer", "get_state", () => {
        if (!isReached) {
            throw makeServerError({ message: "Out of reach" });
        }
    });
    await mountWithCleanup(TimerMenu);
    await animationFrame();
    expect.verifyErrors(["Out of reach"]);
    expect(CLOCK).toHaveCount(0);
    isReached = true;
    document.dispatchEvent(new Event("visibilitychange"));
    await animationFrame();
    expect(CLOCK).toHaveCount(1);
    expect.verifySteps(["get_state"]);
});

test("nothing counts when none runs", async () => {
    timers[0].running = false;
    await mountMenu();
    expect(CLOCK).toHaveCount(0);
    expect(`${TOGGLE} .badge`).toHaveText("1");
    await contains(TOGGLE).click();
    await advanceTime(5000);
    expect(".o_timebill_timer_row .o_timebill_timer_clock").toHaveText("59:58");
});

test("pause and resume are one request each", async () => {
    await mountMenu();
    await contains(TOGGLE).click();
    await contains(".o_timebill_timer_run").click();
    expect.verifySteps([["action_pause", [1]]]);
    expect(".o_timebill_timer_run .fa-play").toHaveCount(1);
    await contains(".o_timebill_timer_run").click();
    expect.verifySteps([["action_resume", [1]]]);
});

test("text is saved once, a moment after the last key", async () => {
    await mountMenu();
    await contains(TOGGLE).click();
    await contains(TEXT).edit("Call", { confirm: false });
    await advanceTime(300);
    expect.verifySteps([]);
    await contains(TEXT).edit("Call to the court", { confirm: false });
    await advanceTime(5000);
    expect.verifySteps([["action_edit", { description: "Call to the court" }]]);
});

test("text is saved when the list is closed first", async () => {
    await mountMenu();
    await contains(TOGGLE).click();
    await contains(TEXT).edit("Call", { confirm: false });
    await contains(TOGGLE).click();
    await animationFrame();
    await advanceTime(5000);
    expect.verifySteps([["action_edit", { description: "Call" }]]);
});

test.tags("desktop");
test("in a new one, one goes on with the matter", async () => {
    timers = [];
    await mountMenu();
    await contains(TOGGLE).click();
    timers = [{ ...TIMER, matter: false }];
    await contains(".o_timebill_timer_new").click();
    await animationFrame();
    expect(".o_record_selector input").toBeFocused();
    expect.verifySteps([["action_start"]]);
});

test("category", async () => {
    await mountMenu();
    await contains(TOGGLE).click();
    await waitFor(".o_timebill_timer_type option:contains(Hearing)", { timeout: 5000 });
    expect(queryAllTexts(".o_timebill_timer_type option")).toEqual(["As last time", "Hearing"]);
    await contains(".o_timebill_timer_type").select("3");
    expect.verifySteps([["action_edit", { type_id: 3 }]]);
});

test.tags("desktop");
test("matter", async () => {
    await mountMenu();
    await contains(TOGGLE).click();
    expect(".o_record_selector input").toHaveValue("Lys");
    await contains(".o_record_selector input").edit("Mor", { confirm: false });
    await advanceTime(500);
    await contains(".o-autocomplete--dropdown-item:contains(Morel)").click();
    expect.verifySteps([["action_edit", { matter_id: 8 }]]);
});

test("another device: one request; what one did oneself: none", async () => {
    await mountMenu();
    timers[0].seconds = 10;
    await notify("of another device");
    expect.verifySteps(["get_state"]);

    await contains(TOGGLE).click();
    await contains(".o_timebill_timer_run").click();
    await notify("action_pause");
    expect.verifySteps([["action_pause", [1]]]);
});

test("what another device typed shows, not over what is being typed here", async () => {
    await mountMenu();
    await contains(TOGGLE).click();
    timers[0].description = "There";
    await notify("1");
    expect(TEXT).toHaveValue("There");
    await contains(TEXT).edit("Here", { confirm: false });
    timers[0].description = "There again";
    await notify("2");
    expect(queryOne(TEXT).value).toBe("Here");
    await advanceTime(5000);
    expect.verifySteps(["get_state", "get_state", ["action_edit", { description: "Here" }]]);
});

test("what is entered here: one request, whatever the server tells everybody", async () => {
    Matter._views = { form: `<form><field name="name"/></form>` };
    onRpc("timebill.timer", "action_stop", () => ({
        ...answer(),
        token: "stop",
        action: {
            type: "ir.actions.act_window",
            res_model: "timebill.matter",
            views: [[false, "form"]],
            target: "new",
            context: { timebill_timer_token: "entry" },
        },
    }));
    await mountWithCleanup(WebClient);
    await openPage();
    expect.verifySteps(["get_state"]);
    await contains(".o_timebill_timer_stop").click();
    expect(".o_dialog .o_form_view").toHaveCount(1);
    timers = [];
    await notify("entry");
    await getService("action").doAction({ type: "ir.actions.act_window_close" });
    await animationFrame();
    expect.verifySteps(["get_state"]);
    expect(".o_dialog").toHaveCount(0);
});

test("a forgotten one asks what to keep", async () => {
    timers[0].question = { start: "01/01/2026 18:00", stop: false, seconds: 50000, too_long: false };
    onRpc("timebill.timer", "action_answer", ({ args }) => {
        expect.step(["action_answer", ...args]);
        timers[0].question = false;
        timers[0].running = false;
        return { ...answer(), token: "answer" };
    });
    await mountWithCleanup(WebClient);
    await openPage();
    expect(`${TOGGLE} .fa-exclamation-triangle`).toHaveCount(1);
    expect(".o_dialog .btn-primary").not.toBeEnabled();
    await contains(".o_dialog input[name=minutes]").edit("1h30", { confirm: false });
    expect(".o_dialog label:contains(A duration of)").toHaveText(/= 1 h 30/);
    await contains(".o_dialog .btn-primary").click();
    expect.verifySteps(["get_state", ["action_answer", [1], "minutes", 90]]);
    expect(".o_dialog").toHaveCount(0);
});

test("more than a day is not kept as it is", async () => {
    timers[0].question = { start: "x", stop: "y", seconds: 90000, too_long: true };
    await mountWithCleanup(WebClient);
    await openPage();
    expect(".o_dialog input[value=minutes]").toHaveCount(1);
    expect(".o_dialog input[value=all]").toHaveCount(0);
    expect.verifySteps(["get_state"]);
});

test("after midnight the clock warns, and asks nobody who is at work", async () => {
    timers[0].question_delay = 5;
    await mountMenu();
    expect(`${TOGGLE} .fa-exclamation-triangle`).toHaveCount(0);
    await advanceTime(6000);
    expect(`${TOGGLE} .fa-exclamation-triangle`).toHaveCount(1);
    expect(".o_dialog").toHaveCount(0);
});

test("button on a record", async () => {
    timers = [{ ...TIMER, source: ["timebill.matter", 8] }];
    onRpc("timebill.timer", "action_start", ({ args }) => {
        expect.step(["action_start", ...args]);
        timers = [{ ...TIMER, source: args }];
        return { ...answer(), token: "start" };
    });
    await mountView({
        type: "form",
        resModel: "timebill.matter",
        resId: 7,
        arch: `<form><header><widget name="timebill_timer_button"/></header><field name="name"/></form>`,
    });
    await contains(".o_timebill_timer_button:has(.fa-play)").click();
    await contains(".o_timebill_timer_button:has(.fa-pause)").click();
    expect(".o_timebill_timer_button .fa-play").toHaveCount(1);
    expect.verifySteps(["get_state", ["action_start", "timebill.matter", 7], ["action_pause", [1]]]);
});

test("automatic: with the form of a matter, for who wants it", async () => {
    patchWithCleanup(session, { timebill_auto_timer: true });
    for (const method of ["action_enter", "action_leave"]) {
        onRpc("timebill.timer", method, ({ args }) => {
            expect.step([method, ...args]);
            return answer();
        });
    }
    Matter._views = {
        form: `<form js_class="timebill_matter_form"><field name="name"/></form>`,
        list: `<list><field name="name"/></list>`,
    };
    await mountWithCleanup(WebClient);
    const open = (values) =>
        getService("action").doAction({
            type: "ir.actions.act_window",
            res_model: "timebill.matter",
            ...values,
        });
    await open({ res_id: 7, views: [[false, "form"]] });
    expect.verifySteps(["get_state", ["action_enter", 7]]);
    window.dispatchEvent(new Event("pagehide"));
    await animationFrame();
    expect.verifySteps([["action_leave", 7]], { message: "also with the page" });
    await open({ views: [[false, "list"]] });
    await animationFrame();
    expect.verifySteps([["action_leave", 7]]);
});
