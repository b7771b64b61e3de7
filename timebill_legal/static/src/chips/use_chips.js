import { getActiveHotkey } from "@web/core/hotkeys/hotkey_service";

import { useExternalListener, useRef } from "@odoo/owl";

const STEPS = { arrowleft: -1, arrowright: 1 };

/**
 * Keyboard access to chips. They are no tab stops, so that the Tab key goes from field to field: Alt+Down goes from the
 * field to its chips, Alt+Up back, and the arrows from chip to chip.
 *
 * @param {string} refName `t-ref` of the element that holds the chips
 * @param {(el: HTMLElement) => HTMLElement} getScope element that holds the chips and their field
 */
export function useChips(refName, getScope) {
    const ref = useRef(refName);
    useExternalListener(document, "keydown", (ev) => {
        if (!ref.el || !getScope(ref.el)?.contains(ev.target)) {
            return;
        }
        const chips = [...ref.el.querySelectorAll("button")];
        const index = chips.indexOf(ev.target);
        const hotkey = getActiveHotkey(ev);
        let target;
        if (hotkey === "alt+arrowdown" && index < 0) {
            target = chips.find((chip) => chip.classList.contains("active")) || chips[0];
        } else if (hotkey === "alt+arrowup" && index >= 0) {
            target = getScope(ref.el).querySelector("input");
        } else if (hotkey in STEPS && index >= 0) {
            target = chips[(index + STEPS[hotkey] + chips.length) % chips.length];
        }
        if (target) {
            ev.preventDefault();
            target.focus();
        }
    });
}
