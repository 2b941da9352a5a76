import { expect } from "bun:test";
import { readFileSync } from "node:fs";
import type { WorkerView } from "../../support/netpulse.ts";
import { freePort } from "../../support/ports.ts";
import { tempDir } from "../../support/tempdir.ts";
import type { Block } from "../document.ts";
import type { Values } from "../placeholders.ts";
import { runBash } from "../shell.ts";
import type { Stage } from "../stage.ts";
import type { Standing } from "../standing.ts";
import type { BlockTreatments } from "../treatment.ts";

/** Runs the monitoring script and returns what it wrote. */
async function logOf(stage: Stage, { text }: Block, values: Values = {}): Promise<string> {
  using folder = tempDir("log");
  const log = folder.file("workers.log");
  const { code } = await runBash(stage.fill(text, { "/var/log/netpulse-workers.log": log, ...values }));
  expect(code).toBe(0);
  return readFileSync(log, "utf8");
}

/** Runs the monitoring script and returns the lines it wrote, without the time that each has first. */
export async function monitor(stage: Stage, block: Block): Promise<string[]> {
  const before = Date.now();
  const lines = (await logOf(stage, block)).trimEnd().split("\n");
  return lines.map((line) => {
    const [, date, time, said = ""] = line.match(/^\[(\S+) (\S+)\] (.*)$/) ?? [];
    const written = Date.parse(`${date}T${time}Z`);
    expect(written).toBeGreaterThanOrEqual(before - 1000);
    expect(written).toBeLessThanOrEqual(Date.now());
    return said;
  });
}

/** The commands that need what a NetPulse of its own process has not; what each is to show is shown otherwise. */
const DEBUG_COMMANDS: Record<string, { why: string; shows(scene: Standing): Promise<void> | void }> = {
  "docker compose ps": {
    why: "this product runs as a process, not under docker compose; that it runs is asked of the system",
    shows: ({ product }) => void process.kill(product.pid, 0),
  },
  "docker compose logs api": {
    why: "its log goes to its own output, which docker compose would only pass on",
    shows: ({ product }) => expect(product.output()).toContain(`netpulse serving at ${product.url}`),
  },
  "netstat -tlnp | grep 9000": {
    why: "net-tools is no part of Debian's base; netstat prints this file of the kernel",
    shows({ product }) {
      const port = Number(new URL(product.url).port).toString(16).toUpperCase().padStart(4, "0");
      const LISTEN = "0A";
      const listening = readFileSync("/proc/net/tcp", "utf8")
        .split("\n")
        .map((line) => line.trim().split(/\s+/))
        .filter(([, local, , state]) => local === `0100007F:${port}` && state === LISTEN);
      expect(listening).toHaveLength(1);
    },
  },
  "redis-cli ping": {
    why: "this product keeps its jobs in SQLite and uses no Redis; its store is checked by /health",
    async shows({ product }) {
      expect((await product.get<string>("/health")).body.data).toBe("ok");
    },
  },
};

export const OPERATIONS: BlockTreatments<Standing> = {
  "Worker Management Examples › 3. Worker Monitoring Script › bash 1": {
    "writes how many workers there are, and warns of the stopped and of too few busy": async (
      scene,
      part,
    ) => {
      const { body } = await scene.product.get<WorkerView[]>("/worker");
      expect(await monitor(scene, part)).toEqual([
        `Total Workers: ${body.data.length}, Busy: 1, Stopped: 1`,
        "Warning: Found stopped Workers (1)",
        "Warning: Too few busy Workers (1)",
      ]);
    },
    "writes that it failed when nothing answers": async (scene, part) => {
      const nowhere = { "localhost:9000": `localhost:${await freePort()}` };
      // The script takes the time only after it had an answer.
      expect(await logOf(scene, part, nowhere)).toBe("[] Worker monitoring failed\n");
    },
  },
  "System Health Check › Troubleshooting › Debug Commands › bash 1": {
    "is all commands that are accounted for": (_scene, { text }) => {
      const commands = text.split("\n").filter((line) => line !== "" && !line.startsWith("#"));
      expect(commands).toEqual(Object.keys(DEBUG_COMMANDS));
    },
    ...Object.fromEntries(
      Object.entries(DEBUG_COMMANDS).map(([command, { why, shows }]) => [
        `${command}: ${why}`,
        (scene: Standing) => shows(scene),
      ]),
    ),
  },
};
