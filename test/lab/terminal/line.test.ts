import { describe, expect, test } from "bun:test";
import { MAX_LINE } from "../../../src/lab/terminal/line-editor.ts";
import { Terminal, type TypedLine } from "../../../src/lab/terminal/terminal.ts";

function terminal() {
  let echoed = "";
  const flow: string[] = [];
  const source = { pause: () => flow.push("pause"), resume: () => flow.push("resume") };
  const term = new Terminal(source, (text) => {
    echoed += text;
  });
  const history: string[] = [];
  const read = (echo = true): Promise<TypedLine> =>
    term.readLine({ prompt: "r>", echo, showsControl: true, help: null, history });
  return {
    term,
    read,
    history,
    flow,
    feed: (text: string) => term.feed(Buffer.from(text)),
    echoed: () => echoed,
  };
}

describe("a line", () => {
  test.each([
    ["show\r", "show"],
    ["show\n", "show"],
    ["show\r\n", "show"],
    ["show\r\0", "show"],
    ["shoe\bw\r", "show"],
    ["shoe\x7fw\r", "show"],
    ["nonsense\x15show\r", "show"],
    ["show foo\x17version\r", "show version"],
    ["sh\x1b[Dow\x1b[3~\r", "show"],
    ["\0\0show\r", "show"],
    ["sch\u00f6n \u{1f600}\r", "sch\u00f6n \u{1f600}"],
  ])("%j is read as %j", async (typed, expected) => {
    const { read, feed } = terminal();
    const line = read();
    feed(typed);
    expect(await line).toEqual({ text: expected, end: "enter" });
  });

  test("echoes each character, erases with backspace, and ends with CR LF", async () => {
    const { read, feed, echoed } = terminal();
    const line = read();
    feed("ab\bc\r");
    await line;
    expect(echoed()).toBe("ab\b \bc\r\n");
  });

  test("CR LF is one line end also when it comes in two pieces", async () => {
    const { read, feed } = terminal();
    const first = read();
    feed("one\r");
    await first;
    const second = read();
    feed("\ntwo\r");
    expect((await second).text).toBe("two");
  });

  test("a character of several bytes may be cut anywhere", async () => {
    const { term, read } = terminal();
    const line = read();
    for (const byte of Buffer.from("\u00fc\u20ac\r")) term.feed(Buffer.from([byte]));
    expect((await line).text).toBe("\u00fc\u20ac");
  });

  test("is not echoed where it is hidden", async () => {
    const { read, feed, echoed } = terminal();
    const line = read(false);
    feed("sec\bret?\r");
    expect((await line).text).toBe("seret?");
    expect(echoed()).toBe("\r\n");
  });

  test("longer than the limit is refused with a bell, not kept", async () => {
    const { read, feed, echoed } = terminal();
    const line = read();
    feed(`${"x".repeat(MAX_LINE + 3)}\r`);
    expect((await line).text).toHaveLength(MAX_LINE);
    expect(echoed()).toEndWith("\x07\x07\x07\r\n");
  });

  test.each([
    ["\x03", "interrupt"],
    ["\x1a", "end"],
    ["\x04", "eof"],
  ] as const)("%j ends it as %s", async (key, end) => {
    const { read, feed } = terminal();
    const line = read();
    feed(key);
    expect(await line).toEqual({ text: "", end });
  });

  test("arrow up recalls what was typed before", async () => {
    const { read, feed, history, echoed } = terminal();
    history.push("first", "second");
    const line = read();
    feed("x\x1b[A\x1b[A\x1b[B\r");
    expect((await line).text).toBe("second");
    expect(echoed()).toStartWith("x\b \bsecond");
  });
});

describe("while nobody reads", () => {
  test("what arrives waits, and is echoed when it is read", async () => {
    const { read, feed, echoed } = terminal();
    feed("one\rtwo\r");
    expect(echoed()).toBe("");
    expect((await read()).text).toBe("one");
    expect(echoed()).toBe("one\r\n");
    expect((await read()).text).toBe("two");
  });

  test("Ctrl-C interrupts and takes what was typed before it away", async () => {
    const { term, read, feed } = terminal();
    let interrupts = 0;
    term.onInterrupt = () => {
      interrupts += 1;
    };
    feed("lost\rmore\x03kept\r");
    expect(interrupts).toBe(1);
    expect((await read()).text).toBe("kept");
  });

  test("a sender far ahead is paused until its lines are read", async () => {
    const { read, feed, flow } = terminal();
    feed(`${"x".repeat(1000)}\r`.repeat(20));
    expect(flow).toEqual(["pause"]);
    for (let i = 0; i < 20; i++) await read();
    expect(flow).toEqual(["pause", "resume"]);
  });

  test("the end of input comes after what is waiting", async () => {
    const { term, read, feed } = terminal();
    feed("last\r");
    term.finish();
    expect((await read()).text).toBe("last");
    expect((await read()).end).toBe("closed");
  });

  test("closing ends whoever reads", async () => {
    const { term, read } = terminal();
    const line = read();
    term.close();
    expect((await line).end).toBe("closed");
    expect((await read()).end).toBe("closed");
    expect(await term.readKey()).toBeNull();
  });
});
