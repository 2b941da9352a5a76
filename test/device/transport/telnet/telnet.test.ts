import { afterEach, expect, test } from "bun:test";
import { createServer, type Server, type Socket } from "node:net";
import fc from "fast-check";
import { DeviceError } from "../../../../src/core/errors.ts";
import { sshTarget } from "../../../../src/device/ssh-args.ts";
import type { ByteChannel } from "../../../../src/device/transport/channel.ts";
import { connectTelnet } from "../../../../src/device/transport/telnet/telnet.ts";
import { context } from "../../../drivers/support.ts";

let server: Server | undefined;
const sockets = new Set<Socket>();
afterEach(() => {
  for (const socket of sockets) socket.destroy();
  sockets.clear();
  server?.close();
});

/** Connects to a server that does as it is told, and says what comes of it. */
async function connect(serve: (socket: Socket) => void, more: Parameters<typeof context>[1] = {}) {
  const got: number[] = [];
  const port = await new Promise<number>((resolve) => {
    server = createServer((socket) => {
      sockets.add(socket);
      socket.on("data", (bytes) => got.push(...bytes)).on("error", () => {});
      serve(socket);
    });
    server.listen(0, "127.0.0.1", () => {
      const address = server?.address();
      resolve(typeof address === "object" && address !== null ? address.port : 0);
    });
  });
  const ended = Promise.withResolvers<DeviceError>();
  let text = "";
  const target = sshTarget({ host: "127.0.0.1", port, username: "admin" }, 23);
  const channel: ByteChannel = await connectTelnet(target, context(null, more), {
    onData: (bytes) => {
      text += Buffer.from(bytes).toString("latin1");
    },
    onEnd: (reason) => ended.resolve(reason),
  });
  return { channel, got, ended: ended.promise, text: () => text };
}

test("what is said before the device hangs up is delivered, without the protocol", async () => {
  const { ended, text, got } = await connect((socket) => {
    socket.end(Buffer.from([255, 251, 1, ...Buffer.from("No free line\r\n"), 255, 241]));
  });
  expect(await ended).toMatchObject({ type: "ConnectionError", message: expect.stringContaining("closed") });
  expect(text()).toBe("No free line\r\n");
  expect(got.length).toBeLessThanOrEqual(3);
});

test("a device that negotiates without end is left", async () => {
  const endless = Buffer.from(Array.from({ length: 500 }, () => [255, 251, 1, 255, 252, 1]).flat());
  const { ended } = await connect((socket) => void socket.write(endless));
  expect(await ended).toMatchObject({
    type: "ConnectionError",
    message: expect.stringContaining("negotiates Telnet options without end"),
  });
});

test("no byte is sent once nothing may be written, not even an answer to an option", async () => {
  const lapsed = new DeviceError("WorkerLost", "the lease lapsed");
  const guard = {
    assertMayWrite() {
      throw lapsed;
    },
  };
  const { channel, ended, got } = await connect((socket) => void socket.write(Buffer.from([255, 253, 3])), {
    guard,
  });
  await ended;
  expect(() => channel.write("x")).toThrow();
  expect(got).toEqual([]);
});

test("a refused write throws the guard's reason and ends the connection", async () => {
  let may = true;
  const lapsed = new DeviceError("WorkerLost", "the lease lapsed");
  const guard = {
    assertMayWrite() {
      if (!may) throw lapsed;
    },
  };
  const { channel, ended } = await connect(() => {}, { guard });
  channel.write("first\n");
  may = false;
  expect(() => channel.write("second\n")).toThrow(lapsed);
  expect(await ended).toBeInstanceOf(DeviceError);
});

test("close waits for the device to hang up, and may be called again", async () => {
  const { channel, ended } = await connect((socket) => void socket.write("> "));
  await channel.close();
  await channel.close();
  expect(await ended).toBeInstanceOf(DeviceError);
});

test("whatever a device sends, its end is reported, and all it is answered is Telnet", async () => {
  const byte = fc.oneof(
    fc.constantFrom(255, 250, 240, 251, 253, 24, 31, 1, 13, 0),
    fc.integer({ min: 0, max: 255 }),
  );
  const writes = fc.array(fc.array(byte, { minLength: 1, maxLength: 40 }), { maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(writes, async (chunks) => {
      const { ended, got } = await connect((socket) => {
        for (const chunk of chunks) socket.write(Uint8Array.from(chunk));
        socket.end();
      });
      expect(await ended).toMatchObject({ type: "ConnectionError" });
      server?.close();
      const answers = Buffer.from(got).toString("latin1");
      expect(answers).toMatch(
        /^(?:\xff[\xfb-\xfe][\0-\xff]|\xff\xfa[\x18\x1f](?:[^\xff]|\xff\xff)*\xff\xf0)*$/,
      );
    }),
    { numRuns: 60 },
  );
});

test("the arguments of a jump host and of a proxy hold for Telnet, too", async () => {
  const target = sshTarget(
    {
      host: "127.0.0.1",
      username: "admin",
      proxy: { type: "socks5", host: "127.0.0.1", port: 1 },
      conn_timeout: 5,
    },
    23,
  );
  const sink = { onData() {}, onEnd() {} };
  const error = await connectTelnet(target, context(null), sink).catch((reason: unknown) => reason);
  expect(error).toMatchObject({ type: "ConnectionError" });
  expect(String(error)).toContain("the proxy 127.0.0.1 port 1");
});
