import { createServer, type Server } from "node:net";
import { freePort } from "../../support/ports.ts";

/** The first of `count` ports of 127.0.0.1 in a row that are free now. */
export async function freePortRun(count: number): Promise<number> {
  for (;;) {
    const first = await freePort();
    const ports = Array.from({ length: count }, (_, i) => first + i).filter((port) => port < 65_536);
    const servers = await Promise.all(ports.map(listen));
    for (const server of servers) server?.close();
    if (servers.filter((server) => server !== null).length === count) return first;
  }
}

function listen(port: number): Promise<Server | null> {
  return new Promise((resolve) => {
    const server = createServer();
    server.once("error", () => resolve(null));
    server.listen(port, "127.0.0.1", () => resolve(server));
  });
}
