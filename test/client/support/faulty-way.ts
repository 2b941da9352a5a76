import { connect, createServer, type Socket } from "node:net";

/** What becomes of one answer on its way back: whole, dropped before its first byte, or cut after so many bytes. */
export type Fate = "whole" | "dropped" | { cutAfter: number };

/** A way to an API on which answers get lost although requests arrive. */
export interface FaultyWay {
  readonly url: string;
  /** For the answers to come, one each; later ones are whole. */
  fates: Fate[];
  /** Requests that got through, as `POST /device/exec`. */
  readonly requests: string[];
  stop(): void;
}

export async function startFaultyWay(apiUrl: string): Promise<FaultyWay> {
  const api = new URL(apiUrl);
  const sockets = new Set<Socket>();
  const way = { fates: [] as Fate[], requests: [] as string[] };
  const server = createServer((client) => {
    const upstream = connect(Number(api.port), api.hostname);
    let left = Number.POSITIVE_INFINITY;
    client.on("data", (bytes) => {
      const [, request] = /^([A-Z]+ [^ ?]+)\S* HTTP/.exec(bytes.toString("latin1")) ?? [];
      if (request !== undefined) {
        way.requests.push(request);
        left = bytesOf(way.fates.shift() ?? "whole");
      }
      upstream.write(bytes);
    });
    upstream.on("data", (bytes) => {
      if (left > 0) client.write(bytes.subarray(0, left));
      left -= bytes.length;
      if (left <= 0) client.destroySoon();
    });
    pair(client, upstream, sockets);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  const port = typeof address === "object" && address !== null ? address.port : 0;
  return Object.assign(way, {
    url: `http://127.0.0.1:${port}`,
    stop() {
      server.close();
      for (const socket of sockets) socket.destroy();
    },
  });
}

function bytesOf(fate: Fate): number {
  if (fate === "whole") return Number.POSITIVE_INFINITY;
  return fate === "dropped" ? 0 : fate.cutAfter;
}

function pair(one: Socket, other: Socket, sockets: Set<Socket>): void {
  for (const [end, opposite] of [
    [one, other],
    [other, one],
  ] as const) {
    sockets.add(end);
    end.on("error", () => opposite.destroy());
    end.on("close", () => {
      sockets.delete(end);
      opposite.destroy();
    });
  }
}
