export const MINUTES_PER_DAY = 24 * 60;

export class InvalidDurationError extends Error {}

// 1:30, 0h06, 1h, 2 h 15, 1 h 15 min: one digit of minutes is only allowed after an "h"
const HOURS_MINUTES = /^(\d+) ?(?:: ?(\d{2})|h ?(?:(\d{1,2}) ?(?:'|mn?|min)?)?)$/;
// 45', 90m, 90mn, 90 min
const MINUTES = /^(\d+) ?(?:'|mn?|min)$/;
// 1,5 or .25, and 1,5 h
const DECIMAL_HOURS = /^(\d*[.,]\d+)(?: ?h)?$/;
const WHOLE_NUMBER = /^\d+$/;

function toMinutes(text) {
    let match = text.match(HOURS_MINUTES);
    if (match) {
        const minutes = Number(match[2] || match[3] || 0);
        return minutes < 60 ? Number(match[1]) * 60 + minutes : NaN;
    }
    match = text.match(MINUTES);
    if (match) {
        return Number(match[1]);
    }
    match = text.match(DECIMAL_HOURS);
    if (match) {
        return Math.round(Number(match[1].replace(",", ".")) * 60);
    }
    if (WHOLE_NUMBER.test(text)) {
        const number = Number(text);
        return number < 10 ? number * 60 : number;
    }
    return NaN;
}

/**
 * Parse a duration as people write it: "1h30", "1:30", "1,5", "45", "90 min".
 * A whole number from 10 upwards counts minutes, a smaller one counts hours, and
 * a decimal number always counts hours. An empty text is 0.
 *
 * @param {string} text
 * @returns {number} whole minutes, one day at most
 */
export function parseDuration(text) {
    // \s also matches the no-break spaces
    const clean = text.replace(/\s+/g, " ").trim().toLowerCase().replace(/[’′]/g, "'");
    const minutes = clean ? toMinutes(clean) : 0;
    if (!(minutes <= MINUTES_PER_DAY)) {
        throw new InvalidDurationError(`"${text}" is not a correct duration`);
    }
    return minutes;
}

/**
 * @param {number} minutes
 * @returns {string} "45 min", "1 h 15", "-2 h 00"
 */
export function formatDuration(minutes) {
    const sign = minutes < 0 ? "-" : "";
    const total = Math.abs(Math.round(minutes));
    if (total < 60) {
        return `${total ? sign : ""}${total} min`;
    }
    return `${sign}${Math.floor(total / 60)} h ${String(total % 60).padStart(2, "0")}`;
}
