import { describe, expect, test } from "@odoo/hoot";
import { formatDuration, parseDuration } from "@timebill_legal/duration_field/duration";

describe.current.tags("headless");

test("read the usual ways to write a duration", () => {
    const cases = {
        // hours and minutes
        "1h30": 90,
        "1H30": 90,
        "1:30": 90,
        "0h06": 6,
        "0:06": 6,
        "1h": 60,
        "1h5": 65,
        "2 h 15": 135,
        "1 h 15 min": 75,
        "1h15mn": 75,
        "1h15'": 75,
        "24h": 1440,
        "24:00": 1440,
        // minutes
        "45'": 45,
        "45’": 45,
        "90m": 90,
        "90mn": 90,
        "90min": 90,
        "6 min": 6,
        "0 min": 0,
        // a decimal number is hours
        "1,5": 90,
        "1.5": 90,
        "1,25 h": 75,
        ",5": 30,
        "0,1": 6,
        "0.33": 20,
        "12.5": 750,
        // a whole number is minutes from 10 upwards, hours below
        10: 10,
        45: 45,
        90: 90,
        1440: 1440,
        9: 540,
        2: 120,
        0: 0,
        // spaces
        "": 0,
        "  ": 0,
        " 45 ": 45,
        "1\u00a0h\u00a015": 75,
        "45\u202fmin": 45,
    };
    for (const [text, minutes] of Object.entries(cases)) {
        expect(parseDuration(text)).toBe(minutes, { message: `"${text}" is ${minutes} minutes` });
    }
});

test("refuse what is not a duration of a day at most", () => {
    const cases = [
        "-15",
        "-1h",
        "1h75",
        "1:60",
        "0h90",
        "1:5",
        "h30",
        ":30",
        "1:",
        "1.",
        "1,5,2",
        "1,5 min",
        "1 30",
        "abc",
        "1x30",
        "1h30h",
        "2 heures",
        "1e2",
        "Infinity",
        "24h01",
        "24,5",
        "30h",
        "1441",
        "999999999999999999999",
    ];
    for (const text of cases) {
        expect(() => parseDuration(text)).toThrow(undefined, { message: `"${text}" is refused` });
    }
});

test("write a duration", () => {
    const cases = [
        [0, "0 min"],
        [6, "6 min"],
        [59, "59 min"],
        [60, "1 h 00"],
        [65, "1 h 05"],
        [75, "1 h 15"],
        [1440, "24 h 00"],
        [9150, "152 h 30"],
        [-6, "-6 min"],
        [-90, "-1 h 30"],
        // averages are not whole
        [59.6, "1 h 00"],
        [-0.4, "0 min"],
    ];
    for (const [minutes, text] of cases) {
        expect(formatDuration(minutes)).toBe(text);
    }
});

test("what is written can be read back", () => {
    for (let minutes = 0; minutes <= 1440; minutes++) {
        if (parseDuration(formatDuration(minutes)) !== minutes) {
            expect(formatDuration(minutes)).toBe(minutes);
        }
    }
    expect(parseDuration(formatDuration(1440))).toBe(1440);
});
