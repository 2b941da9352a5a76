import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { Terminal } from "../../../../drivers/cli/terminal/terminal.ts";

/** Everything a terminal makes of the bytes, the unfinished line last. */
function shown(bytes: Uint8Array | string, sizes: number[] = []): string {
  const all = typeof bytes === "string" ? new TextEncoder().encode(bytes) : bytes;
  const terminal = new Terminal();
  let from = 0;
  for (const size of sizes) {
    terminal.write(all.slice(from, from + size));
    from += size;
  }
  if (from < all.length) terminal.write(all.slice(from));
  return terminal.takeLines() + terminal.line;
}

function byteByByte(text: string): string {
  return shown(
    text,
    Array.from(new TextEncoder().encode(text), () => 1),
  );
}

test.each<[string, string, string]>([
  ["lines end as the device ends them", "a\r\nb\nc\r\r\nd\n\re", "a\nb\nc\nd\ne"],
  ["CR LF CR and CR CR CR LF are one line end each", "a\r\n\rb\r\r\r\nc", "a\nb\nc"],
  ["empty lines stay", "a\r\n\r\n\r\nb", "a\n\n\nb"],
  ["what follows a bare CR overwrites", "loading 10%\rloading 20%\rdone       \r\nnext", "done\nnext"],
  ["backspaces move back", "shwo\b\bow version", "show version"],
  ["colours, titles and modes are invisible", "\x1b[1;32mok\x1b[0m\x1b]0;title\x07\x1b[?2004h\x1b(B!", "ok!"],
  ["a title may end with ESC backslash", "\x1b]2;r1\x1b\\r1#", "r1#"],
  ["erasing to the end of the line", "old text\rnew\x1b[K", "new"],
  ["erasing the whole line", "old text\x1b[2K\rnew", "new"],
  ["erasing before the cursor", "old text\x1b[4D\x1b[1K", "     ext"],
  ["moving by escape codes", "abcdef\x1b[3Dxyz\x1b[10Gend", "abcxyz   end"],
  ["deleting characters", "abcdef\r\x1b[2P", "cdef"],
  ["ESC E ends a line", "a\x1bEb", "a\nb"],
  ["NUL, BEL and other control characters are dropped", "\0r1\x07#\x0e\x7f\u0085", "r1#"],
  ["a form feed between pages is dropped", "page 1\r\n\fpage 2\r\n", "page 1\npage 2\n"],
  ["tabs stay", "a\tb", "a\tb"],
  ["UTF-8", "Zürich → 東京 🛰\r\n", "Zürich → 東京 🛰\n"],
])("%s", (_what, sent, seen) => {
  expect(shown(sent)).toBe(seen);
  expect(byteByByte(sent)).toBe(seen);
});

test("what is not UTF-8 becomes replacement characters", () => {
  expect(shown(Uint8Array.of(0x61, 0xff, 0x62, 0x0a))).toBe("a�b\n");
});

test("a CR at the end of a chunk waits for what it belongs to", () => {
  const terminal = new Terminal();
  terminal.write(new TextEncoder().encode("line\r"));
  expect([terminal.takeLines(), terminal.line]).toEqual(["", "line"]);
  terminal.write(new TextEncoder().encode("\nnext"));
  expect([terminal.takeLines(), terminal.line]).toEqual(["line\n", "next"]);
});

