import { expect } from "bun:test";
import fc from "fast-check";
import { isPinnedQueue } from "../../../../../src/core/job.ts";
import { noWork } from "../../../../../src/engine/node-work.ts";
import type { NewWorker, WorkerState } from "../../../../../src/storage/storage.ts";
import { nodeReport } from "../../../../../src/worker/node-report.ts";
import { SECOND } from "../../../../support/factory.ts";
import { WORKER_FILTER, workerFilterOf } from "../filters.ts";
import { shown } from "../fleet.ts";
import type { Incarnation, World } from "../world.ts";
import { type Command, choose, command, pick } from "./command.ts";
import { QUEUES } from "./enqueueing.ts";

const NOTHING_DONE = nodeReport(noWork(), { idle: 0, displaced: 0 });
const NODES = ["node-a", "node-b", "node-c"];

export const FLEET: Command[] = [
  command("registerNode", 1, { node: fc.nat(2), again: fc.boolean() }, async (world, { node, again }) => {
    const name = choose(NODES, node);
    const current = world.fleet.nodes.get(name);
    await register(world, name, again && current ? current.incarnation : world.make.name("incarnation"));
  }),

  command("loseNode", 1, { node: fc.nat(4), stale: fc.nat(2) }, async (world, { node, stale }) => {
    const of = pick(world.incarnations, node);
    if (!of) return;
    const beat = world.fleet.nodes.get(of.name)?.beat ?? 0;
    const call = { ...of, beat: stale === 2 ? beat - 1 : beat };
    const expected = world.fleet.lose(call, world.now);
    expect(await world.store.loseNode({ ...call, now: world.now })).toBe(expected);
  }),

  command("removeNode", 1, { node: fc.nat(4) }, async (world, { node }) => {
    const of = pick(world.incarnations, node);
    if (!of) return;
    await world.store.removeNode(of);
    const current = world.fleet.nodes.get(of.name)?.incarnation === of.incarnation;
    const holds = world.jobs.started().some(({ job }) => job.node === of.name);
    if (current && !holds) world.fleet.remove(of.name);
  }),

  command(
    "heartbeat",
    8,
    {
      node: fc.nat(4),
      runs: fc.array(fc.nat(5), { maxLength: 3 }),
      claims: fc.option(fc.nat(9)),
      states: fc.uniqueArray(fc.record({ worker: fc.nat(5), moved: fc.boolean(), opened: fc.nat(3) }), {
        maxLength: 2,
        selector: ({ worker }) => worker,
      }),
    },
    async (world, { node, ...drawn }) => {
      const of = pick(world.incarnations, node);
      if (of) await beat(world, of, drawn);
    },
  ),

  command(
    "addWorker",
    8,
    { node: fc.nat(2), queue: fc.nat(QUEUES.length - 1), loose: fc.nat(4) },
    (world, { node, queue, loose }) =>
      addWorker(world, { node, queue: choose(QUEUES, queue), loose: loose === 4 }),
  ),

  command("addWorker again", 1, { worker: fc.nat(5) }, async (world, { worker: n }) => {
    const worker = pick(world.fleet.living(), n);
    if (!worker) return;
    const { name, node, incarnation, kind, queue, hostname, pid, host, site } = worker;
    await add(world, { name, node, incarnation, kind, queue, hostname, pid, host, site });
  }),

  command("endWorker", 1, { worker: fc.nat(9), gone: fc.boolean() }, async (world, { worker: n, gone }) => {
    const worker = pick(world.fleet.list({}), n);
    const name = worker?.name ?? "stranger";
    const as = gone && worker?.status !== "dead" ? "gone" : "dead";
    await world.store.endWorker({ name, as, now: world.now });
    world.fleet.end(name, as, world.now);
  }),

  command("stopWorkers", 1, { choice: WORKER_FILTER }, async (world, { choice }) => {
    const call = { op: world.make.op(), filter: workerFilterOf(world, choice) };
    const workers = world.fleet.list(call.filter).filter(({ status }) => status !== "dead");
    for (const worker of workers) worker.stopping = true;
    const expected = workers.map(({ name, currentJobs }) => ({ worker: name, job: currentJobs[0] ?? null }));
    const same = async () => expect(await world.store.stopWorkers(call)).toEqual(expected);
    await same();
    world.repeatLater(same);
  }),

  command(
    "suspendWorkers",
    2,
    { choice: WORKER_FILTER, suspended: fc.boolean() },
    async (world, { choice, suspended }) => {
      const filter = workerFilterOf(world, choice);
      const workers = world.fleet.list(filter).filter(({ status }) => status !== "dead");
      for (const worker of workers) {
        worker.suspended = suspended;
        world.fleet.refresh(worker);
      }
      expect(await world.store.suspendWorkers({ filter, suspended })).toEqual({
        workers: workers.map(({ name }) => name),
      });
    },
  ),

  command("pruneWorkers", 1, { ago: fc.nat(90) }, async (world, { ago }) => {
    const diedBefore = world.now - ago * SECOND;
    const pruned = world.fleet.prune(diedBefore);
    expect(await world.store.pruneWorkers({ diedBefore })).toEqual({ pruned });
  }),

  command(
    "listWorkers",
    2,
    { choice: WORKER_FILTER, limit: fc.integer({ min: 1, max: 4 }), after: fc.nat(9) },
    async (world, { choice, limit, after: n }) => {
      const filter = workerFilterOf(world, choice);
      const after = n > 6 ? undefined : pick(world.fleet.list({}), n)?.name;
      const all = world.fleet.list(filter).filter(({ name }) => after === undefined || name > after);
      const page = all.slice(0, limit).map(shown);
      const next = all.length > limit ? (page.at(-1)?.name ?? null) : null;
      const call = { filter, limit, ...(after === undefined ? {} : { after }) };
      const answer = await world.store.listWorkers(call);
      expect({ ...answer, workers: answer.workers.map(shown) }).toEqual({ workers: page, next });
    },
  ),
];

