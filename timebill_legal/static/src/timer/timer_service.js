import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { Mutex } from "@web/core/utils/concurrency";
import { Reactive } from "@web/core/utils/reactive";
import { session } from "@web/session";
import { getKinds } from "../activity_kinds";
import { refreshAfterEntry } from "../entry_dialog/refresh_after_entry";
import { TimerQuestion } from "./timer_question";

const MODEL = "timebill.timer";
/** The computer slept if the two clocks of the browser drift apart by more than this. */
const MAX_DRIFT_MS = 3000;

const isTimed = ({ is_timed }) => is_timed;

/**
 * The user's timers, as in the last answer of the server. The server sends how long each has run and the page only
 * counts on from there, so that a wrong clock of the computer does not matter. Each change is one request; the bus
 * notifies other tabs and devices, which then read the timers again.
 */
export class Timers extends Reactive {
    constructor(services) {
        super();
        Object.assign(this, services);
        this.isEnabled = Boolean(session.timebill_timer);
        this.isAuto = this.isEnabled && Boolean(session.timebill_auto_timer);
        this.list = [];
        this.matterDomain = [];
        this.tick = 0;
        this.hasForgotten = false;
        this.mutex = new Mutex();
        this.ownTokens = new Set();
        this.askedIds = new Set();
        this.isStale = true;
    }

    //-------------------------------------------------------------------------
    // What is shown
    //-------------------------------------------------------------------------

    get running() {
        return this.list.find((timer) => timer.running);
    }

    /** Milliseconds of a clock that setting the computer's time does not change. */
    now() {
        return performance.now();
    }

    getSeconds(timer) {
        timer.running && this.tick; // subscribe the component, so that it is rendered every second
        return timer.seconds + (timer.running ? this.getSecondsSince(timer) : 0);
    }

    getSecondsSince(timer) {
        return Math.floor((this.now() - timer.at) / 1000);
    }

    /** Whether the user has to choose what to keep of it. */
    isForgotten(timer) {
        return (
            Boolean(timer.question) ||
            (timer.running && this.getSecondsSince(timer) >= timer.question_delay)
        );
    }

    find(resModel, resId) {
        return this.list.find(
            ({ source }) => source && source[0] === resModel && source[1] === resId
        );
    }

    //-------------------------------------------------------------------------
    // Changes
    //-------------------------------------------------------------------------

    start(resModel, resId) {
        return this.call("action_start", resModel ? [resModel, resId] : []);
    }

    pause(timer) {
        return this.call("action_pause", [[timer.id]]);
    }

    resume(timer) {
        return this.call("action_resume", [[timer.id]]);
    }

    discard(timer) {
        return this.call("action_discard", [[timer.id]]);
    }

    edit(timer, values) {
        return this.call("action_edit", [[timer.id], values]);
    }

    enter(matterId) {
        return this.call("action_enter", [matterId]);
    }

    leave(matterId) {
        return this.call("action_leave", [matterId]);
    }

    /** Leave a matter because the page is closed: nothing waits for the answer. */
    leaveWithPage(matterId) {
        browser.fetch(`/web/dataset/call_kw/${MODEL}/action_leave`, {
            method: "POST",
            keepalive: true,
            headers: { "Content-Type": "application/json" },
            body: JSON.stringify({
                jsonrpc: "2.0",
                method: "call",
                params: { model: MODEL, method: "action_leave", args: [matterId], kwargs: {} },
            }),
        });
    }

    /** Pause the timer and open the entry dialog, after the question if the timer seems to have been forgotten. */
    async stop(timer) {
        const { action } = await this.call("action_stop", [[timer.id]]);
        if (!action) {
            return this.ask(timer.id, { isStopping: true });
        }
        this.ownTokens.add(action.context.timebill_timer_token);
        let isClosed = false; // Odoo calls onClose twice when the dialog was saved
        return this.action.doAction(action, {
            onClose: async () => {
                if (isClosed) {
                    return;
                }
                isClosed = true;
                await this.refresh();
                if (!this.list.some(({ id }) => id === timer.id)) {
                    await refreshAfterEntry(this.action);
                }
            },
        });
    }

    ask(timerId, { isStopping = false } = {}) {
        this.askedIds.add(timerId);
        const timer = this.list.find(({ id }) => id === timerId);
        if (!timer?.question) {
            return;
        }
        this.dialog.add(TimerQuestion, {
            timer,
            answer: async (keep, value) => {
                await this.call("action_answer", [[timerId], keep, value]);
                const left = this.list.find(({ id }) => id === timerId);
                if (left?.question) {
                    this.ask(timerId, { isStopping });
                } else if (left && isStopping) {
                    await this.stop(left);
                }
            },
        });
    }

