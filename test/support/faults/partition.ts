import { connect, createServer, type Server, type Socket } from "node:net";
import { eventually, type RedisServer, startServer } from "../redis-server.ts";
import { type TempDir, tempDir } from "../tempdir.ts";
import { startProxy } from "./proxy.ts";

/**
 * A master, two replicas and three sentinels, with one client that a partition leaves alone with the old master. Two,
 * so that the one that is promoted has a replica that confirms its writes.
 */
export interface PartitionedSet {
  /** For whoever is on the side of replica and sentinels. */
  url: string;
  /** For who is on the master's side: it reaches the sentinels until the partition comes. */
  minorityUrl: string;
  master: RedisServer;
  /** Cuts the network in two: from now on only the minority reaches the old master, and it reaches nobody else. */
  part(): void;
  /** Resolves when one of the replicas was made the master and the other one follows it. */
  promoted(): Promise<void>;
  heal(): void;
  [Symbol.asyncDispose](): Promise<void>;
}

const NAME = "main";
const MINORITY = "minority";
const PASSWORD = "alone";

export async function startPartitionedSet(): Promise<PartitionedSet> {
  const folder = tempDir("partition");
  const users = ["--user", MINORITY, "on", `>${PASSWORD}`, "~*", "&*", "+@all"];
  const args = ["--repl-diskless-sync-delay", "0", "--repl-ping-replica-period", "1", ...users];
  const gate = new MinorityGate();
  await gate.listen();
  const announced = ["--replica-announce-port", String(gate.port)];
  const master = await startServer({ folder, name: "server0", args: [...args, ...announced] });
  gate.leadTo(master);
  const follow = ["--replicaof", gate.host, String(gate.port)];
  const replicas = await Promise.all(
    ["server1", "server2"].map((name) => startServer({ folder, name, args: [...args, ...follow] })),
  );
  await Promise.all(replicas.map((replica) => eventually("the replica follows", () => follows(replica))));
  const sentinels = await Promise.all([0, 1, 2].map((index) => startSentinel(folder, index, gate)));
  await Promise.all(sentinels.map((each) => eventually("the sentinels know all", () => knowsAll(each))));
  const proxies = await Promise.all(sentinels.map((sentinel) => startProxy(sentinel)));
  const hosts = (all: readonly { host: string; port: number }[]) =>
    all.map(({ host, port }) => `${host}:${port}`).join();
  return {
    url: `redis+sentinel://${hosts(sentinels)}/${NAME}`,
    minorityUrl: `redis+sentinel://${MINORITY}:${PASSWORD}@${hosts(proxies)}/${NAME}`,
    master,
    part() {
      gate.part();
      for (const proxy of proxies) proxy.close();
    },
    async promoted() {
      const states = () =>
        Promise.all(replicas.map(async (replica) => ((await follows(replica)) ? "follows" : role(replica))));
      await eventually(
        "a replica is promoted",
        async () => (await states()).sort().join() === "follows,master",
      );
    },
    heal() {
      gate.heal();
      for (const proxy of proxies) proxy.open();
    },
    [Symbol.asyncDispose]: () => end(folder, [...sentinels, ...replicas, master], [...proxies, gate]),
  };
}

async function follows(server: RedisServer): Promise<boolean> {
  return (await server.cli("INFO", "replication")).includes("master_link_status:up");
}

async function role(server: RedisServer): Promise<string> {
  return (await server.cli("ROLE")).split("\n")[0] ?? "";
}

async function end(
  folder: TempDir,
  servers: RedisServer[],
  ways: { stop(): Promise<void> }[],
): Promise<void> {
  await Promise.all(servers.map((server) => server.stop()));
  await Promise.all(ways.map((way) => way.stop()));
  folder.remove();
}

async function startSentinel(folder: TempDir, index: number, master: { host: string; port: number }) {
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
  return /num-slaves\n2\n/.test(text) && /num-other-sentinels\n2\n/.test(text);
}

/** The way to the master, which in a partition lets only those through who log in as the minority. */
class MinorityGate {
  readonly host = "127.0.0.1";
  port = 0;
  #target = { host: "", port: 0 };
  readonly #server: Server;
  readonly #pairs = new Map<Socket, { server: Socket; minority: boolean }>();
  #parted = false;

  constructor() {
    this.#server = createServer((client) => this.#accept(client));
  }

  leadTo({ host, port }: { host: string; port: number }): void {
    this.#target = { host, port };
  }

  listen(): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(0, this.host, () => {
        const address = this.#server.address();
        if (address !== null && typeof address === "object") this.port = address.port;
        resolve();
      });
    });
  }

  part(): void {
    this.#parted = true;
    for (const [client, { minority }] of this.#pairs) if (!minority) this.#cut(client);
  }

  heal(): void {
    this.#parted = false;
  }

  async stop(): Promise<void> {
    for (const client of this.#pairs.keys()) this.#cut(client);
    await new Promise<void>((resolve) => this.#server.close(() => resolve()));
  }

  /** Who it is shows in the first thing that a client says: its login. */
  #accept(client: Socket): void {
    client.once("data", (first) => {
      const minority = first.includes(MINORITY);
      if (this.#parted && !minority) return void client.destroy();
      const server = connect(this.#target);
      this.#pairs.set(client, { server, minority });
      for (const socket of [client, server]) {
        socket
          .setNoDelay(true)
          .on("error", () => this.#cut(client))
          .on("close", () => this.#cut(client));
      }
      server.write(first);
      client.on("data", (chunk) => void server.write(chunk));
      server.on("data", (chunk) => void client.write(chunk));
    });
    client.on("error", () => this.#cut(client));
  }

  #cut(client: Socket): void {
    this.#pairs.get(client)?.server.destroy();
    this.#pairs.delete(client);
    client.destroy();
  }
}
