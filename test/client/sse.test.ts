import { describe, expect, test } from "bun:test";
import { EventParser } from "../../src/client/sse.ts";

function parse(...pieces: string[]) {
  const parser = new EventParser();
  return { events: pieces.flatMap((piece) => [...parser.push(piece)]), parser };
}

describe("an event stream", () => {
  const stream =
    '\uFEFFretry: 2000\r\n\r\n: comment\nevent: state\nid: 1-0\ndata: {"a":\ndata:  1}\n\nid: 2\rdata:x\r\revent: none\n\ndata\n\n';
  const expected = [
    { type: "state", id: "1-0", data: '{"a":\n 1}' },
    { type: "message", id: "2", data: "x" },
    { type: "message", id: "2", data: "" },
  ];

  test("is read as the standard says", () => {
    const { events, parser } = parse(stream);
    expect(events).toEqual(expected);
    expect(parser.retryMs).toBe(2000);
  });

  test("may be cut anywhere", () => {
    expect(parse(...stream).events).toEqual(expected);
    for (let cut = 0; cut <= stream.length; cut++) {
      expect(parse(stream.slice(0, cut), stream.slice(cut)).events).toEqual(expected);
    }
  });

  test("that breaks off in an event does not tell it", () => {
    expect(parse("data: whole\n\ndata: half\n").events).toEqual([{ type: "message", id: "", data: "whole" }]);
  });

  test("takes no retry that is no number and no id with a null", () => {
    const { events, parser } = parse("retry: soon\nid: a\0b\ndata: x\n\n");
    expect([parser.retryMs, events[0]?.id]).toEqual([null, ""]);
  });

  test.each([
    ["line", (parser: EventParser, piece: string) => [...parser.push(piece)]],
    ["event", (parser: EventParser, piece: string) => [...parser.push(`data: ${piece}\n`)]],
  ])("with a %s that never ends is given up", (_what, push) => {
    const parser = new EventParser();
    const piece = "x".repeat(4 * 1024 * 1024);
    expect(() => {
      for (let n = 0; n < 20; n++) push(parser, piece);
    }).toThrow("the event stream has an event without end");
  });
});
