import { _t } from "@web/core/l10n/translation";
import { registry } from "@web/core/registry";

registry.category("timebill_sources").add("hr.expense", {
    icon: "fa-money",
    count: (count) => (count === 1 ? _t("1 expense") : _t("%s expenses", count)),
});
