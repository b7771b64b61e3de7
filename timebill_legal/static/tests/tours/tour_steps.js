/**
 * Steps that several tours share. The tours run in French: so are the words that they look for.
 */

import { hasTouch } from "@web/core/browser/feature_detection";
import { registry } from "@web/core/registry";

const DIALOG = ".modal:not(.o_inactive_modal)";
const { DateTime } = luxon;

export const TODAY = DateTime.local().toFormat("dd/MM/yyyy");
export const YESTERDAY = DateTime.local().minus({ days: 1 }).toFormat("dd/MM/yyyy");
export const LAST_MONTH_END = DateTime.local()
    .minus({ months: 1 })
    .endOf("month")
    .toFormat("dd/MM/yyyy");

export const DESKTOP = { isActive: ["desktop"] };
export const PHONE = { isActive: ["mobile"] };

/** Steps for one size of screen, of those for both and for either. */
export function only(size, steps) {
    return steps
        .filter((step) => !step.isActive || step.isActive === size.isActive)
        .map((step) => ({ ...step, ...size }));
}

/** Register a tour, without the steps for the other size of screen: its runner would pause before each of them. */
export function addTour(name, getSteps) {
    registry.category("web_tour.tours").add(name, {
        steps: () => only(hasTouch() ? PHONE : DESKTOP, getSteps()),
    });
}

//-----------------------------------------------------------------------------
// Elementary steps
//-----------------------------------------------------------------------------

export function see(trigger, options) {
    return { trigger, ...options };
}

export function click(trigger, options) {
    return { trigger, run: "click", ...options };
}

export function edit(trigger, text, options) {
    return { trigger, run: `edit ${text}`, ...options };
}

/** Type, and go to the next field: the form follows. */
export function editAndLeave(trigger, text) {
    return { trigger, run: `edit ${text} && press Tab` };
}

/** Fail with ``message`` when what is on screen is not what ``isRight`` expects. */
export function check(trigger, message, isRight) {
    return {
        trigger,
        run({ queryAll }) {
            if (!isRight(this.anchor, queryAll)) {
                throw new Error(message);
            }
        },
    };
}

/** Selector of something in the dialog on top. */
export function inDialog(selector) {
    return `${DIALOG} ${selector}`;
}

/** Selector of a field in the dialog on top. */
export function field(name, inside = "") {
    return inDialog(`.o_field_widget[name=${name}] ${inside}`);
}

export function editDate(trigger, date) {
    return { trigger, run: `edit ${date} && press Enter` };
}

/** Choose the value of a many2one: among proposals, or on a phone in a dialog of its own. */
export function choose(trigger, label, seeForm = see(inDialog(".o_form_view"))) {
    return [
        click(trigger),
        click(`.o-autocomplete--dropdown-item:contains("${label}")`, DESKTOP),
        // not a row of the form, which stays on top until the dialog is there
        click(inDialog(`.o_view_controller.o_kanban_view .o_kanban_record:contains("${label}")`), PHONE),
        seeForm,
    ];
}

export function empty(trigger) {
    return [
        { trigger, run: "clear", ...DESKTOP },
        click(trigger, PHONE),
        click(inDialog('.o_clear_button, .modal-footer button:contains("Effacer"), .modal-header button:contains("Effacer")'), PHONE),
    ];
}

export function dialogIsClosed() {
    return see("body:not(:has(.modal))");
}

//-----------------------------------------------------------------------------
// Moving about: a phone keeps the sections of the menu in a side bar, stat buttons under the
// lightning, all header buttons but the first under ⋮, and shows cards where others see a list.
//-----------------------------------------------------------------------------

/** Go to a page, without loading the web client again. */
export function openAction(action) {
    return {
        trigger: ".o_web_client",
        run: () => odoo.__WOWL_DEBUG__.root.env.services.action.doAction(action, { clearBreadcrumbs: true }),
    };
}

export function openMenu(section, entry) {
    return [
        click(`.o_menu_sections [data-menu-xmlid='${section}']`, DESKTOP),
        click(`.o-dropdown--menu [data-menu-xmlid='${entry}']`, DESKTOP),
        click(".o_main_navbar .o_menu_toggle", PHONE),
        click(`.o_app_menu_sidebar [data-menu-xmlid='${entry}']`, PHONE),
    ];
}

export function openRecord(text) {
    return [
        click(`.o_action_manager .o_data_cell:contains("${text}")`, DESKTOP),
        click(`.o_action_manager .o_kanban_record:contains("${text}")`, PHONE),
    ];
}

