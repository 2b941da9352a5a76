import { expect, test } from "bun:test";
import { textLines } from "../../../../drivers/cli/engine/text-block.ts";
import { platformOf } from "../../../../drivers/cli/platforms/index.ts";

function placesOf(deviceType: string, ...lines: string[]) {
  const { places, ...wrong } = textLines(lines, platformOf(deviceType)?.texts ?? []);
  return { ...wrong, places: places.map((place) => place ?? "-").join(" ") };
}

const whole = { unended: null, doubtful: null };

test.each([
  ["cisco_ios", "banner motd ^C", "Keep out", "^C"],
  ["cisco_ios", " banner login #Keep out", "or else", "bye#"],
  ["cisco_xr", "banner prompt-timeout ~", "too late", "~"],
  ["cisco_nxos", "banner motd @", "Keep out", "@"],
  ["arista_eos", "banner login", "Keep out", "EOF"],
  ["dell_os10", "banner motd %", "Keep out", "%"],
  ["hp_procurve", "banner exec $", "Keep out", "$"],
  ["huawei", "header login information %", "Keep out", "%"],
  ["huawei_vrpv8", "header shell information !", "Keep out", "!"],
  ["hp_comware", "header motd %", "Keep out", "%"],
])("%s: %j begins a text, which %j goes on and %j ends", (deviceType, first, more, last) => {
  const places = "begins goes on - -";
  expect(placesOf(deviceType, first, more, last, "hostname x")).toEqual({ ...whole, places });
});

test.each([
  ["cisco_ios", "banner motd ^Keep out^"],
  ["cisco_ios", "no banner motd"],
  ["cisco_asa", "banner motd Keep out"],
  ["arista_eos", "no banner motd"],
  ["dell_os10", "banner motd disable"],
  ["hp_procurve", 'banner motd "Keep out"'],
  ["huawei", 'header login information "Keep out"'],
  ["hp_comware", "header motd %Keep out%"],
  ["juniper_junos", 'set system login message "Keep out"'],
])("%s: %j begins none", (deviceType, line) => {
  expect(placesOf(deviceType, line, "hostname x")).toEqual({ ...whole, places: "- -" });
});

test("a text without an end is told, and a mark that ends it on some devices only", () => {
  expect(placesOf("cisco_ios", "hostname x", "banner motd #", "one", "two")).toMatchObject({ unended: 1 });
  expect(placesOf("arista_eos", "banner motd", "EOF of it")).toMatchObject({ unended: 0 });
  expect(placesOf("cisco_ios", "banner motd ^C", "2^10", "^C")).toMatchObject({ unended: null, doubtful: 1 });
});
