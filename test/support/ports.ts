import { connect, createServer } from "node:net";
import { until } from "../e2e/support/until.ts";
import type { Child } from "./process.ts";

const given = new Set<number>();

/**
 * A TCP port of 127.0.0.1 that is free now, and that nobody got before: who remembers the host key of a
 * server must not meet another one there. Nothing keeps it free: use port 0 wherever the program can say
 * which port it got.
 */
export async function freePort(): Promise<number> {
  for (;;) {
    const port = await anyPort();
    if (given.has(port)) continue;
    given.add(port);
    return port;
  }
}

function anyPort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const address = server.address();
      server.close(() => {
        if (address === null || typeof address === "string") reject(new Error("no TCP address"));
        else resolve(address.port);
      });
    });
  });
}

/** Resolves when something listens on a port of 127.0.0.1. Rejects when `child`, which should, has ended. */
export async function listening(port: number, child: Pick<Child, "exited" | "output">): Promise<void> {
  let ended = false;
  void child.exited.then(() => {
    ended = true;
  });
  await until(`a listener on port ${port}`, async () => {
    if (ended) throw new Error(`it ended before it listened: ${child.output()}`);
    return (await canConnect(port)) ? true : null;
  });
}

function canConnect(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true)).once("error", () => resolve(false));
    socket.once("connect", () => socket.destroy());
  });
}
