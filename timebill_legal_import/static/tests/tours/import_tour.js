import { registry } from "@web/core/registry";

const HEADER = [
    "Project,Client,Description,Task,User,Tags,Type,Billable,Invoiced,Invoice ID,Start Date,Start Time,End Date",
    "End Time,Duration (h),Duration (decimal),Billable Rate (EUR)",
].join(",");
const ROWS = [
    "2026-0101 Corlay / Hennequin,Atelier Corlay,Appel,,Inès Valbert,,Regular,Yes,No,,03/04/2026,10:00:00 AM",
    "2026-0101 Corlay / Hennequin,Atelier Corlay,Rappel,,Personne,,Regular,Yes,No,,03/05/2026,10:00:00 AM",
];
const END = "03/04/2026,11:00:01 AM,01:00:01,1.00,250.00";

function upload(lines) {
    const input = document.querySelector(".o_input_file");
    const files = new DataTransfer();
    files.items.add(new File([lines.join("\n")], "clockify.csv", { type: "text/csv" }));
    input.files = files.files;
    input.dispatchEvent(new Event("change", { bubbles: true }));
}

/** The billing person imports the file of another product: what only she knows is asked, a bad row is named. */
registry.category("web_tour.tours").add("timebill_import_of_a_product", {
    steps: () => [
        { trigger: ".o_cp_action_menus button:has(.fa-cog)", run: "click" },
        { trigger: ".o_import_menu", run: "click" },
        {
            trigger: ".o_control_panel button.o_import_file",
            run: () => upload([HEADER, ...ROWS.map((row) => `${row},${END}`)]),
        },
        { trigger: "#timebill_layout:value(clockify)" },
        { trigger: "#timebill_dates.is-invalid" },
        { trigger: ".o_import_data_content td:contains(← Clockify)" },
        { trigger: ".o_control_panel button:text(Tester)", run: "click" },
        { trigger: ".o_import_data_content .alert:contains(le jour ou le mois)" },
        { trigger: "#timebill_dates", run: "select MM/DD/YYYY" },
        { trigger: "#timebill_dates:not(.is-invalid)" },
        { trigger: ".o_control_panel button:text(Tester)", run: "click" },
        { trigger: ".o_import_data_content .o_import_report:contains(Ligne 3)" },
        {
            trigger: ".o_control_panel button:text(Charger un fichier de données)",
            run: () => upload([HEADER, `${ROWS[0]},${END}`]),
        },
        { trigger: "#timebill_dates.is-invalid", content: "another file is read anew" },
        { trigger: "#timebill_dates", run: "select MM/DD/YYYY" },
        { trigger: ".o_control_panel button:text(Importer)", run: "click" },
        {
            trigger: ".o_import_data_content .alert, .o_group_header",
            run() {
                if (!this.anchor.matches(".o_group_header")) {
                    throw new Error(this.anchor.textContent);
                }
            },
        },
    ],
});
