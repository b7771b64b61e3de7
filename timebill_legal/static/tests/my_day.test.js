import { defineMailModels } from "@mail/../tests/mail_test_helpers";
import { beforeEach, Deferred, expect, mockDate, test } from "@odoo/hoot";
import { advanceTime, animationFrame, press, queryAllTexts, queryAllAttributes } from "@odoo/hoot-dom";
import {
    contains,
    defineModels,
    fields,
    getService,
    makeServerError,
    models,
    mountWithCleanup,
    onRpc,
    patchWithCleanup,
} from "@web/../tests/web_test_helpers";
import { session } from "@web/session";
import { WebClient } from "@web/webclient/webclient";
import { mockKinds } from "@timebill_legal/../tests/mock_kinds";

class Matter extends models.Model {
    _name = "timebill.matter";
    name = fields.Char();
    state = fields.Char();
    _records = [
        { id: 7, name: "Lys", state: "open" },
        { id: 8, name: "Morel", state: "open" },
    ];
}

class Timer extends models.Model {
    _name = "timebill.timer";
}

class Activity extends models.Model {
    _name = "timebill.activity";
}

class MyDay extends models.Model {
    _name = "timebill.my.day";
}

defineModels([Matter, Timer, Activity, MyDay]);
defineMailModels();

const LYS = { id: 7, display_name: "Lys" };
const CANDIDATE = {
    model: "calendar.event",
    id: 1,
    date: "2026-10-14",
    time: "09:00 – 10:30",
    label: "Expert",
    kind: "time",
    matter: LYS,
    type: 3,
    minutes: 90,
    quantity: 1,
    reason: "",
};
const UNSURE = {
    ...CANDIDATE,
    id: 2,
    time: "12:00 – 12:30",
    label: "Lunch",
    matter: false,
    minutes: 30,
    reason: "which matter?",
};
const ACTIVITY = {
    id: 11,
    date: "2026-10-14",
    kind: "time",
    description: "Call",
    duration: 60,
    billable_duration: 45,
    billing_state: "to_bill",
    matter_id: LYS,
    type_id: { id: 3, display_name: "Meeting" },
};
const CONVERT = ".o_timebill_convert";
const ROW = ".o_timebill_candidate";

/** What the server holds. */
let week;
let converted;

beforeEach(() => {
    mockKinds();
    mockDate("2026-10-14 17:30:00");
    patchWithCleanup(session, { timebill_timer: true });
    week = {
        date: "2026-10-14",
        today: "2026-10-14",
        person: 5,
        people: [{ id: 5, name: "Claire" }],
        days: [12, 13, 14, 15, 16, 17, 18].map((day) => ({
            date: `2026-10-${day}`,
            target: day < 17 ? 420 : 0,
        })),
        candidates: [CANDIDATE, UNSURE],
        activities: [ACTIVITY],
        types: [
            { id: 3, name: "Meeting", kind: "time" },
            { id: 4, name: "Hearing", kind: "time" },
            { id: 9, name: "Deed", kind: "service", default_quantity: 2 },
        ],
        matter_domain: [["state", "=", "open"]],
        states: { to_bill: "To Bill" },
    };
    onRpc("timebill.timer", "get_state", () => ({ timers: [], matter_domain: [] }));
    onRpc("timebill.my.day", "get_week", ({ args }) => {
        expect.step(["get_week", ...args]);
        return JSON.parse(JSON.stringify(week));
    });
    onRpc("timebill.my.day", "ignore", ({ args }) => {
        expect.step(["ignore", ...args]);
        const [[{ id }], isIgnored] = args;
        week.candidates = week.candidates.map((candidate) =>
            candidate.id === id ? { ...candidate, is_ignored: isIgnored } : candidate
        );
        return JSON.parse(JSON.stringify(week));
    });
    onRpc("timebill.activity", "action_undo_conversion", ({ args }) => {
        expect.step(["undo", ...args]);
        week.candidates.push(...converted);
        return false;
    });
    onRpc("timebill.my.day", "convert", ({ args }) => {
        expect.step(["convert", ...args]);
        const ids = args[0].map(({ id }) => id);
        converted = week.candidates.filter(({ id }) => ids.includes(id));
        week.candidates = week.candidates.filter(({ id }) => !ids.includes(id));
        return JSON.parse(JSON.stringify({ ...week, person: args[2], entered: [21] }));
    });
});

async function openPage() {
    await mountWithCleanup(WebClient);
    await getService("action").doAction({
        type: "ir.actions.client",
        tag: "timebill_my_day",
        name: "My day",
    });
    await animationFrame();
    expect.verifySteps([["get_week", false, false]]);
}

