import { _t } from "@web/core/l10n/translation";

/** The kinds of activities, as menus name them. */
export const getKinds = () => [
    { kind: "time", label: _t("Time") },
    { kind: "service", label: _t("Service") },
    { kind: "expense", label: _t("Expense (with VAT)") },
    { kind: "disbursement", label: _t("Disbursement (no VAT)") },
];
