import { eventually, type RedisServer, startServer } from "./redis-server.ts";
import { type RedisSet, redisSet } from "./redis-set.ts";
import { type TempDir, tempDir } from "./tempdir.ts";

export interface SentinelSet extends RedisSet {
  /** Both servers, whichever is master. */
  servers: RedisServer[];
  sentinels: RedisServer[];
  /** The server that the sentinels call master now. */
  master(): Promise<RedisServer>;
  /** Resolves when the sentinels call another one master, and it is. */
  waitForFailover(from: RedisServer): Promise<void>;
}

const NAME = "main";

/** A master, its replica, and three sentinels of which two must agree. A silent master is replaced in about 2 s. */
export async function startSentinelSet(): Promise<SentinelSet> {
  const folder = tempDir("redis-sentinel");
  const args = ["--repl-ping-replica-period", "1"];
  const first = await startServer({ folder, name: "server0", args });
  const follow = ["--replicaof", first.host, String(first.port)];
  const second = await startServer({ folder, name: "server1", args: [...args, ...follow] });
  const servers = [first, second];
  await eventually("the replica follows", async () =>
    (await second.cli("INFO", "replication")).includes("master_link_status:up"),
  );
  const sentinels = await Promise.all([0, 1, 2].map((index) => startSentinel(folder, index, first)));
  await Promise.all(
    sentinels.map((sentinel) => eventually("the sentinels know all", () => knowsAll(sentinel))),
  );
  const hosts = sentinels.map(({ host, port }) => `${host}:${port}`);
  const master = () => masterOf(sentinels, servers);
  const set = redisSet({
    options: { url: `redis+sentinel://${hosts.join(",")}/${NAME}` },
    servers: [...sentinels, ...servers],
    masters: async () => [await master()],
    cleanUp: () => folder.remove(),
  });
  return {
    ...set,
    servers,
    sentinels,
    master,
    waitForFailover: (from) =>
      eventually("a failover", async () => {
        const now = await master();
        return now !== from && (await now.cli("ROLE")).startsWith("master");
      }),
  };
}

async function startSentinel(folder: TempDir, index: number, master: RedisServer): Promise<RedisServer> {
  const config = folder.file(`sentinel${index}.conf`);
  const lines = [
    `sentinel monitor ${NAME} ${master.host} ${master.port} 2`,
    `sentinel down-after-milliseconds ${NAME} 1000`,
    `sentinel failover-timeout ${NAME} 3000`,
  ];
  await Bun.write(config, `${lines.join("\n")}\n`);
  return startServer({ folder, name: `sentinel${index}`, args: [config, "--sentinel"] });
}

async function knowsAll(sentinel: RedisServer): Promise<boolean> {
  const text = await sentinel.cli("SENTINEL", "MASTER", NAME);
  return /num-slaves\n1\n/.test(text) && /num-other-sentinels\n2\n/.test(text);
}

/** As most of the sentinels that answer say. */
async function masterOf(sentinels: RedisServer[], servers: RedisServer[]): Promise<RedisServer> {
  for (const sentinel of sentinels) {
    const answer = await sentinel.cli("SENTINEL", "GET-MASTER-ADDR-BY-NAME", NAME).catch(() => null);
    const found = servers.find(({ port }) => answer?.split("\n")[1] === String(port));
    if (found) return found;
  }
  throw new Error("no sentinel knows the master");
}
