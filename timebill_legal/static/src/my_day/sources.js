import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/**
 * Records that can become activities, by model: `icon`, and `count`, which returns a text such as "3 meetings".
 * An add-on that adds a source registers it here too.
 */
const sources = registry.category("timebill_sources");

export function getSource(model) {
    return sources.get(model, {
        icon: "fa-circle-o",
        count: (count) => (count === 1 ? _t("1 other") : _t("%s others", count)),
    });
}

sources
    .add("account.move.line", {
        icon: "fa-file-text-o",
        count: (count) => (count === 1 ? _t("1 bill line") : _t("%s bill lines", count)),
    })
    .add("calendar.event", {
        icon: "fa-calendar-o",
        count: (count) => (count === 1 ? _t("1 meeting") : _t("%s meetings", count)),
    })
    .add("mail.message", {
        icon: "fa-envelope-o",
        count: (count) => (count === 1 ? _t("1 message") : _t("%s messages", count)),
    })
    .add("project.task", {
        icon: "fa-check-square-o",
        count: (count) => (count === 1 ? _t("1 task") : _t("%s tasks", count)),
    })
    .add("timebill.timer", {
        icon: "fa-clock-o",
        count: (count) => (count === 1 ? _t("1 timer") : _t("%s timers", count)),
    });
