import { session } from "@web/session";

/**
 * The kinds of activities, as the server describes them (`timebill.kind`):
 * `{ kind, label, entry_label, command_label, is_timed, is_cost }`.
 */
export const getKinds = () => session.timebill_kinds || [];

/** What is known of one kind. */
export const getKind = (code) => getKinds().find(({ kind }) => kind === code) || {};
