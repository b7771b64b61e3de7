import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

/**
 * What becomes activities, by model: `icon`, and `count`, which says how many there are.
 * A module that adds a source adds it here, too.
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
        count: (count) => (count === 1 ? _t("1 line of a bill") : _t("%s lines of bills", count)),
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
        count: (count) => (count === 1 ? _t("1 chronometer") : _t("%s chronometers", count)),
    });
