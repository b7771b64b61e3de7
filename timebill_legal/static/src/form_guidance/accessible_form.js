import { patch } from "@web/core/utils/patch";
import { FormRenderer } from "@web/views/form/form_renderer";
import { isOurs } from "./our_models";

import { useEffect, useRef } from "@odoo/owl";

const INPUT = "input:not([type=hidden]), textarea, select";

/** What Odoo's form shows with colours and places only, for screen readers. */
function annotate(root, fields) {
    for (const el of root.querySelectorAll(".o_field_widget[name]")) {
        const input = el.querySelector(INPUT);
        if (!input || el.parentElement.closest(".o_field_widget")) {
            continue; // shows no input, or is a cell of a list
        }
        const isRequired = el.classList.contains("o_required_modifier");
        setAttribute(input, "aria-required", isRequired && "true");
        setAttribute(input, "aria-invalid", el.classList.contains("o_field_invalid") && "true");
        const hasLabel = input.labels?.length || input.hasAttribute("aria-label");
        if (!hasLabel && fields[el.getAttribute("name")]) {
            input.setAttribute("aria-label", fields[el.getAttribute("name")].string);
        }
    }
    for (const list of root.querySelectorAll(".o_notebook_headers > ul")) {
        list.setAttribute("role", "tablist");
        for (const page of list.querySelectorAll("[role=tab]")) {
            setAttribute(page, "aria-selected", page.classList.contains("active") ? "true" : "false");
        }
    }
}

/** Set or remove an attribute, without a mutation when it is so already. */
function setAttribute(el, name, value) {
    if (!value) {
        el.removeAttribute(name);
    } else if (el.getAttribute(name) !== value) {
        el.setAttribute(name, value);
    }
}

patch(FormRenderer.prototype, {
    setup() {
        super.setup();
        if (!isOurs(this.props.record.resModel)) {
            return;
        }
        const rootRef = useRef("compiled_view_root");
        useEffect(
            (root) => {
                if (!root) {
                    return;
                }
                const run = () => annotate(root, this.props.record.fields);
                // Fields and pages are rendered without the form around them.
                const observer = new MutationObserver(run);
                observer.observe(root, { attributeFilter: ["class"], childList: true, subtree: true });
                run();
                return () => observer.disconnect();
            },
            () => [rootRef.el]
        );
    },
});
