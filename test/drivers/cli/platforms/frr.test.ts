import { expect, test } from "bun:test";
import { Prompts } from "../../../../drivers/cli/engine/prompts.ts";
import { RefusalScan } from "../../../../drivers/cli/engine/refusal.ts";
import frr from "../../../../drivers/cli/platforms/frr.ts";

/** Seen on FRRouting 8.4.4. */
test.each([
  ["frr1>", "exec"],
  ["frr1#", "privileged"],
  ["core-1.example.net#", "privileged"],
  ["frr1(config)#", "config"],
  ["frr1(config-if)#", "config"],
  ["frr1(config-router)#", "config"],
  ["frr1(config-route-map)#", "config"],
])("%s is a prompt of mode %s", (line, mode) => {
  expect(new Prompts(frr).match(`${line} `)?.mode).toBe(mode);
});

test.each(["% Unknown command: show fooo", "S>* 192.0.2.0/24", "Hello, this is FRRouting", "K>", "C>*"])(
  "%s is no prompt of the router it is on",
  (line) => {
    const prompts = new Prompts(frr);
    const first = prompts.match("frr1#");
    if (first !== null) prompts.learn(first);
    expect(prompts.match(line)?.known ?? false).toBe(false);
  },
);

const refusal = (kind: "command" | "config", output: string) => {
  const scan = new RefusalScan(frr.refusals, kind);
  scan.take(output);
  return scan.refusal;
};

test.each([
  "% Unknown command: show fooo",
  "% Command incomplete: show",
  "% Ambiguous command: sh ip r",
  "% There is no matched command.",
])("%s is a refusal", (words) => {
  expect(refusal("command", `${words}\n`)).toBe(words);
  expect(refusal("config", `${words}\n`)).toBe(words);
});

test("what validation says no to is a refusal of a line of configuration", () => {
  expect(refusal("config", "% Configuration failed.\n\nError type: validation\n")).toBe(
    "% Configuration failed.",
  );
  expect(refusal("config", "% Specify remote-as or peer-group commands first\n")).not.toBeNull();
  expect(refusal("config", "% Warning: this takes effect after a restart\n")).toBeNull();
});
