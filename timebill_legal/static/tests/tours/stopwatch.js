/**
 * What a daily action costs a person, measured while a tour performs it: presses and keys are counted, the time during
 * which what comes next was not on screen yet is measured, and the time of a practised person is estimated with the keystroke-level
 * model (Card, Moran and Newell, "The Keystroke-Level Model for User Performance Time with Interactive Systems",
 * Communications of the ACM 23(7), 1980), of which these are the operators, in seconds:
 *
 * - K, a key: 0.2 (an average typist); on glass 0.3, from 36 words a minute (Palin, Feit, Kim, Kristensson and
 *   Oulasvirta, "How do People Type on Mobile Devices?", MobileHCI 2019);
 * - P + B, pointing with the mouse and pressing it: 1.1 + 0.1; a tap with the thumb: 0.8;
 * - M, making up one's mind: 1.35 before each text and each press, but for the last press, which ends what one began.
 */
import { fill } from "@odoo/hoot-dom";
import { hasTouch } from "@web/core/browser/feature_detection";

const WIDE = { key: 0.2, press: 1.2, decision: 1.35 };
const PHONE = { key: 0.3, press: 0.8, decision: 1.35 };

/** Before it looks for what a step needs, the runner of tours pauses this long, and draws a frame (milliseconds). */
const PAUSE = 50 + 20;

let count;
let readyAt;

/** What one action of a tour ("click", "edit 45", "press Alt+Shift+s") asks of a person. */
function countAction(action, argument, anchor) {
    switch (action) {
        case "click":
        case "check":
        case "uncheck":
            return { clicks: 1, decisions: 1 };
        case "edit":
            return {
                clicks: anchor === document.activeElement ? 0 : 1,
                keys: argument.length,
                decisions: 1,
            };
        case "press":
            return { keys: argument.split("+").length };
        case "selectByLabel":
            return { clicks: 2, decisions: 1 };
        default:
            throw new Error(`The stopwatch does not know what "${action}" costs`);
    }
}

function counted(step) {
    const { run } = step;
    return {
        ...step,
        async run(helpers) {
            const waited = performance.now() - readyAt;
            if (waited > PAUSE) {
                count.wait += waited / 1000; // it was not there yet
            }
            if (typeof run === "function") {
                await run.call(this, helpers);
            }
            for (const todo of typeof run === "string" ? run.split("&&") : []) {
                const [action, ...words] = todo.trim().split(" ");
                const argument = words.join(" ");
                const { clicks = 0, keys = 0, decisions = 0 } = countAction(action, argument, this.anchor);
                count.clicks += clicks;
                count.keys += keys;
                count.decisions += decisions;
                count.isEnded = Boolean(clicks);
                if (action === "edit" && !clicks) {
                    await fill(argument); // over what is selected; "edit" would press and clear the field first
                } else {
                    await helpers[action](argument);
                }
            }
            readyAt = performance.now();
        },
    };
}

function report(action, target) {
    const isPhone = hasTouch();
    const { key, press, decision } = isPhone ? PHONE : WIDE;
    const { clicks, keys, wait } = count;
    const decisions = count.decisions - (count.isEnded ? 1 : 0);
    const estimate = keys * key + clicks * press + decisions * decision + wait;
    const goal = { ...target, ...(isPhone && target.phone) };
    const line = { ...goal, action, is_phone: isPhone, presses: clicks, keys, decisions, wait, estimate };
    console.info(`STOPWATCH ${JSON.stringify(line)}`);
    const allowed = goal.missed ?? goal.clicks;
    if (clicks > allowed) {
        throw new Error(`"${action}" took ${clicks} presses, ${allowed} are allowed`);
    }
}

/**
 * Count and time some steps of a tour.
 *
 * @param {string} action what a person does by them, in French
 * @param {{clicks: number, seconds: number, missed?: number, phone?: Object}} target what the action should take a
 *      person; more presses fail the tour, or, where the target is missed, more than ``missed``; on a phone, ``phone``
 *      says what differs
 * @param {Object[]} steps from the first press to what shows that it is done
 */
export function stopwatch(action, target, steps) {
    const start = {
        trigger: "body",
        run() {
            count = { clicks: 0, keys: 0, decisions: 0, wait: 0, isEnded: false };
            readyAt = performance.now();
        },
    };
    return [start, ...steps.map(counted), { trigger: "body", run: () => report(action, target) }];
}