test("what is sure is ticked, and one press enters it", async () => {
    await openPage();
    expect(queryAllTexts(`${ROW} .btn-link.fw-bold`)).toEqual(["Expert", "Lunch"]);
    expect(`${ROW} input[type=checkbox]:checked`).toHaveCount(1);
    expect(`${ROW} .o_timebill_reason`).toHaveText("Which matter?");
    expect(".o_timebill_gap").toHaveText(/6 h 00 missing of 7 h 00, to enter: 2 meetings$/);
    expect(CONVERT).toHaveText("Convert 1 · 1 h 30");
    await contains(CONVERT).click();
    const entry = { model: "calendar.event", id: 1, kind: "time", matter_id: 7, type_id: 3, duration: 90 };
    expect.verifySteps([["convert", [entry], "2026-10-14", 5]]);
    expect(ROW).toHaveCount(1);
    expect(".o_notification").toHaveText(/Entered: 1 h 30/);
    expect(CONVERT).not.toBeEnabled();
    await press(["control", "enter"]);
    expect.verifySteps([]);
});

test.tags("desktop");
test("a matter chosen on the spot ticks its row", async () => {
    await openPage();
    expect(`${ROW}:last input[type=checkbox]`).not.toBeEnabled();
    await contains(`${ROW}:last .o_record_selector input`).edit("Mor", { confirm: false });
    await advanceTime(500);
    await contains(".o-autocomplete--dropdown-item:contains(Morel)").click();
    expect(CONVERT).toHaveText("Convert 2 · 2 h 00");
    await contains(`${ROW}:last select`).select("4");
    await contains(`${ROW}:last .o_timebill_candidate_minutes`).edit("1h15");
    expect(CONVERT).toHaveText("Convert 2 · 2 h 45");
    await contains(`${ROW}:first input[type=checkbox]`).uncheck();
    await contains(CONVERT).click();
    const entry = { model: "calendar.event", id: 2, kind: "time", matter_id: 8, type_id: 4, duration: 75 };
    expect.verifySteps([["convert", [entry], "2026-10-14", 5]]);
    expect(`${ROW} input[type=checkbox]`).not.toBeChecked({ message: "what the user said stays" });
    await contains(".o_notification button:contains(Undo)").click();
    expect.verifySteps([
        ["undo", [21]],
        ["get_week", "2026-10-14", 5],
    ]);
    expect(CONVERT).toHaveText("Convert 1 · 1 h 15", { message: "and comes back with it" });
});

test.tags("desktop");
test("a matter chosen on the spot keeps its name when one comes back", async () => {
    await openPage();
    await contains(`${ROW}:last .o_record_selector input`).edit("Mor", { confirm: false });
    await advanceTime(500);
    await contains(".o-autocomplete--dropdown-item:contains(Morel)").click();
    await leavePage();
    await getService("action").restore();
    await animationFrame();
    expect(`${ROW}:last .o_record_selector input`).toHaveValue("Morel");
    expect.verifySteps([["get_week", "2026-10-14", 5]]);
});

test("one press puts a lunch aside, another brings it back", async () => {
    await openPage();
    const entry = { model: "calendar.event", id: 2 };
    await contains(`${ROW}:last .o_timebill_ignore`).click();
    expect.verifySteps([["ignore", [entry], true, "2026-10-14", 5]]);
    expect(queryAllTexts(`${ROW} .btn-link.fw-bold`)).toEqual(["Expert"]);
    expect(".o_timebill_gap").toHaveText(/1 meeting$/);
    await contains(".o_notification button:contains(Undo)").click();
    expect.verifySteps([["ignore", [entry], false, "2026-10-14", 5]]);
    expect(ROW).toHaveCount(2);
    await contains(`${ROW}:last .o_timebill_ignore`).click();
    expect(".o_timebill_restore").toHaveCount(0);
    await contains(".o_timebill_ignored > button").click();
    await contains(".o_timebill_restore").click();
    expect(ROW).toHaveCount(2);
    expect(".o_timebill_ignored").toHaveCount(0);
    expect.verifySteps([
        ["ignore", [entry], true, "2026-10-14", 5],
        ["ignore", [entry], false, "2026-10-14", 5],
    ]);
});

test("a meeting may be a service at a fixed price, a timer may not", async () => {
    week.candidates = [CANDIDATE, { ...CANDIDATE, id: 2, model: "timebill.timer" }];
    await openPage();
    expect(queryAllTexts(`${ROW}:last option`)).toEqual(["Meeting", "Hearing"]);
    await contains(`${ROW}:first select`).select("9");
    expect(`${ROW}:first .o_timebill_candidate_minutes`).toHaveValue("2");
    expect(CONVERT).toHaveText("Convert 2 · 1 h 30", { message: "its time does not count" });
    await contains(`${ROW}:first .o_timebill_candidate_minutes`).edit("none");
    expect(`${ROW}:first .o_timebill_candidate_minutes`).toHaveClass("text-danger");
    expect(CONVERT).toHaveText("Convert 1 · 1 h 30");
    await contains(`${ROW}:first .o_timebill_candidate_minutes`).edit("2.5");
    await contains(CONVERT).click();
    const entry = { model: "calendar.event", id: 1, matter_id: 7 };
    const time = { model: "timebill.timer", id: 2, matter_id: 7 };
    const entries = [
        { ...entry, kind: "service", type_id: 9, quantity: 2.5 },
        { ...time, kind: "time", type_id: 3, duration: 90 },
    ];
    expect.verifySteps([["convert", entries, "2026-10-14", 5]]);
});

