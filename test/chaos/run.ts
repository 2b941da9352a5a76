import { appendFileSync, cpSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import { filesOf, text } from "../e2e/support/leaks.ts";
import { workSince } from "../support/faults/deliveries.ts";
import { type Random, random } from "../support/faults/random.ts";
import type { TempDir } from "../support/tempdir.ts";
import { tempDir } from "../support/tempdir.ts";
import { Clients } from "./clients.ts";
import { drawFault } from "./faults.ts";
import { History } from "./history.ts";
import { allEnded, examine, seeAll } from "./outsider.ts";
import { trouble } from "./troubles.ts";
import { World } from "./world.ts";

/** All jobs have ended within this of the end of the last fault, ms. */
const RECOVERY_MS = 15_000;

export interface RunOptions {
  seed: number;
  rounds: number;
  devices: number;
  nodes: number;
  apis: number;
  clients: number;
  /** What to start instead of the product's own main file. */
  main?: string | undefined;
  /** Where the logs and the history go. */
  evidence?: string | undefined;
  /** Only faults whose name begins so. */
  only?: string | undefined;
  /** No fault is shorter, ms. Default 200. */
  shortest?: number | undefined;
  /** Share of the jobs that have so many commands that they outlast a lease on a slow device. Default 0.1. */
  long?: number | undefined;
  /** Share of the commands that may be tried again. Default 0.3. */
  retried?: number | undefined;
  /** How long every device takes to answer, ms. Default: each its own time. */
  latency?: number | undefined;
  progress(line: string): void;
}

export interface Report {
  seed: number;
  rounds: number;
  seconds: number;
  jobs: number;
  /** How many jobs ended with which status. */
  byStatus: Record<string, number>;
  /** Commands and lines of clients that devices saw. */
  typed: number;
  /** Requests that nobody answered. */
  unknown: number;
  faults: Record<string, number>;
  /** From the end of the last fault of a round to the end of its last job, ms. */
  recovery: number[];
  /** What contradicts the promises of the product; empty when nothing does. */
  problems: string[];
}

/** Takes a world through rounds of faults, and judges what was seen. Stops at the first round with a violation. */
export async function runChaos(options: RunOptions): Promise<Report> {
  using folder = tempDir("chaos");
  const since = performance.now();
  const run = await Run.start(options, folder);
  try {
    for (let round = 1; round <= options.rounds && run.problems.length === 0; round++) await run.round(round);
    await run.finish();
  } finally {
    await run.stop();
  }
  return { ...run.report(), seconds: Math.round((performance.now() - since) / 1000) };
}

class Run {
  readonly problems: string[] = [];
  readonly #options: RunOptions;
  readonly #folder: TempDir;
  readonly #history: History;
  readonly #world: World;
  readonly #clients: Clients;
  readonly #heard: string[];
  readonly #faults: Record<string, number> = {};
  readonly #recovery: number[] = [];

  private constructor(options: RunOptions, folder: TempDir, history: History, world: World, heard: string[]) {
    this.#options = options;
    this.#folder = folder;
    this.#history = history;
    this.#world = world;
    this.#heard = heard;
    this.#clients = new Clients({
      history,
      apis: world.clients,
      login: world.login,
      devices: options.devices,
      count: options.clients,
      seed: options.seed,
      long: options.long ?? 0.1,
      retried: options.retried ?? 0.3,
    });
  }

  static async start(options: RunOptions, folder: TempDir): Promise<Run> {
    const logs = folder.file("logs");
    mkdirSync(logs);
    const history = new History();
    const heard: string[] = [];
    const log = (name: string, line: string) => appendFileSync(join(logs, name), line);
    const world = await World.start({ ...options, folder, history, log, hear: (body) => heard.push(body) });
    return new Run(options, folder, history, world, heard);
  }

  async round(round: number): Promise<void> {
    const dice = random(this.#options.seed * 10_000 + round);
    const began = Date.now();
    this.#clients.begin();
    await this.#trouble(dice);
    const calmAt = Date.now();
    await Promise.all([this.#clients.pause(), this.#clients.resume()]);
    await this.#clients.followed();
    const ended = await allEnded(this.#world.clients);
    await seeAll(this.#world.clients, this.#history, began);
    this.#judge(calmAt, ended);
    this.#options.progress(
      `round ${round}: ${this.#history.jobs.length} jobs so far, recovered in ${this.#recovery.at(-1)} ms`,
    );
  }

  /** What is there in the end is what was seen before, the store is sound, and no secret is in any file. */
  async finish(): Promise<void> {
    await seeAll(this.#world.clients, this.#history, 0);
    this.problems.push(...this.#history.judge(this.#world.devices.typed));
    this.problems.push(...(await examine(this.#world.storeEnv)));
    await this.#world.redis.cli("SAVE");
    this.problems.push(...this.#world.secrets.leaks(filesOf(this.#folder.path)));
  }

  async stop(): Promise<void> {
    await this.#world.stop();
    const { evidence } = this.#options;
    if (evidence === undefined) return;
    cpSync(this.#folder.file("logs"), join(evidence, "logs"), { recursive: true });
    await Bun.write(
      join(evidence, "history.json"),
      JSON.stringify({ ...this.#history.written(), typed: this.#world.devices.typed }, null, 1),
    );
  }

  report(): Omit<Report, "seconds"> {
    const { jobs, asked } = this.#history;
    const byStatus = Object.entries(Object.groupBy(jobs, ({ status }) => status));
    return {
      seed: this.#options.seed,
      rounds: this.#recovery.length,
      jobs: jobs.length,
      byStatus: Object.fromEntries(byStatus.map(([status, all]) => [status, all?.length ?? 0])),
      typed: this.#world.devices.typed.length,
      unknown: asked.filter(({ answer }) => answer === "unknown").length,
      faults: this.#faults,
      recovery: this.#recovery,
      problems: this.problems,
    };
  }

  #trouble(dice: Random): Promise<void> {
    return trouble(
      { dice, shortest: this.#options.shortest ?? 200 },
      () => drawFault(this.#world, dice, this.#options.only),
      ({ name, part }) => {
        this.#faults[name] = (this.#faults[name] ?? 0) + 1;
        this.#history.note(`${name}: ${part}`);
      },
    );
  }

  #judge(calmAt: number, ended: boolean): void {
    const { typed } = this.#world.devices;
    const last = Math.max(calmAt, ...this.#history.jobs.map((job) => Date.parse(job.ended_at ?? "") || 0));
    this.#recovery.push(last - calmAt);
    const most = RECOVERY_MS + workSince(this.#world.devices.typed, calmAt);
    if (!ended || last - calmAt > most)
      this.problems.push(`jobs ended later than ${most} ms after the last fault`);
    this.problems.push(...this.#history.judge(typed));
    this.problems.push(...this.#world.secrets.leaks([text("an answer", this.#heard.splice(0).join("\n"))]));
  }
}
