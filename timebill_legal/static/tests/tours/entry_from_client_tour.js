import {
    addTour,
    choose,
    click,
    dialogIsClosed,
    edit,
    field,
    goBack,
    inDialog,
    newActivity,
    openGroup,
    openMenu,
    openRecord,
    openStatButton,
    pressHeaderButton,
    saveActivity,
    see,
    seeRecord,
} from "./tour_steps";
import { stopwatch } from "./stopwatch";

/** A lawyer finds her client, who has one matter, enters work of all four kinds, and moves it to another matter. */
addTour("timebill_entry_from_client", () => [
    // a lawyer lands on her day
    see(".o_breadcrumb:contains(Ma journée)"),
    ...openMenu("timebill_legal.menu_matters", "timebill_legal.menu_clients"),
    click(".o_kanban_record:contains(Abadie)"),
    see(".o_form_view .o_statusbar_buttons"),

    ...stopwatch("Un temps, depuis la fiche d’un client", { clicks: 4, seconds: 13 }, [
        ...newActivity("Temps"),
        see(field("matter_id", "input:value(/Abadie v. Insurer/)")),
        edit(field("duration", "input"), "30"),
        see(inDialog(".o_timebill_duration_echo:text(= 30 min)")),
        ...saveActivity(),
    ]),
    ...newActivity("Prestation"),
    edit(field("quantity", "input"), "2"),
    edit(field("price_unit", "input"), "150"),
    edit(field("description", "textarea"), "Consultation écrite"),
    see(field("amount", ":contains(300,00)")),
    click(inDialog("button[name=action_save_and_new]:text(Enregistrer et recommencer)")),

    // the same matter, and another kind at one click
    see(field("description", "textarea:value(/^$/)")),
    see(field("matter_id", "input:value(/Abadie v. Insurer/)")),
    click(inDialog("[role=radio]:text(Frais)")),
    see(field("price_unit", 'input:value("0,20")')),
    edit(field("quantity", "input"), "10"),
    edit(field("description", "textarea"), "Copies des pièces"),
    see(field("amount", ":contains(2,00)")),
    ...saveActivity(),

    ...newActivity("Débours (sans TVA)"),
    see(inDialog(".o_form_view:contains(Un débours se facture à son coût exact)")),
    ...choose(field("type_id", "input"), "Timbre fiscal d'appel"),
    see(field("amount", ":contains(225,00)")),
    edit(field("description", "textarea"), "Timbre de la déclaration d'appel"),
    ...saveActivity(),

    ...openStatButton("timebill_action_open_activities"),
    ...openGroup("Abadie v. Insurer"),
    ...["Entretien téléphonique", "Consultation écrite", "Copies des pièces", "Timbre de la"].flatMap((text) => seeRecord(text)),
    goBack(),

    ...openStatButton("timebill_action_open_matters"),
    ...openRecord("Abadie v. Insurer"),
    see(".o_form_view .o_field_widget[name=amount_to_bill]:contains(627,00)"),
    ...openStatButton("action_open_activities"),
    ...seeRecord("Timbre de la déclaration d'appel", "Abadie v. Insurer"),
    goBack(),

    // all of it belongs to another matter, which has prices of its own
    ...pressHeaderButton("action_transfer", "Transférer"),
    see(inDialog(".modal-title:text(Transférer)")),
    ...choose(field("matter_id", "input"), "Lys v. Martin"),
    see(field("amount_after", ':contains("602,00")')),
    click(inDialog("button[name=action_apply]:text(Transférer)")),
    dialogIsClosed(),
    see('.o-mail-Message:contains("Transféré vers"):contains("Lys v. Martin"):contains("4 activités, 30 min")'),
]);
