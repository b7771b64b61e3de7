import { cookie } from "@web/core/browser/cookie";
import { addTour, click, dialogIsClosed, inDialog, see } from "./tour_steps";

const PLUS = ".o_main_navbar .o_timebill_entry_systray";
const DIALOG = inDialog(".o_timebill_activity_dialog");
const MOVES = 7;
/** What a user can press or type in, and what she types. */
const BUTTONS =
    "[role=radio], .o_timebill_chip, .o_timebill_duration_chip, .nav-link:not(.active), input[type=checkbox]";
const INPUTS = {
    "[name=duration] input": ["45", "1h30", "0", "25:00"],
    "[name=billable_duration] input": ["30", ""],
    "[name=quantity] input": ["2", "", "0,5"],
    "[name=price_unit] input": ["150", "0", "", "abc"],
    "[name=unit_cost] input": ["12,5", ""],
    "[name=description] textarea": ["Appel du greffe", ""],
    "[name=note] textarea": ["À relire"],
};

/** Random numbers that are the same for the same seed (mulberry32). */
function makeRandom(seed) {
    return () => {
        seed = (seed + 0x6d2b79f5) | 0;
        let value = Math.imul(seed ^ (seed >>> 15), 1 | seed);
        value = (value + Math.imul(value ^ (value >>> 7), 61 | value)) ^ value;
        return ((value ^ (value >>> 14)) >>> 0) / 4294967296;
    };
}

const isVisible = (el) => el.offsetParent && !el.disabled;

/** The tour plays as many orders as the cookie says, with its seed. */
addTour("timebill_random_entry", () => {
    const [seed, orders] = (cookie.get("timebill_random") || "1-1").split("-").map(Number);
    const random = makeRandom(seed);
    const pick = (values) => values[Math.floor(random() * values.length)];
    const played = [];

    /** Whatever happens in a dialog, no program error does. */
    function checkNoError() {
        // only these have details for programmers, messages for users do not
        const error = document.querySelector(".o_error_dialog:has(.o_error_detail, .modal-body .btn-link)");
        if (error) {
            throw new Error(`After ${played.join(", ")}: ${error.textContent}`);
        }
    }

    async function move({ queryAll, edit, click: press }) {
        checkNoError();
        const buttons = queryAll(`${DIALOG} :is(${BUTTONS})`).filter(isVisible);
        const inputs = Object.keys(INPUTS).filter((input) => queryAll(`${DIALOG} ${input}`).some(isVisible));
        if (random() < 0.6 || !inputs.length) {
            const button = pick(buttons);
            played.push(button.textContent.trim() || button.id);
            await press(button);
        } else {
            const input = pick(inputs);
            const text = pick(INPUTS[input]);
            played.push(`${input}: “${text}”`);
            await edit(text, queryAll(`${DIALOG} ${input}`).find(isVisible));
        }
    }

    const steps = [];
    for (let order = 1; order <= orders; order++) {
        steps.push(
            {
                trigger: PLUS,
                async run({ click: press }) {
                    played.splice(0, played.length, `order ${order}`);
                    await press(PLUS);
                },
            },
            see(`${DIALOG} .o_timebill_kind_tabs`),
            ...Array.from({ length: MOVES }, () => ({ trigger: DIALOG, run: move })),
            click(inDialog("button[name=action_save]")),
            {
                // saved, or a sentence that says why not
                trigger: "body:not(:has(.modal)), .o_notification, .modal:has(.modal-footer):not(:has(.o_form_view))",
                run: checkNoError,
            },
            {
                trigger: "body",
                async run({ queryAll, click: press }) {
                    for (let open = 0; open < 3 && queryAll(".modal .btn-close").length; open++) {
                        await press(queryAll(".modal .btn-close").at(-1));
                        await new Promise((resolve) => setTimeout(resolve, 300));
                    }
                    sessionStorage.clear(); // the draft of this one is not offered by the next one
                },
            },
            dialogIsClosed()
        );
    }
    return steps;
});