/** One node with workers for each queue, as every sequence begins. */
export async function startFleet(world: World): Promise<void> {
  await register(world, NODES[0] ?? "", world.make.name("incarnation"));
  for (const queue of [...QUEUES, "FifoQ"]) await addWorker(world, { node: 0, queue, loose: false });
  await world.check();
}

async function register(world: World, name: string, incarnation: string): Promise<void> {
  const known = world.fleet.nodes.get(name)?.incarnation === incarnation;
  const record = { name, incarnation, hostname: "machine", pid: 100, capacity: 10, sites: [null] };
  await world.store.registerNode({ node: record, now: world.now });
  world.fleet.register(record, world.now);
  if (!known) world.incarnations.push({ name, incarnation });
}

async function addWorker(
  world: World,
  { node, queue, loose }: { node: number; queue: string; loose: boolean },
): Promise<void> {
  const of = pick(world.incarnations, node) ?? { name: "nobody", incarnation: "none" };
  const kind = isPinnedQueue(queue) && !loose ? "pinned" : "fifo";
  const name = world.make.name("worker");
  const pid = 10 * Number(name.replace("worker-", ""));
  const at = { node: of.name, incarnation: of.incarnation, hostname: "machine", pid };
  await add(world, { ...at, name, kind, queue, host: queue, site: null });
}

interface DrawnBeat {
  runs: number[];
  /** Reported; null: it reports nothing. */
  claims: number | null;
  states: { worker: number; moved: boolean; opened: number }[];
}

async function beat(
  world: World,
  of: Incarnation,
  { runs, claims: reported, states: drawn }: DrawnBeat,
): Promise<void> {
  const own = world.claims.filter(({ by }) => by.name === of.name && by.incarnation === of.incarnation);
  const claims = runs.map((n) => pick(own, n)).filter((claim) => claim !== undefined);
  const tokens = [...new Map(claims.map(({ token }) => [token.nonce, token])).values()];
  const workers = world.fleet.list({ node: of.name });
  const states = drawn.flatMap(({ worker: n, moved, opened }): WorkerState[] => {
    const worker = workers[n];
    if (!worker) return [];
    const { name, pid } = worker;
    return [
      {
        name,
        pid: moved ? pid + 1 : pid,
        session: moved ? "connecting" : "connected",
        sessionsOpened: opened,
      },
    ];
  });
  const pids = workers.flatMap(({ pid }) => [pid, pid + 1]);
  const hostMemory = Object.fromEntries(pids.map((pid) => [pid, pid / 8]));
  const report = reported === null ? {} : { report: { ...NOTHING_DONE, claims: reported } };
  const who = { node: of.name, incarnation: of.incarnation };
  const call = { ...who, runs: tokens, workers: states, hostMemory, ...report };
  const answer = await world.store.heartbeat({ ...call, now: world.now });

  const node = world.fleet.alive(of.name, of.incarnation);
  const going = tokens.flatMap((token) => (node && world.jobs.running(token)) || []);
  for (const known of going) known.renewed = true;
  const living = going.map(({ token }) => token?.nonce);
  const lost = tokens.filter(({ nonce }) => !living.includes(nonce)).map(({ id }) => id);
  if (node) world.fleet.beat(node, call, world.now);
  const stopping = node ? world.fleet.living(of.name).filter((worker) => worker.stopping) : [];
  expect(answer.known).toBe(node !== null);
  expect(new Set(answer.lost)).toEqual(new Set(lost));
  expect(new Set(answer.abort)).toEqual(new Set(going.filter(({ abort }) => abort).map(({ job }) => job.id)));
  expect(answer.stop).toEqual(stopping.map(({ name }) => name).toSorted());
}

async function add(world: World, worker: NewWorker): Promise<void> {
  const expected = world.fleet.add(worker, world.now);
  expect(await world.store.addWorker({ worker, now: world.now })).toEqual(expected);
}
