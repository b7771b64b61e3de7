import {
    DESKTOP,
    PHONE,
    addTour,
    click,
    dialogIsClosed,
    edit,
    field,
    inDialog,
    openAction,
    see,
} from "@timebill_legal/../tests/tours/tour_steps";

const CANDIDATE = '.o_timebill_candidate:contains("Conclusions")';
const SHEETS = ".o_field_widget[name=timesheet_ids]";

/** A lawyer fills in a timesheet on the task of a matter, enters it at the end of the day, and goes there and back. */
addTour("timebill_timesheet", () => [
    click(".nav-link[name=page_timesheets]"),
    click(`${SHEETS} .o_field_x2many_list_row_add :is(a, button)`, DESKTOP),
    edit(`${SHEETS} .o_selected_row [name=name] input`, "Conclusions", DESKTOP),
    edit(`${SHEETS} .o_selected_row [name=unit_amount] input`, "1:30", DESKTOP),
    click(`${SHEETS} .o-kanban-button-new`, PHONE),
    edit(field("name", "input"), "Conclusions", PHONE),
    edit(field("unit_amount", "input"), "1:30", PHONE),
    click(inDialog(".o_form_button_save"), PHONE),
    dialogIsClosed(),
    click(".o_form_button_save"),
    see(".o_form_view:has(.o_form_status_indicator_buttons.invisible)"),

    openAction("timebill_legal.timebill_my_day_action"),
    // what the timesheet says is changed there
    see(`${CANDIDATE}:contains("1 h 30"):contains("Abadie v. Insurer"):not(:has([type=text]))`),
    click('.o_timebill_convert:text("Convertir 1 · 1 h 30")'),
    click('.o_timebill_activity:contains("Conclusions")'),
    see('.o_form_view [name=source_sort]:contains("Feuille de temps")'),
    click('button[name=action_open_source]:contains("Conclusions")'),
    see('.o_field_widget[name=unit_amount]:has(input:value("01:30")), .o_field_widget[name=unit_amount]:contains("01:30")'),
    click('.alert-success:contains("Converti") button[name=timebill_action_open_activity]'),
    see('.o_form_view [name=source_sort]:contains("Feuille de temps")'),
]);
