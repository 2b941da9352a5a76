import { appendFileSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { until } from "../e2e/support/until.ts";
import { deviceAddress } from "../support/network.ts";
import { inOwnNetwork } from "../support/own-network.ts";
import { tempDir } from "../support/tempdir.ts";
import { plainJobs } from "./api-client.ts";
import { History } from "./history.ts";
import { allEnded, seeAll } from "./outsider.ts";
import { World } from "./world.ts";

/** Altogether less than a lease, so that a node that is cut off half-way still runs them all. */
const COMMANDS = 12;
const LATENCY_MS = 250;
const HALF_WAY = 7;
const DEADLINE_MS = 60_000;

export interface LateSettlement {
  problems: string[];
  /** How often the device was told the first command and the last. */
  first: number;
  last: number;
  status: string;
}

/** What is started instead of the product's own main file. */
interface Started {
  main?: string | undefined;
}

/**
 * The one story that only the store's fence keeps from going wrong, played in a network of its own: a node runs a job
 * to its end while it is cut off from the store, and can say so when its successor is in the middle of that job.
 */
export function launchLateSettlement({ main }: Started = {}): Promise<LateSettlement> {
  const args = main === undefined ? [] : [main];
  return inOwnNetwork({ script: import.meta.path, args, deadline: 4 * DEADLINE_MS });
}

async function play({ main }: Started): Promise<LateSettlement> {
  using folder = tempDir("late-settlement");
  const logs = folder.file("logs");
  mkdirSync(logs);
  const history = new History();
  const log = (name: string, line: string) => appendFileSync(join(logs, name), line);
  const world = await World.start({
    ...{ folder, history, main, log, hear: () => {} },
    ...{ devices: 1, nodes: 2, apis: 1, latency: LATENCY_MS },
  });
  try {
    return await tell(world, history);
  } finally {
    await world.stop();
  }
}

async function tell(world: World, history: History): Promise<LateSettlement> {
  const [api] = world.clients;
  const [device] = world.devices.handles;
  if (!api || !device) throw new Error("the world has no API or no device");
  const commands = Array.from({ length: COMMANDS }, (_, n) => `show version | exclude s${n}x`);
  const times = (n: number) => world.devices.typed.filter(({ command }) => command === commands[n]).length;
  const begun = Date.now();
  const job = async () => {
    const answer = await api.call("GET", "/job?result=false");
    return answer?.status === 200 ? plainJobs(answer, "GET /job")[0] : undefined;
  };

  history.ask({ name: "late", commands, retries: 1, answer: "accepted", ids: [], cancelled: [] });
  const accepted = await api.call("POST", "/device/exec", { json: request(world, commands) });
  if (accepted?.status !== 201) throw new Error(`POST /device/exec: ${JSON.stringify(accepted)}`);
  await until("the first run is half-way", () => times(HALF_WAY) === 1 || null, DEADLINE_MS);
  const first = await until("its node is known", async () => (await job())?.node ?? null, DEADLINE_MS);
  const node = world.nodes.find(({ name }) => name === first);
  if (!node) throw new Error(`no node is called ${first}`);
  await node.machine.cut("store");
  await until("the successor has begun", () => times(0) === 2 || null, DEADLINE_MS);
  // From its next command on: it must not be done before the other one is heard.
  await device.setFault("stall-output");
  await node.machine.heal("store");
  const ended = await allEnded(world.clients);
  await device.setFault("none");
  await seeAll(world.clients, history, begun);
  return {
    problems: [...(ended ? [] : ["the job has not ended"]), ...history.judge(world.devices.typed)],
    first: times(0),
    last: times(COMMANDS - 1),
    status: (await job())?.status ?? "none",
  };
}

function request({ login }: World, commands: string[]) {
  return {
    driver: "netmiko",
    connection_args: {
      host: deviceAddress(0),
      username: login.username,
      password: login.password,
      secret: login.enable,
      device_type: "cisco_ios",
    },
    command: commands,
    queue_strategy: "pinned",
    execution_timeout: 10,
    retries: 1,
  };
}

if (import.meta.main) {
  console.log(JSON.stringify(await play({ main: Bun.argv[2] })));
  process.exit(0);
}