test("of what its record says, only the category is chosen", async () => {
    const said = { ...CANDIDATE, is_fixed: true };
    const cost = { kind: "expense", type: false, minutes: 0, amount: "225,00 €" };
    week.types.push({ id: 12, name: "Stamp", kind: "expense", default_quantity: 10 });
    week.candidates = [said, { ...said, ...cost, id: 2 }];
    await openPage();
    expect(`${ROW} input:not([type=checkbox])`).toHaveCount(0);
    expect(queryAllTexts(`${ROW} .o_timebill_candidate_minutes`)).toEqual(["1 h 30", "225,00 €"]);
    expect(queryAllTexts(`${ROW}:first option`)).toEqual(["Meeting", "Hearing"]);
    expect(queryAllTexts(`${ROW}:last option`)).toEqual(["As last time", "Stamp"]);
    await contains(`${ROW}:last select`).select("12");
    await contains(CONVERT).click();
    const entry = { model: "calendar.event", matter_id: 7 };
    const entries = [
        { ...entry, id: 1, kind: "time", type_id: 3, duration: 90 },
        { ...entry, id: 2, kind: "expense", type_id: 12, quantity: 1 },
    ];
    expect.verifySteps([["convert", entries, "2026-10-14", 5]]);
});

test("a duration that is none is not entered", async () => {
    await openPage();
    await contains(`${ROW}:first .o_timebill_candidate_minutes`).edit("soon");
    expect(`${ROW}:first .o_timebill_candidate_minutes`).toHaveClass("text-danger");
    expect(`${ROW}:first .o_timebill_candidate_minutes`).toHaveValue("soon", { message: "to be corrected" });
    expect(CONVERT).not.toBeEnabled();
    await contains(`${ROW}:first .o_timebill_candidate_minutes`).edit("1h30");
    expect(`${ROW}:first .o_timebill_candidate_minutes`).toHaveValue("1 h 30");
    expect(CONVERT).toHaveText("Convert 1 · 1 h 30");
});

test("tick all, and none", async () => {
    week.candidates = [CANDIDATE, { ...UNSURE, matter: LYS, reason: "not over yet" }];
    await openPage();
    expect(CONVERT).toHaveText("Convert 1 · 1 h 30");
    await contains(".o_timebill_tick_all input").click();
    expect(CONVERT).toHaveText("Convert 2 · 2 h 00");
    await contains(".o_timebill_tick_all input").click();
    expect(CONVERT).not.toBeEnabled();
});

test("going from day to day of a week asks nothing of the server", async () => {
    week.candidates.push({ ...CANDIDATE, id: 3, date: "2026-10-13", label: "Notary" });
    await openPage();
    expect(".o_timebill_week_dot:not(.invisible)").toHaveCount(2);
    expect(queryAllAttributes(".o_timebill_week_fill", "style").slice(1, 4)).toEqual([
        "height: 0%",
        "height: 14%",
        "height: 0%",
    ]);
    await contains(".o_timebill_previous").click();
    expect(queryAllTexts(`${ROW} .btn-link.fw-bold`)).toEqual(["Notary"]);
    await contains(".o_timebill_week_total").click();
    expect(ROW).toHaveCount(3);
    expect(".o_timebill_gap").toHaveText("20 h 00 missing of 21 h 00, to enter: 3 meetings");
    await contains(".o_timebill_week_day[data-date='2026-10-14']").click();
    expect(ROW).toHaveCount(2);
    expect.verifySteps([]);
    await contains(".o_timebill_week_day[data-date='2026-10-18']").click();
    expect(".o_timebill_empty").toHaveCount(1);
    await contains(".o_timebill_next").click();
    expect.verifySteps([["get_week", "2026-10-19", 5]]);
});

test("the target is reached", async () => {
    week.activities[0].duration = 430;
    week.candidates = [];
    await openPage();
    expect(".o_timebill_gap").toHaveText("7 h 10 entered of 7 h 00");
    expect(".o_timebill_all_entered").toHaveCount(1);
});

test("whose day", async () => {
    week.people.push({ id: 6, name: "Paul" });
    await openPage();
    expect(queryAllTexts(".o_timebill_people .active")).toEqual(["Claire"]);
    week.person = 6;
    await contains(".o_timebill_people button:contains(Paul)").click();
    expect.verifySteps([["get_week", "2026-10-14", 6]]);
    expect(queryAllTexts(".o_timebill_people .active")).toEqual(["Paul"]);
});

