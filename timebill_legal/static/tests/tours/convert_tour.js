import {
    DESKTOP,
    PHONE,
    addTour,
    click,
    dialogIsClosed,
    field,
    inDialog,
    only,
    openAction,
    pressHeaderButton,
    pressSelectionButton,
    saveActivity,
    see,
    select,
} from "./tour_steps";

const MESSAGE = '.o-mail-Message:contains("Appel du greffe")';

/** The menu of a message shows when the mouse is over it. */
const fromMessage = [
    {
        trigger: MESSAGE,
        run: `hover && click ${MESSAGE} .o-mail-Message-actions [title=Déplier]`,
    },
    click(".o-mail-Message-moreMenu :text(Convertir en activité)"),
    see(field("matter_id", "input:value(/Abadie v. Insurer/)")),
    see(field("type_id", "input:value(Correspondance)")),
    see(field("description", "textarea:value(/Appel du greffe/)")),
    ...saveActivity(),
    click(`.o_notification:contains("Converti en activité") button:contains("Ouvrir l'activité")`),
    see('.o_form_view button[name=action_open_source]:contains("Appel du greffe")'),
];

const fromCalendar = [
    openAction("calendar.action_calendar_event"),
    click('.fc-event:contains("RDV Abadie")'),
    click(".o_timebill_convert:text(Convertir)"),
    see(field("matter_id", "input:value(/Abadie v. Insurer/)")),
    see(field("duration", 'input:value("1 h 30")')),
    ...saveActivity(),
    see('.o_notification:contains("Converti en activité")'),
    click('.fc-event:contains("RDV Abadie")'),
    see(".o_cw_body:not(:has(.o_timebill_convert)), .modal:not(:has(.o_timebill_convert))"),
    click('[name=timebill_activity_id] a:contains("Rendez-vous")'),
    click('.o_form_view button[name=action_open_source]:contains("RDV Abadie")'),
    click('.alert-success:contains("Converti") button[name=timebill_action_open_activity]'),
    see(".o_form_view button[name=action_open_source]"),
];

/** Converted, undone, and converted again. */
const fromTask = [
    openAction("project.action_view_my_task"),
    click('.o_kanban_record:contains("Conclusions")'),
    ...pressHeaderButton("timebill_action_convert_to_activity", "Convertir en activité"),
    see(field("description", "textarea:value(Conclusions)")),
    see(field("duration", 'input:value("2 h 00")')),
    ...saveActivity(),
    click('.alert-success:contains("Converti") button[name=timebill_action_undo_conversion]'),
    click(inDialog(".modal-footer .btn-primary")),
    ...pressHeaderButton("timebill_action_convert_to_activity", "Convertir en activité"),
    ...saveActivity(),
    see('.alert-success:contains("Converti")'),
];

/** Those of which nothing is to ask at once, the others one after the other. */
const fromList = [
    openAction({ type: "ir.actions.act_window", res_model: "calendar.event", views: [[false, "list"]] }),
    ...["Appel Abadie", "Visite Abadie", "Sans client"].flatMap((name) => select(name)),
    ...pressSelectionButton("timebill_action_convert_to_activity", "Convertir en activités"),
    see('.o_notification:contains("2 activités ont été créées.")'),
    see('.o_notification:contains("Sans client : quel dossier ?")'),
    click('.o_notification button:contains("Continuer")'),
    see(field("description", 'textarea:value("Sans client")')),
    click(inDialog(".modal-footer button:text(Annuler)")),
    dialogIsClosed(),
    see('.o_data_row:contains("Visite Abadie") button:contains("Converti")'),
    see('.o_data_row:contains("Sans client") button:text("Convertir")'),
];

/** Work found elsewhere becomes activities. A phone shows no list of meetings, and the menu of a message at a long press. */
addTour("timebill_convert", () => [
    ...only(DESKTOP, fromMessage),
    ...fromCalendar,
    ...only(DESKTOP, fromList),
    ...only(PHONE, fromTask),
]);
