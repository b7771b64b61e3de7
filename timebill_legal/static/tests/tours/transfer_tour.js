import { registry } from "@web/core/registry";
import {
    choose,
    click,
    dialogIsClosed,
    field,
    inDialog,
    pressHeaderButton,
    see,
} from "./tour_steps";

/** What is unbilled on a matter goes to another one, at its prices; the chatter tells it. */
registry.category("web_tour.tours").add("timebill_transfer", {
    steps: () => [
        ...pressHeaderButton("action_transfer", "Transférer"),
        see(inDialog(".modal-title:text(Transférer)")),
        ...choose(field("matter_id", "input"), "Abadie v. Other"),
        see(field("amount_after", ':contains("150,00")')),
        click(inDialog("button[name=action_apply]:text(Transférer)")),
        dialogIsClosed(),
        see('.o-mail-Message:contains("Transféré vers"):contains("Abadie v. Other"):contains("1 activité, 1 h 00")'),
    ],
});
