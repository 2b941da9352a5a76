import { Api } from "../e2e/support/api.ts";
import type { Child } from "../support/process.ts";
import { startRedis } from "../support/redis.ts";
import { tempDir } from "../support/tempdir.ts";
import { startCommand } from "./support.ts";

const KEY = "api-key-of-the-fleet-tests";

export const STORES = ["SQLite", "Redis"] as const;
export type StoreName = (typeof STORES)[number];

/** Processes of the product on one store: an API and whatever nodes a test starts. */
export interface Fleet {
  readonly api: Api;
  /** Of that API. */
  readonly url: string;
  readonly key: string;
  /** A node of that name, once it runs. */
  node(name: string, env?: Record<string, string>): Promise<Child>;
  /** One more API, beside the first. */
  anotherApi(): Promise<Child>;
  [Symbol.asyncDispose](): Promise<void>;
}

export async function startFleet(
  env: Record<string, string> = {},
  store: StoreName = "Redis",
): Promise<Fleet> {
  const folder = tempDir("fleet");
  const redis = store === "Redis" ? await startRedis() : null;
  const place = redis && {
    NETPULSE_STORAGE__URL: redis.url,
    NETPULSE_SECRET_KEY: "0123456789abcdef".repeat(4),
  };
  const children: Child[] = [];
  async function start(role: "api" | "node", ready: RegExp, more: Record<string, string> = {}) {
    const child = startCommand([role], {
      NETPULSE_DATA_DIR: folder.path,
      ...place,
      NETPULSE_SERVER__API_KEY: KEY,
      ...env,
      ...more,
    });
    children.push(child);
    await child.waitFor(ready, { deadline: 30_000 });
    return child;
  }
  const stop = async () => {
    await Promise.all(children.map((child) => child.stop()));
    await redis?.stop();
    folder.remove();
  };
  try {
    const api = await start("api", /^netpulse serving at \S+$/m);
    const [, url = ""] = api.stdout().match(/^netpulse serving at (\S+)$/m) ?? [];
    return {
      api: new Api({ url, key: KEY }),
      url,
      key: KEY,
      node: (name, more = {}) =>
        start("node", /^netpulse node \S+ is running$/m, { ...more, NETPULSE_NODE__NAME: name }),
      anotherApi: () => start("api", /^netpulse serving at \S+$/m),
      [Symbol.asyncDispose]: stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}
