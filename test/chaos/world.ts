import { mkdirSync } from "node:fs";
import { Secrets } from "../e2e/support/leaks.ts";
import { type Machine, Network, STORE_ADDRESS, type Wire } from "../support/network.ts";
import { type RedisServer, startServer } from "../support/redis-server.ts";
import type { TempDir } from "../support/tempdir.ts";
import { ApiClient } from "./api-client.ts";
import { Devices, type Login } from "./devices.ts";
import type { History } from "./history.ts";
import { Program } from "./program.ts";

const REDIS_PORT = 6379;
const API_PORT = 9000;
/** How long a node may be silent; short, so that many lapse in a run. */
const LEASE_S = 4;
const MARGIN_S = 1;
export interface WorldOptions {
  folder: TempDir;
  history: History;
  devices: number;
  /** How long every device takes to answer, ms. Default: each its own time. */
  latency?: number | undefined;
  nodes: number;
  apis: number;
  /** What to start instead of the product's own main file. */
  main?: string | undefined;
  /** Every line of every log. */
  log(name: string, text: string): void;
  /** Every answer, as it came. */
  hear(text: string): void;
}

/** Redis, APIs and nodes as processes on machines of their own, and devices. */
export class World {
  readonly redis: RedisServer;
  readonly apis: Program[];
  readonly nodes: Program[];
  readonly devices: Devices;
  readonly clients: ApiClient[];
  readonly login: Login;
  readonly secrets: Secrets;
  /** For commands about the store, as `netpulse doctor`. */
  readonly storeEnv: Record<string, string>;
  readonly #network: Network;

  private constructor(parts: {
    redis: RedisServer;
    devices: Devices;
    login: Login;
    secrets: Secrets;
    network: Network;
    storeEnv: Record<string, string>;
    apis: Program[];
    nodes: Program[];
    clients: ApiClient[];
  }) {
    this.redis = parts.redis;
    this.devices = parts.devices;
    this.login = parts.login;
    this.secrets = parts.secrets;
    this.storeEnv = parts.storeEnv;
    this.apis = parts.apis;
    this.nodes = parts.nodes;
    this.clients = parts.clients;
    this.#network = parts.network;
  }

  static async start(options: WorldOptions): Promise<World> {
    const secrets = new Secrets();
    const login = {
      username: "operator",
      password: secrets.make("the devices' password"),
      enable: secrets.make("the enable password"),
    };
    const storePassword = secrets.make("the store's password");
    const apiKey = secrets.make("the API key");
    const { folder, history } = options;
    const network = await Network.open(options.devices);
    const devices = await Devices.start({
      count: options.devices,
      latency: options.latency,
      login,
      isCommand: (text) => history.isCommand(text),
    });
    const redis = await startServer({
      folder,
      addresses: [STORE_ADDRESS],
      port: REDIS_PORT,
      // Without compression, so that what is searched in its files is found.
      args: ["--save", "", "--rdbcompression", "no", ...PERSISTENT, "--requirepass", storePassword],
      cliEnv: { REDISCLI_AUTH: storePassword },
    });
    const storeEnv = {
      PATH: process.env.PATH ?? "",
      NETPULSE_STORAGE__URL: `redis://:${storePassword}@${STORE_ADDRESS}:${REDIS_PORT}`,
      NETPULSE_SECRET_KEY: secrets.make("the sealing key"),
      NETPULSE_STORAGE__REDIS__COMMAND_TIMEOUT: "2",
      NETPULSE_LOG__FORMAT: "json",
    };
    const build = async (role: "api" | "node", count: number) => {
      const wires: Wire[] = role === "api" ? ["store", "clients"] : ["store", "devices"];
      return Promise.all(
        (await machines(network, count, wires)).map(async (machine, n) => {
          const name = `${role}${n + 1}`;
          const dataDir = folder.file(name);
          mkdirSync(dataDir);
          const env = {
            ...storeEnv,
            NETPULSE_DATA_DIR: dataDir,
            ...(role === "api" ? apiEnv(apiKey) : nodeEnv(name)),
          };
          const ready = role === "api" ? /^netpulse serving at /m : /^netpulse node \S+ is running$/m;
          return new Program({ name, role, machine, env, ready, main: options.main, log: options.log });
        }),
      );
    };
    const apis = await build("api", options.apis);
    const nodes = await build("node", options.nodes);
    const clients = apis.map(
      ({ machine }) =>
        new ApiClient(`http://${machine.address("clients")}:${API_PORT}`, apiKey, options.hear),
    );
    const world = new World({ redis, devices, login, secrets, network, storeEnv, apis, nodes, clients });
    await Promise.all([...apis, ...nodes].map((program) => program.start()));
    return world;
  }

  async stop(): Promise<void> {
    await Promise.all([...this.apis, ...this.nodes].map((program) => program.stop(15_000)));
    await this.redis.stop();
    await this.devices.stop();
    await this.#network.close();
  }
}

const PERSISTENT = ["--appendonly", "yes", "--appendfsync", "always"];

async function machines(network: Network, count: number, wires: readonly Wire[]): Promise<Machine[]> {
  const made: Machine[] = [];
  while (made.length < count) made.push(await network.machine(wires));
  return made;
}

function apiEnv(key: string): Record<string, string> {
  return {
    NETPULSE_SERVER__HOST: "0.0.0.0",
    NETPULSE_SERVER__PORT: String(API_PORT),
    NETPULSE_SERVER__API_KEY: key,
  };
}

function nodeEnv(name: string): Record<string, string> {
  return {
    NETPULSE_NODE__NAME: name,
    NETPULSE_WORKER__LEASE: String(LEASE_S),
    NETPULSE_WORKER__LEASE_MARGIN: String(MARGIN_S),
    NETPULSE_WORKER__STOP_GRACE: "1",
    NETPULSE_WORKER__DRAIN_GRACE: "5",
    NETPULSE_WORKER__FIFO: "4",
    NETPULSE_WORKER__IDLE_TIMEOUT: "5",
    NETPULSE_WORKER__SESSIONS_PER_HOST: "8",
    NETPULSE_SESSION__PER_DEVICE: "4",
    NETPULSE_SESSION__PROBE_INTERVAL: "2",
    NETPULSE_BREAKER__OPEN_FOR: "2",
    NETPULSE_BREAKER__MAX_OPEN_FOR: "4",
  };
}
