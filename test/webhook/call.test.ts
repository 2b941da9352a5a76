import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { systemClock } from "../../src/core/clock.ts";
import { type Call, call } from "../../src/webhook/call.ts";
import { freePort } from "../support/ports.ts";
import { authority } from "./certificates.ts";
import { answer, type Receiver, startReceiver } from "./receiver.ts";

const never = new AbortController().signal;

function to(port: number, change: Partial<Call> = {}): Call {
  return {
    url: new URL(`http://hooks.test:${port}/path?x=1`),
    address: "127.0.0.1",
    method: "POST",
    headers: [["X-One", "1"]],
    body: Buffer.from('{"a":"ü"}'),
    ...change,
  };
}

function send(request: Call, signal = never): Promise<number> {
  return call({ clock: systemClock }, request, signal);
}

describe("a call", () => {
  test("sends a request to the address, and in the name of the host", async () => {
    await using receiver = await startReceiver();
    expect(await send(to(receiver.port, { method: "PUT" }))).toBe(200);
    const [request] = receiver.received;
    expect([request?.method, request?.path, request?.body]).toEqual(["PUT", "/path?x=1", '{"a":"ü"}']);
    expect(Object.fromEntries(request?.headers ?? [])).toEqual({
      host: `hooks.test:${receiver.port}`,
      "x-one": "1",
      "content-length": "10",
      connection: "close",
    });
  });

  test.each([201, 204, 302, 404, 500])("answers with the status %d", async (status) => {
    await using receiver = await startReceiver();
    receiver.react(answer(status, ["Location: http://127.0.0.1:1/"]));
    expect(await send(to(receiver.port))).toBe(status);
    expect(receiver.received).toHaveLength(1);
  });

  test("ends where nobody answers in time, and hangs up", async () => {
    await using receiver = await startReceiver();
    const closed = Promise.withResolvers<void>();
    const late = new AbortController();
    receiver.react((socket) => {
      socket.on("close", closed.resolve);
      late.abort();
    });
    await expect(send(to(receiver.port), late.signal)).rejects.toMatchObject({
      message: "did not answer in time",
      connected: true,
    });
    await closed.promise;
    await expect(send(to(receiver.port), late.signal)).rejects.toMatchObject({ connected: false });
    expect(receiver.received).toHaveLength(1);
  });

  test.each([
    ["drops the connection", "", "closed the connection without an answer"],
    ["answers half a head", "HTTP/1.1 200 OK\r\nContent-", "closed the connection without an answer"],
    ["speaks something else", "220 mail.test ESMTP\r\n", "answered something that is no HTTP/1.1"],
  ])("fails where the receiver %s", async (_, said, message) => {
    await using receiver = await startReceiver();
    receiver.react(said === "" ? (socket) => socket.end() : said);
    await expect(send(to(receiver.port))).rejects.toMatchObject({ message, connected: true });
  });

  test("fails where the connection is reset", async () => {
    await using receiver = await startReceiver();
    receiver.react((socket) => socket.resetAndDestroy());
    await expect(send(to(receiver.port))).rejects.toMatchObject({ name: "CallError", connected: true });
  });

  test("fails where nobody listens", async () => {
    const port = await freePort();
    await expect(send(to(port))).rejects.toMatchObject({
      message: expect.stringContaining("ECONNREFUSED"),
      connected: false,
    });
  });

  test("reads no more of an answer than tells its status, however much comes", async () => {
    await using receiver = await startReceiver();
    const closed = Promise.withResolvers<number>();
    receiver.react((socket) => {
      const piece = "x".repeat(65_536);
      let sent = 0;
      const more = () => {
        while (!socket.destroyed && socket.write(piece)) sent += piece.length;
      };
      socket.on("drain", more);
      socket.on("close", () => closed.resolve(sent));
      socket.write("HTTP/1.1 200 OK\r\n\r\n");
      more();
    });
    expect(await send(to(receiver.port))).toBe(200);
    await closed.promise;
  });

  test("whose answer has begun counts, though time is over before its end", async () => {
    await using receiver = await startReceiver();
    const late = new AbortController();
    receiver.react((socket) => socket.write("HTTP/1.1 201 Created\r\nContent-Length: 100\r\n\r\nbegun"));
    // Asked for a timer when the status has just come.
    const after = () => {
      queueMicrotask(() => late.abort());
      return { cancel: () => {} };
    };
    expect(await call({ clock: { ...systemClock, after } }, to(receiver.port), late.signal)).toBe(201);
  });

  test("waits no more than a moment for an answer that does not end", async () => {
    await using receiver = await startReceiver();
    receiver.react((socket) => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\nbegun"));
    expect(await send(to(receiver.port))).toBe(200);
  });
});

describe("over TLS", () => {
  const ca = authority();
  let named: Receiver;
  let addressed: Receiver;
  beforeAll(async () => {
    named = await startReceiver(ca.certificate("DNS:hooks.test"));
    addressed = await startReceiver(ca.certificate("IP:127.0.0.1"));
  });
  afterAll(async () => {
    await named[Symbol.asyncDispose]();
    await addressed[Symbol.asyncDispose]();
    ca.remove();
  });

  const https = ({ port }: Receiver, host: string, pem: string | null = ca.pem) =>
    send(to(port, { url: new URL(`https://${host}:${port}/`), ...(pem !== null && { ca: pem }) }));

  test("the certificate must be that of the name, not of the address", async () => {
    expect(await https(named, "hooks.test")).toBe(200);
    const refused = { message: expect.stringContaining("ALTNAME_INVALID"), connected: false };
    await expect(https(named, "other.test")).rejects.toMatchObject(refused);
    await expect(https(addressed, "hooks.test")).rejects.toMatchObject(refused);
    expect([named.received.length, addressed.received.length]).toEqual([1, 0]);
  });

  test("the certificate must be that of the address where the URL has one", async () => {
    expect(await https(addressed, "127.0.0.1")).toBe(200);
    await expect(https(named, "127.0.0.1")).rejects.toMatchObject({ connected: false });
  });

  test("the certificate must be of an authority that is known", async () => {
    await expect(https(named, "hooks.test", null)).rejects.toMatchObject({ connected: false });
  });
});
