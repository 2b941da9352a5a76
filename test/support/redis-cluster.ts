import { freePort } from "./ports.ts";
import { eventually, type RedisServer, startServer } from "./redis-server.ts";
import { type RedisSet, redisSet } from "./redis-set.ts";
import { tempDir } from "./tempdir.ts";

export interface ClusterOptions {
  /** Default 3. */
  masters?: number;
  /** Of each master. Default 0. */
  replicas?: number;
}

export interface RedisCluster extends RedisSet {
  masters: RedisServer[];
  replicas: RedisServer[];
  /** The master that holds the slot of a key, as the first master sees it. */
  holderOf(key: string): Promise<RedisServer>;
  /**
   * Begins to move the slot of a key to another master: from now on it is half here and half there. `finish` moves
   * its keys and ends it.
   */
  beginMove(key: string, to: RedisServer): Promise<{ finish(): Promise<void> }>;
}

const SLOTS = 16_384;

interface Node {
  server: RedisServer;
  busPort: number;
  id: string;
}

/** A cluster of real servers that share the slots evenly. */
export async function startCluster(options: ClusterOptions = {}): Promise<RedisCluster> {
  const { masters: count = 3, replicas: each = 0 } = options;
  const folder = tempDir("redis-cluster");
  const nodes = await Promise.all(
    Array.from({ length: count * (1 + each) }, async (_, index): Promise<Node> => {
      const busPort = await freePort();
      const name = `node${index}`;
      const args = ["--cluster-enabled", "yes", "--cluster-config-file", `${name}.conf`];
      args.push("--cluster-port", String(busPort), "--cluster-node-timeout", "1000");
      args.push("--repl-ping-replica-period", "1");
      const server = await startServer({ folder, name, args });
      return { server, busPort, id: await server.cli("CLUSTER", "MYID") };
    }),
  );
  const masters = nodes.slice(0, count);
  const replicas = nodes.slice(count);
  await join(masters, replicas);
  const all = nodes.map(({ server }) => server);
  const hosts = masters.map(({ server }) => `${server.host}:${server.port}`);
  const set = redisSet({
    options: { url: `redis+cluster://${hosts.join(",")}` },
    servers: all,
    masters: async () => masters.map(({ server }) => server),
    cleanUp: () => folder.remove(),
  });
  return {
    ...set,
    masters: masters.map(({ server }) => server),
    replicas: replicas.map(({ server }) => server),
    holderOf: async (key) => (await holderOf(masters, key)).server,
    beginMove: (key, to) => beginMove(masters, key, to),
  };
}

async function join(masters: Node[], replicas: Node[]): Promise<void> {
  const nodes = [...masters, ...replicas];
  for (const [index, { server }] of nodes.entries()) {
    await server.cli("CLUSTER", "SET-CONFIG-EPOCH", String(index + 1));
  }
  for (const [index, { server }] of masters.entries()) {
    const [first, next] = [index, index + 1].map((n) => Math.floor((n * SLOTS) / masters.length));
    await server.cli("CLUSTER", "ADDSLOTSRANGE", String(first), String((next ?? SLOTS) - 1));
  }
  const [first, ...others] = nodes;
  for (const { server, busPort } of others) {
    await first?.server.cli("CLUSTER", "MEET", server.host, String(server.port), String(busPort));
  }
  await eventually("all servers know each other", () =>
    everyone(nodes, `cluster_known_nodes:${nodes.length}`),
  );
  for (const [index, { server }] of replicas.entries()) {
    const master = masters[index % masters.length];
    if (master)
      await eventually("a replica", () => server.cli("CLUSTER", "REPLICATE", master.id).then(() => true));
  }
  for (const { server } of replicas) {
    await eventually("a replica follows", async () =>
      (await server.cli("INFO", "replication")).includes("master_link_status:up"),
    );
  }
  await eventually("the cluster serves", () => everyone(nodes, "cluster_state:ok"));
  await eventually("all name all replicas", async () => {
    const seen = await Promise.all(nodes.map(({ server }) => server.cli("CLUSTER", "SLOTS")));
    return seen.every((text) => replicas.every(({ id }) => text.includes(id)));
  });
}

async function everyone(nodes: Node[], says: string): Promise<boolean> {
  const infos = await Promise.all(nodes.map(({ server }) => server.cli("CLUSTER", "INFO")));
  return infos.every((info) => info.includes(`${says}\r`) || info.endsWith(says));
}

async function holderOf(masters: Node[], key: string): Promise<Node> {
  const slot = await slotOf(masters, key);
  for (const node of masters) {
    const own = (await node.server.cli("CLUSTER", "NODES"))
      .split("\n")
      .find((line) => line.includes("myself"));
    const ranges = [...(own ?? "").matchAll(/ (\d+)(?:-(\d+))?(?= |$)/g)].slice(-16);
    if (ranges.some(([, low, high]) => Number(low) <= slot && slot <= Number(high ?? low))) return node;
  }
  throw new Error(`nobody holds slot ${slot}`);
}

async function slotOf([first]: Node[], key: string): Promise<number> {
  return Number(await first?.server.cli("CLUSTER", "KEYSLOT", key));
}

async function beginMove(
  masters: Node[],
  key: string,
  to: RedisServer,
): Promise<{ finish(): Promise<void> }> {
  const slot = String(await slotOf(masters, key));
  const from = await holderOf(masters, key);
  const target = masters.find(({ server }) => server === to);
  if (!target || target === from) throw new Error("the slot must move to another master of this cluster");
  await to.cli("CLUSTER", "SETSLOT", slot, "IMPORTING", from.id);
  await from.server.cli("CLUSTER", "SETSLOT", slot, "MIGRATING", target.id);
  return {
    async finish() {
      for (;;) {
        const keys = (await from.server.cli("CLUSTER", "GETKEYSINSLOT", slot, "100"))
          .split("\n")
          .filter(Boolean);
        if (keys.length === 0) break;
        await from.server.cli("MIGRATE", to.host, String(to.port), "", "0", "5000", "KEYS", ...keys);
      }
      for (const { server } of [target, from])
        await server.cli("CLUSTER", "SETSLOT", slot, "NODE", target.id);
    },
  };
}
