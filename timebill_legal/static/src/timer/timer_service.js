import { browser } from "@web/core/browser/browser";
import { registry } from "@web/core/registry";
import { Mutex } from "@web/core/utils/concurrency";
import { Reactive } from "@web/core/utils/reactive";
import { session } from "@web/session";
import { refreshAfterEntry } from "../entry_dialog/refresh_after_entry";
import { TimerQuestion } from "./timer_question";

const MODEL = "timebill.timer";
/** The page slept when the two clocks of the browser disagree by this much. */
const MAX_DRIFT_MS = 3000;

/**
 * The user's chronometers, as the server told last. The server tells how long each has run;
 * the page only counts on from there, so that a wrong clock of the computer does not matter.
 * One request per change; the other tabs and devices hear of it over the bus, and ask then.
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

    /** Milliseconds of a clock that nobody can set. */
    now() {
        return performance.now();
    }

    getSeconds(timer) {
        timer.running && this.tick; // who shows it is rendered every second
        return timer.seconds + (timer.running ? this.getSecondsSince(timer) : 0);
    }

    getSecondsSince(timer) {
        return Math.floor((this.now() - timer.at) / 1000);
    }

    /** Whether somebody has to say what to keep of it. */
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

    /** Nobody waits for an answer when the page is closed. */
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

    /** Pause, and open the entry dialog; first the question when it seems to have been forgotten. */
    async stop(timer) {
        const { action } = await this.call("action_stop", [[timer.id]]);
        if (!action) {
            return this.ask(timer.id, { isStopping: true });
        }
        this.ownTokens.add(action.context.timebill_timer_token);
        let isClosed = false; // Odoo says so twice when the dialog was saved
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

    /** Of one that looks forgotten, which the server may not have told yet. */
    async askNow(timer) {
        await this.refresh();
        this.ask(timer.id);
    }

    /** Categories of time, read when the list is opened first. */
    getTypes() {
        this.types ||= this.orm.searchRead(
            "timebill.activity.type",
            [["kind", "=", "time"]],
            ["display_name"]
        ).catch((error) => {
            this.types = null; // to be asked again
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
            this.refresh(); // another device may have been faster
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

    /** Once for all who ask while a request is on its way; stale as long as no answer came. */
    refresh() {
        this.isStale = true;
        return this.mutex.exec(async () => {
            if (!this.isStale) {
                return;
            }
            this.isStale = false; // what is told meanwhile makes it so again
            try {
                this.update(await this.orm.silent.call(MODEL, "get_state"));
            } catch (error) {
                this.isStale = true;
                throw error;
            }
        });
    }

    /** Ask again what could not be asked: the computer slept, or was offline. */
    async catchUp() {
        if (this.isStale) {
            await this.refresh();
        }
    }

    onNotification({ token }) {
        // the answer to one's own request may still be on its way
        this.mutex.exec(() => {
            if (!this.ownTokens.delete(token)) {
                this.refresh();
            }
        });
    }

    /** Count each second while one runs; ask the server again after the computer slept. */
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
            this.clockGap = Date.now() - this.now(); // once: without an answer it stays stale
            this.refresh();
        }
        this.tick++;
        this.hasForgotten = this.list.some((timer) => this.isForgotten(timer));
    }

    /** Ask once about the ones that seem forgotten, when somebody looks at the page. */
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
            timers.loaded = timers.refresh().catch((error) => {
                Promise.reject(error); // Odoo tells it; the pages do without chronometers
            });
            bus_service.addEventListener("BUS:RECONNECT", () => timers.refresh());
            // not before: the first page that opens closes all windows
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