export function seeRecord(...texts) {
    const contains = texts.map((text) => `:contains("${text}")`).join("");
    return [
        see(`.o_action_manager .o_data_row${contains}`, DESKTOP),
        see(`.o_action_manager .o_kanban_record${contains}`, PHONE),
    ];
}

export function openGroup(text) {
    return [click(`.o_group_header:contains("${text}")`, DESKTOP)];
}

export function seeStatus(label) {
    return [
        see(`.o_statusbar_status .o_arrow_button_current:contains("${label}")`, DESKTOP),
        see(`.o_statusbar_status .o_arrow_button:contains("${label}")`, PHONE),
    ];
}

export function openStatButton(name) {
    return [
        click(".o-form-buttonbox .o_button_more", PHONE),
        click(`button.oe_stat_button[name=${name}]`),
    ];
}

export function pressHeaderButton(name, label) {
    return [
        click(".o_statusbar_buttons .dropdown-toggle:has(.oi-ellipsis-v)", PHONE),
        click(`button[name=${name}]:not(.oe_stat_button):contains("${label}")`),
    ];
}

/** The ⋮ of a card shows when the mouse is over it. */
export function openCardMenu(text) {
    const card = `.o_kanban_record:contains("${text}")`;
    return { trigger: card, run: `hover && click ${card} .o_dropdown_kanban button` };
}

export function goBack() {
    return click(".o_breadcrumb .o_back_button");
}

/** Select a record: a tick in a list, a long press on a card. */
export function select(text) {
    const touch = (anchor, type) =>
        anchor.dispatchEvent(new TouchEvent(type, { bubbles: true, cancelable: true }));
    return [
        click(`.o_action_manager .o_data_row:contains("${text}") .o_list_record_selector input`, DESKTOP),
        {
            trigger: `.o_action_manager .o_kanban_record:contains("${text}")`,
            run() {
                touch(this.anchor, "touchstart");
            },
            ...PHONE,
        },
        {
            trigger: `.o_action_manager .o_kanban_record.o_record_selected:contains("${text}")`,
            run() {
                touch(this.anchor, "touchend");
            },
            ...PHONE,
        },
    ];
}

/** Press a button on the selected records: a phone has it in the cog. */
export function pressSelectionButton(name, label) {
    return [
        click(`.o_control_panel button[name=${name}]:contains("${label}")`, DESKTOP),
        click(".o_cp_action_menus button:has(.fa-cog)", PHONE),
        click(`.o-dropdown--menu button[name=${name}]:contains("${label}")`, PHONE),
    ];
}

//-----------------------------------------------------------------------------
// Entering an activity
//-----------------------------------------------------------------------------

export function newActivity(kind) {
    return [
        click(".o_statusbar_buttons button:text(Nouvelle activité)"),
        click(`.o-dropdown--menu .o-dropdown-item:text("${kind}")`),
        see(inDialog(".modal-title:text(Nouvelle activité)")),
    ];
}

export function saveActivity() {
    return [click(inDialog("button[name=action_save]:text(Enregistrer)")), dialogIsClosed()];
}

//-----------------------------------------------------------------------------
// The window "Créer une facture"
//-----------------------------------------------------------------------------

export function seeBillingWindow() {
    return see(inDialog(".modal-title:contains(/^Créer (une|les) facture/)"));
}

/**
 * Fill fields of one row; on a phone the card opens in a form of its own.
 *
 * @param {string} text description of the row
 * @param {(of: (name: string, inside: string) => string) => Object[]} getSteps given the selector of a field of the row
 * @param {string} [column] where the text stands
 * @param {Object} [seeWindow] step that sees the window again
 */
export function editRow(text, getSteps, column = "description", seeWindow = seeBillingWindow()) {
    const cell = inDialog(`.o_selected_row [name=${column}]`);
    return [
        ...only(DESKTOP, [
            click(inDialog(`.o_data_row:contains("${text}") [name=${column}]`)),
            // the row before it may still be the one that is edited
            see(`${cell}:contains("${text}"), ${cell} textarea:value("${text}")`),
            ...getSteps((name, inside) => inDialog(`.o_selected_row [name=${name}] ${inside}`)),
        ]),
        ...only(PHONE, [
            click(inDialog(`.o_kanban_record:contains("${text}")`)),
            see(inDialog(".modal-footer .o_form_button_save")),
            ...getSteps(field),
            click(inDialog(".modal-footer .o_form_button_save")),
        ]),
        seeWindow,
    ];
}

export function seeTotal(name, amount) {
    return see(field(name, `:contains("${amount}")`));
}

export function saveAsDraft() {
    return [
        click(inDialog("button[name=action_save]:text(Enregistrer)")),
        ...seeStatus("Brouillon"),
        dialogIsClosed(),
    ];
}
