import { expect, test } from "bun:test";
import fc from "fast-check";
import type { LabEvent } from "../../src/lab/lab.ts";
import { withLab } from "./support/with-lab.ts";

const words = [
  "show",
  "version",
  "ip",
  "no",
  "do",
  "interface",
  "gi0/1",
  "10.0.0.1",
  "255.0.0.0",
  "banner",
  "motd",
  "#",
];
const more = [
  "|",
  "include",
  "(",
  "*",
  "\\",
  "router",
  "bgp",
  "65000",
  "end",
  "hostname",
  "x",
  "vlan",
  "?",
  "\t",
];
const keys = [
  "\x03",
  "\x1a",
  "\x15",
  "\x17",
  "\b",
  "\x1b[A",
  "\x1b",
  "\0",
  "\x7f",
  "\u00e9",
  "\u{1f600}",
  "\ufffd",
];
/** Without the letters that `exit`, `quit`, `logout` and `reload` begin with: the session must stay. */
const noise = fc.string({ maxLength: 8 }).map((text) => text.replace(/[eqlr]/gi, "z"));
const typed = fc
  .array(fc.oneof(fc.constantFrom(...words, ...more), fc.constantFrom(...keys), noise), { maxLength: 12 })
  .map((parts) => parts.join(" "));

test.each(["cisco_ios", "frr"])(
  "whatever is typed, a %s device answers the next command",
  async (platform) => {
    const errors: LabEvent[] = [];
    const onEvent = (event: LabEvent) => {
      if (event.type === "error") errors.push(event);
    };
    await using lab = await withLab({ platform, privilege: 15, onEvent, lines: 1 });
    const client = await lab.login();
    await client.until(/# ?$/);
    await client.run("terminal length 0");
    await fc.assert(
      fc.asyncProperty(fc.array(typed, { maxLength: 8 }), async (lines) => {
        const first = platform === "frr" ? "configure terminal\r" : "enable\rconfigure terminal\r";
        client.type(`${first}${lines.map((line) => `${line}\r`).join("")}`);
        // Ctrl-C ends a question or a line, Ctrl-Z the configuration; the rest is an ordinary command.
        client.type("\x03\x03\x15\x1a\x15test tail 1 0\r");
        await client.until(/line 1 of 1\r\n[^\r\n]+[#>] ?$/);
      }),
      { numRuns: 60 },
    );
    expect(errors).toEqual([]);
    expect(lab.device(0).counts().open).toBe(1);
  },
  30_000,
);
