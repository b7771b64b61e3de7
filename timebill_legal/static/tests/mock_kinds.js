import { patchWithCleanup } from "@web/../tests/web_test_helpers";
import { session } from "@web/session";

const KINDS = [
    ["time", "Time", "Time", "Enter time", true, false],
    ["service", "Service", "Service", "Enter a service", false, false],
    ["expense", "Expense", "Expense (with VAT)", "Enter an expense", false, true],
    ["disbursement", "Disbursement", "Disbursement (no VAT)", "Enter a disbursement", false, true],
].map(([kind, label, entry_label, command_label, is_timed, is_cost]) => ({
    kind,
    label,
    entry_label,
    command_label,
    is_timed,
    is_cost,
}));

/** Session information about the kinds of activities. */
export function mockKinds() {
    patchWithCleanup(session, { timebill_kinds: KINDS });
}
