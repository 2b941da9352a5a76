import { createServer } from "node:net";

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
