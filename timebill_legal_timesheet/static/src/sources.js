import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

registry.category("timebill_sources").add("account.analytic.line", {
    icon: "fa-hourglass-half",
    count: (count) => (count === 1 ? _t("1 timesheet") : _t("%s timesheets", count)),
});