describe("a pager's question", () => {
  /** What is shown when the question was recognised as soon as it stood there. */
  function paged(before: string, after: string, size = Number.POSITIVE_INFINITY): string {
    const terminal = new Terminal();
    for (const text of [before, after]) {
      const bytes = new TextEncoder().encode(text);
      for (let from = 0; from < bytes.length; from += size) {
        terminal.write(bytes.slice(from, from + Math.min(size, bytes.length)));
        if (terminal.line.trim() === "--More--") terminal.erasePager();
      }
    }
    return terminal.takeLines() + terminal.line;
  }

  test.each([
    ["Cisco IOS: backspaces, spaces, backspaces", "\b".repeat(9) + " ".repeat(8) + "\b".repeat(9)],
    ["return, spaces, return", `\r${" ".repeat(10)}\r`],
    ["return and erase to the end", "\r\x1b[K"],
    ["erase the line and return", "\x1b[2K\r"],
  ])("erased with %s leaves nothing behind", (_how, erasure) => {
    for (const size of [1, 3, 1000]) {
      for (const next of [
        " ip address\r\nend",
        "!\r\nend",
        "\r\nend",
        "a line longer than the question\r\n",
      ]) {
        const expected = next.replaceAll("\r", "");
        expect(paged("one\r\n --More-- ", erasure + next, size)).toBe(`one\n${expected}`);
      }
    }
  });

  test("is dropped with its line end when the device does not erase it", () => {
    for (const size of [1, 1000]) expect(paged("one\r\n--More--", "\r\ntwo\r\n", size)).toBe("one\ntwo\n");
  });

  test("is dropped when the text simply goes on behind it", () => {
    for (const size of [1, 1000]) expect(paged("one\r\n--More--", "two\r\n", size)).toBe("one\ntwo\n");
  });
});

describe("a line without end", () => {
  test("is handed out in parts, whole in the end", () => {
    const terminal = new Terminal();
    let out = "";
    for (let i = 0; i < 200; i++) {
      terminal.write(new TextEncoder().encode("0123456789".repeat(100)));
      out += terminal.takeLines();
      expect(terminal.line).toBe(i < 4 ? "0123456789".repeat(100 * (i + 1)) : "");
    }
    terminal.write(new TextEncoder().encode("\n"));
    expect(out + terminal.takeLines()).toBe(`${"0123456789".repeat(20_000)}\n`);
  });

  test("that wraps at the terminal's width comes back as it was typed", () => {
    // GNU readline on a terminal of 511 columns: after the last column it writes one character more,
    // returns, and writes it again. Recorded from FRRouting 8.4.4.
    const typed = `show ${"x".repeat(695)}`;
    const terminal = new Terminal();
    terminal.write(new TextEncoder().encode("frr1# "));
    terminal.dropLine();
    terminal.write(new TextEncoder().encode(`${typed.slice(0, 506)}\r${typed.slice(505)}\r\n`));
    expect(terminal.takeLines()).toBe(`${typed}\n`);
  });
});

const alphabet = [
  "a",
  " ",
  "#",
  "\r",
  "\n",
  "\b",
  "\x1b",
  "[",
  "K",
  "2",
  "D",
  "C",
  "ü",
  "🛰",
  "\t",
  "]",
  "\x07",
  "A",
];

test("how the bytes are cut makes no difference", () => {
  const text = fc.array(fc.constantFrom(...alphabet), { maxLength: 300 }).map((parts) => parts.join(""));
  const sizes = fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 50 });
  fc.assert(
    fc.property(text, sizes, (sent, cuts) => {
      expect(shown(sent, cuts)).toBe(shown(sent));
    }),
    { numRuns: 2000 },
  );
});

test("no bytes make it print control characters, keep much, or take long", () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 2000 }), (bytes) => {
      const terminal = new Terminal();
      terminal.write(bytes);
      expect(terminal.line.length).toBeLessThanOrEqual(8192);
      expect(terminal.takeLines() + terminal.line).not.toMatch(/[\0-\x08\x0b-\x1f\x7f-\x9f]/);
    }),
    { numRuns: 500 },
  );
});

test.each([
  ["editing in the middle of a long line", `${"x".repeat(4000)}${"\b\bxy".repeat(7000)}`],
  ["returns without end", "\r".repeat(32_768)],
  ["cursor movements far away", "\x1b[9999Ca\x1b[9999Aa".repeat(2000)],
  ["a sequence that never ends", `\x1b]${"x".repeat(32_000)}`],
])("%s cost a chunk no more than 20 ms", (_what, text) => {
  const bytes = new TextEncoder().encode(text);
  const best = Math.min(
    ...Array.from({ length: 5 }, () => {
      const terminal = new Terminal();
      // Of the processor, which others may want meanwhile.
      const before = process.cpuUsage();
      terminal.write(bytes);
      const { user, system } = process.cpuUsage(before);
      return (user + system) / 1000;
    }),
  );
  expect(best).toBeLessThan(20);
});
