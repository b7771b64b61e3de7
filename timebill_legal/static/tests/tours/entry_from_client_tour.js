import { registry } from "@web/core/registry";
import {
    choose,
    click,
    edit,
    field,
    goBack,
    inDialog,
    newActivity,
    openGroup,
    openMenu,
    openRecord,
    openStatButton,
    saveActivity,
    see,
    seeRecord,
} from "./tour_steps";

/** What the whole entry may take a person, typing and thinking included. */
const TARGET_SECONDS = 13;
let openedAt;

/** A lawyer finds her client, who has one matter, and enters work of all four kinds. */
registry.category("web_tour.tours").add("timebill_entry_from_client", {
    steps: () => [
        // a lawyer lands on her own work
        see(".o_breadcrumb:contains(Mes activités)"),
        ...openMenu("timebill_legal.menu_matters", "timebill_legal.menu_clients"),
        click(".o_kanban_record:contains(Abadie)"),
        {
            trigger: ".o_form_view .o_statusbar_buttons",
            run: () => {
                openedAt = performance.now();
            },
        },

        ...newActivity("Temps"),
        see(field("matter_id", "input:value(/Abadie v. Insurer/)")),
        edit(field("duration", "input"), "30"),
        see(inDialog(".o_timebill_duration_echo:text(= 30 min)")),
        edit(field("description", "textarea"), "Examen du contrat"),
        ...saveActivity(),
        {
            trigger: ".o_form_view .o_statusbar_buttons",
            run: () => {
                const seconds = (performance.now() - openedAt) / 1000;
                if (seconds > TARGET_SECONDS) {
                    throw new Error(`The screens alone took ${Math.round(seconds)} s`);
                }
            },
        },

        ...newActivity("Prestation"),
        edit(field("quantity", "input"), "2"),
        edit(field("price_unit", "input"), "150"),
        edit(field("description", "textarea"), "Consultation écrite"),
        see(field("amount", ":contains(300,00)")),
        click(inDialog("button[name=action_save_and_new]:text(Enregistrer et recommencer)")),

        // the same matter, and another kind at one click
        see(field("description", "textarea:value(/^$/)")),
        see(field("matter_id", "input:value(/Abadie v. Insurer/)")),
        click(inDialog("[role=tab]:text(Frais)")),
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

        ...openStatButton("action_open_billing_activities"),
        ...openGroup("Abadie v. Insurer"),
        ...["Examen du contrat", "Consultation écrite", "Copies des pièces", "Timbre de la"].flatMap((text) => seeRecord(text)),
        goBack(),

        ...openStatButton("action_open_matters"),
        ...openRecord("Abadie v. Insurer"),
        see(".o_form_view .o_field_widget[name=amount_to_bill]:contains(627,00)"),
        ...openStatButton("action_open_activities"),
        ...seeRecord("Timbre de la déclaration d'appel", "Abadie v. Insurer"),
    ],
});