test("a timer that looks forgotten is not entered before the user chooses what to keep", async () => {
    const reason = "possibly left running by mistake";
    week.candidates = [{ ...CANDIDATE, model: "timebill.timer", is_forgotten: true, reason }];
    await openPage();
    expect(`${ROW} input[type=checkbox]`).not.toBeEnabled();
    expect(`${ROW} .o_timebill_ask`).toHaveCount(1);
    expect(".o_timebill_gap").toHaveText(/1 timer$/);
});

/** The user goes to another page. */
async function leavePage() {
    Matter._views = { list: `<list><field name="name"/></list>` };
    await getService("action").doAction({
        type: "ir.actions.act_window",
        res_model: "timebill.matter",
        views: [[false, "list"]],
    });
    await animationFrame();
    expect(ROW).toHaveCount(0);
}

test("what was typed is there again when one comes back, and Undo works from another page", async () => {
    week.candidates.push({ ...CANDIDATE, id: 3 });
    await openPage();
    await contains(`${ROW}:first .o_timebill_ignore`).click();
    await contains(`${ROW}:last .o_timebill_candidate_minutes`).edit("1h15");
    await leavePage();
    await contains(".o_notification button:contains(Undo)").click();
    await getService("action").restore();
    await animationFrame();
    expect(`${ROW}:last .o_timebill_candidate_minutes`).toHaveValue("1 h 15");
    expect(ROW).toHaveCount(3);
    expect.verifySteps([
        ["ignore", [{ model: "calendar.event", id: 1 }], true, "2026-10-14", 5],
        ["ignore", [{ model: "calendar.event", id: 1 }], false, "2026-10-14", 5],
        ["get_week", "2026-10-14", 5],
    ]);
});

test("who goes on while something is being entered is not brought back", async () => {
    week.candidates.push({ ...CANDIDATE, id: 3, date: "2026-10-13", label: "Notary" });
    week.people.push({ id: 6, name: "Paul" });
    const [converting, loading] = [new Deferred(), new Deferred()];
    onRpc("timebill.my.day", "convert", () => converting);
    await openPage();
    await contains(CONVERT).click();
    await contains(".o_timebill_previous").click();
    converting.resolve();
    await animationFrame();
    await animationFrame();
    expect(queryAllTexts(`${ROW} .btn-link.fw-bold`)).toEqual(["Notary"]);
    expect(".o_notification").toHaveText(/Entered: 1 h 30/);

    onRpc("timebill.my.day", "get_week", () => loading);
    week.person = 6;
    await contains(".o_timebill_people button:contains(Paul)").click();
    await contains(CONVERT).click();
    loading.resolve();
    await animationFrame();
    await animationFrame();
    expect(queryAllTexts(".o_timebill_people .active")).toEqual(["Paul"]);
    const entry = { model: "calendar.event", kind: "time", matter_id: 7, type_id: 3, duration: 90 };
    expect.verifySteps([
        ["convert", [{ ...entry, id: 1 }], "2026-10-14", 5],
        ["get_week", "2026-10-13", 6],
        ["convert", [{ ...entry, id: 3 }], "2026-10-13", 5],
    ]);
});

test("what was typed for one person is not another's", async () => {
    week.people.push({ id: 6, name: "Paul" });
    await openPage();
    await contains(`${ROW}:first .o_timebill_candidate_minutes`).edit("1h15");
    week.person = 6;
    await contains(".o_timebill_people button:contains(Paul)").click();
    expect(`${ROW}:first .o_timebill_candidate_minutes`).toHaveValue("1 h 30");
    week.person = 5;
    await contains(".o_timebill_people button:contains(Claire)").click();
    expect(`${ROW}:first .o_timebill_candidate_minutes`).toHaveValue("1 h 15");
    expect.verifySteps([
        ["get_week", "2026-10-14", 6],
        ["get_week", "2026-10-14", 5],
    ]);
});

test("after a refusal, and when one looks at the page again, it shows what is so now", async () => {
    expect.errors(1);
    onRpc("timebill.my.day", "convert", () => {
        throw makeServerError({ message: "Entered already" });
    });
    await openPage();
    week.candidates = [UNSURE];
    await contains(CONVERT).click();
    await animationFrame();
    expect.verifyErrors(["Entered already"]);
    expect(ROW).toHaveCount(1);
    week.candidates = [];
    document.dispatchEvent(new Event("visibilitychange"));
    await animationFrame();
    expect(ROW).toHaveCount(0);
    expect.verifySteps([
        ["get_week", "2026-10-14", 5],
        ["get_week", "2026-10-14", 5],
    ]);
});
