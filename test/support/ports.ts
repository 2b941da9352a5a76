import { createServer } from "node:net";

/**
 * A TCP port of 127.0.0.1 that is free now. Nothing keeps it free: use port 0 wherever the program can
 * say which port it got.
 */
export function freePort(): Promise<number> {
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