    /** Ask about a timer that looks forgotten; the last answer of the server may be older than that. */
    async askNow(timer) {
        await this.refresh();
        this.ask(timer.id);
    }

    /** Activity types of the timed kinds, read when the list is first opened. */
    getTypes() {
        this.types ||= this.orm.searchRead(
            "timebill.activity.type",
            [["kind", "in", getKinds().filter(isTimed).map(({ kind }) => kind)]],
            ["display_name"]
        ).catch((error) => {
            this.types = null; // read again next time
            throw error;
        });
        return this.types;
    }

    async call(method, args) {
        try {
            return await this.mutex.exec(async () => {
                const result = await this.orm.call(MODEL, method, args);
                this.update(result);
                return result;
            });
        } catch (error) {
            this.refresh(); // the timers may have changed on another device
            throw error;
        }
    }

    //-------------------------------------------------------------------------
    // Staying in step
    //-------------------------------------------------------------------------

    update({ timers, matter_domain, token }) {
        this.matterDomain = matter_domain;
        if (token) {
            this.ownTokens.add(token);
        }
        const at = this.now();
        const matters = timers.map((timer) => timer.matter).filter(Boolean);
        this.name.addDisplayNames("timebill.matter", Object.fromEntries(matters));
        this.list = timers.map((timer) => ({ ...timer, at }));
        this.clockGap = Date.now() - at;
        this.hasForgotten = this.list.some((timer) => this.isForgotten(timer));
        this.setTicking();
    }

    /** Read the timers again: one request for all callers that wait for it. They stay stale if it fails. */
    refresh() {
        this.isStale = true;
        return this.mutex.exec(async () => {
            if (!this.isStale) {
                return;
            }
            this.isStale = false; // a notification that comes meanwhile sets it again
            try {
                this.update(await this.orm.silent.call(MODEL, "get_state"));
            } catch (error) {
                this.isStale = true;
                throw error;
            }
        });
    }

    /** Read the timers if the last attempt failed: the computer slept, or was offline. */
    async catchUp() {
        if (this.isStale) {
            await this.refresh();
        }
    }

    onNotification({ token }) {
        // In the mutex, because the answer to this tab's own request may not have come yet.
        this.mutex.exec(() => {
            if (!this.ownTokens.delete(token)) {
                this.refresh();
            }
        });
    }

    /** Count each second while a timer runs; read the timers again after the computer slept. */
    setTicking() {
        const mustTick = Boolean(this.running);
        if (mustTick && !this.interval) {
            this.interval = browser.setInterval(() => this.onTick(), 1000);
        } else if (!mustTick && this.interval) {
            browser.clearInterval(this.interval);
            this.interval = null;
        }
    }

    onTick() {
        if (Math.abs(Date.now() - this.now() - this.clockGap) > MAX_DRIFT_MS) {
            this.clockGap = Date.now() - this.now(); // read once; if that fails, the timers stay stale
            this.refresh();
        }
        this.tick++;
        this.hasForgotten = this.list.some((timer) => this.isForgotten(timer));
    }

    /** Ask once about each timer that seems forgotten, when the page is visible. */
    async askForgotten() {
        await this.loaded;
        await this.catchUp();
        if (this.list.some((timer) => !timer.question && this.isForgotten(timer))) {
            await this.refresh();
        }
        const timer = this.list.find(({ id, question }) => question && !this.askedIds.has(id));
        if (timer && document.visibilityState === "visible") {
            this.ask(timer.id);
        }
    }
}

export const timerService = {
    dependencies: ["action", "bus_service", "dialog", "name", "orm"],
    start(env, { action, bus_service, dialog, name, orm }) {
        const timers = new Timers({ action, dialog, name, orm });
        if (timers.isEnabled) {
            bus_service.subscribe("timebill_timer", (payload) => timers.onNotification(payload));
            bus_service.start();
            // Not read from Odoo's lazy session: that is a request too, and does not report an error to its callers.
            timers.loaded = timers.refresh().catch((error) => {
                Promise.reject(error); // Odoo shows the error; the pages work without timers
            });
            bus_service.addEventListener("BUS:RECONNECT", () => timers.refresh());
            // Not earlier: the first action closes all dialogs.
            env.bus.addEventListener("ACTION_MANAGER:UI-UPDATED", () => timers.askForgotten(), {
                once: true,
            });
            document.addEventListener("visibilitychange", () => {
                if (document.visibilityState === "visible") {
                    timers.askForgotten();
                }
            });
        }
        return timers;
    },
};

registry.category("services").add("timebill_timer", timerService);
