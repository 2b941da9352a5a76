import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { timeFormat } from "../../src/api/time.ts";

const ZONES = ["UTC", "Asia/Shanghai", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Pacific/Apia"];

describe("times are written", () => {
  test.each([
    ["UTC", "2024-01-01T04:00:00.123+00:00"],
    ["Asia/Shanghai", "2024-01-01T12:00:00.123+08:00"],
    ["Europe/Berlin", "2024-01-01T05:00:00.123+01:00"],
    ["America/St_Johns", "2024-01-01T00:30:00.123-03:30"],
    ["Asia/Kathmandu", "2024-01-01T09:45:00.123+05:45"],
  ])("in %s as %s", (zone, text) => {
    expect(timeFormat(zone).format(Date.UTC(2024, 0, 1, 4, 0, 0, 123))).toBe(text);
  });

  test("with the offset of their own moment, across a change of clocks", () => {
    const { format } = timeFormat("Europe/Berlin");
    const change = Date.UTC(2024, 2, 31, 1);
    expect(format(change - 1)).toBe("2024-03-31T01:59:59.999+01:00");
    expect(format(change)).toBe("2024-03-31T03:00:00.000+02:00");
    expect(format(change - 1)).toBe("2024-03-31T01:59:59.999+01:00");
  });
});

describe("times are read", () => {
  const shanghai = timeFormat("Asia/Shanghai");
  const noon = Date.UTC(2024, 0, 1, 4);

  test.each([
    ["2024-01-01T12:00:00+08:00", noon],
    ["2024-01-01T12:00:00 08:00", noon],
    ["2024-01-01T12:00:00+0800", noon],
    ["2024-01-01T12:00:00+08", noon],
    ["2024-01-01T00:30:00-03:30", noon],
    ["2024-01-01T04:00:00Z", noon],
    ["2024-01-01t04:00:00z", noon],
    ["2024-01-01T12:00:00", noon],
    ["2024-01-01 12:00", noon],
    ["2024-01-01T12:00:00.5", noon + 500],
    ["2024-01-01T12:00:00.123456789+08:00", noon + 123],
    ["2024-01-01", noon - 12 * 3_600_000],
    ["2024-02-29", Date.UTC(2024, 1, 28, 16)],
  ])("%s", (text, ms) => {
    expect(shanghai.parse(text)).toBe(ms);
  });

  test.each([
    "",
    "now",
    "1704081600",
    "2024-13-01",
    "2024-02-30",
    "2023-02-29T00:00:00Z",
    "2024-01-01T24:00:00Z",
    "2024-01-01T12:60:00Z",
    "2024-01-01T12:00:00+08:00 ",
    "2024-01-01T12:00:00+08:00Z",
    "24-01-01",
  ])("%p is no time", (text) => {
    expect(shanghai.parse(text)).toBeNull();
  });
});

test("what is written is read back as the same moment, in any zone at any time", () => {
  for (const zone of ZONES) {
    const { format, parse } = timeFormat(zone);
    const moment = fc.integer({ min: Date.UTC(1990, 0, 1), max: Date.UTC(2050, 0, 1) });
    fc.assert(
      fc.property(moment, (ms) => {
        expect(parse(format(ms))).toBe(ms);
        expect(new Date(format(ms)).getTime()).toBe(ms);
      }),
    );
  }
});

test("a local time without offset is the moment that is written so", () => {
  for (const zone of ZONES) {
    const { format, parse } = timeFormat(zone);
    // Away from changes of clocks, where a local time may be two moments or none.
    const moment = fc.integer({ min: 0, max: 20 }).map((day) => Date.UTC(2024, 6, 1 + day, day, day * 2));
    fc.assert(fc.property(moment, (ms) => expect(parse(format(ms).slice(0, 23))).toBe(ms)));
  }
});
