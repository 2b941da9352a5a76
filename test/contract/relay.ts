import { connect, createServer, type Server, type Socket } from "node:net";

/**
 * A way to a device by an address of its own, on which a test decides how far its jobs get: what the
 * device answers can be kept back, and what the product sends is seen as it comes.
 */
export interface Relay {
  readonly host: string;
  readonly port: number;
  /** Keeps back what the device says from now on. */
  hold(): void;
  release(): void;
  /** Resolves when the product sends something to the device, counted from this call. */
  asked(): Promise<void>;
  /** Breaks every connection, as a device that loses its power. */
  cut(): void;
  stop(): Promise<void>;
}

export interface Target {
  host: string;
  port: number;
}

export async function startRelay(host: string, target: Target): Promise<Relay> {
  const pairs = new Set<{ client: Socket; device: Socket }>();
  const asking = new Set<() => void>();
  let held = false;
  const server = createServer((client) => {
    const device = connect(target.port, target.host);
    const pair = { client, device };
    pairs.add(pair);
    if (held) device.pause();
    client.on("data", (bytes) => {
      device.write(bytes);
      for (const resolve of asking) resolve();
      asking.clear();
    });
    device.on("data", (bytes) => client.write(bytes));
    for (const [end, other] of [
      [client, device],
      [device, client],
    ] as const) {
      end.on("error", () => other.destroy());
      end.on("close", () => {
        other.destroy();
        pairs.delete(pair);
      });
    }
  });
  const port = await listen(server, host);
  const cut = () => {
    for (const { client } of pairs) client.destroy();
  };
  return {
    host,
    port,
    hold() {
      held = true;
      for (const { device } of pairs) device.pause();
    },
    release() {
      held = false;
      for (const { device } of pairs) device.resume();
    },
    asked: () => new Promise((resolve) => asking.add(resolve)),
    cut,
    stop() {
      cut();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

function listen(server: Server, host: string): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once("error", reject);
    server.listen(0, host, () => {
      const address = server.address();
      if (address === null || typeof address === "string") reject(new Error("no TCP address"));
      else resolve(address.port);
    });
  });
}
