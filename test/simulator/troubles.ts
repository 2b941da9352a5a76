import type { Clients } from "./clients.ts";
import type { Devices } from "./devices.ts";
import { LEASE, type Machine } from "./nodes.ts";
import type { SimProcess } from "./process.ts";
import { OUTAGE, type Weather } from "./store.ts";
import type { Timeline } from "./timeline.ts";

/** Everything that happens from outside happens before this moment, ms. */
export const TROUBLED_MS = 7_000;

/** A little later, so that much has ended by then. */
const RETRIED_UNTIL_MS = TROUBLED_MS + 2_000;

/** Jobs that outlast a lease come early, and many a trouble soon after. */
const SLOW_FROM_MS = 500;

export interface Scene {
  timeline: Timeline;
  machines: Machine[];
  clients: Clients;
  devices: Devices;
  hosts: string[];
  setWeather(weather: Weather): void;
}

/** Each draws what it needs when its moment has come. */
const TROUBLES: readonly ((scene: Scene) => void)[] = [
  (scene) => aMachine(scene).crash(),
  (scene) => onOne(scene.timeline, aMachine(scene).hosts(), (host) => host.kill()),
  stall,
  stall,
  cutOff,
  cutOff,
  stepWall,
  (scene) => aMachine(scene).drain(scene.timeline.random.whole(0, 1_500)),
  ({ timeline, devices, hosts }) =>
    devices.drop(timeline.random.pick(hosts), timeline.random.whole(1, 1_500)),
  ({ clients }) => clients.cancel(false),
  ({ clients }) => clients.cancel(false),
  ({ clients }) => clients.cancel(true),
  ({ clients }) => clients.bulks.cancel(),
  ({ timeline, clients, hosts }) => clients.workers("stop", { host: timeline.random.pick(hosts) }),
  ({ timeline, clients, hosts }) => clients.workers("suspend", { host: timeline.random.pick(hosts) }),
  outage,
];

/** Draws what will happen when: a day's worth of trouble in a few seconds. */
export function schedule(scene: Scene): void {
  const { timeline, clients, hosts, setWeather } = scene;
  const { random } = timeline;
  if (random.chance(0.5)) duel(scene);
  else setWeather(unsettled(timeline));
  for (let n = random.whole(0, 3); n > 0; n--) {
    timeline.after(random.whole(SLOW_FROM_MS, SLOW_FROM_MS + 1_500), () =>
      clients.submit(random.pick(hosts), { slow: true }),
    );
  }
  for (let n = random.whole(4, 12); n > 0; n--) {
    timeline.after(random.whole(0, TROUBLED_MS - 500), () => clients.submit(random.pick(hosts)));
  }
  for (let n = random.chance(0.6) ? random.whole(1, 4) : 0; n > 0; n--) {
    timeline.after(random.whole(0, TROUBLED_MS - 2_000), () => clients.bulks.submit(hosts, RETRIED_UNTIL_MS));
  }
  for (let n = random.whole(1, 7); n > 0; n--) {
    const trouble = random.pick(TROUBLES);
    timeline.after(random.whole(300, random.chance(0.5) ? TROUBLED_MS : SLOW_FROM_MS + 2_000), () =>
      trouble(scene),
    );
  }
}

/**
 * What fences are there for: a worker that is taken for lost in the middle of its job, wrongly or not, while others
 * wait for its device. In fair weather, since a store that fails now and then puts off whoever watches for lost ones.
 */
function duel(scene: Scene): void {
  const { timeline, clients, hosts } = scene;
  const { random } = timeline;
  const host = random.pick(hosts);
  timeline.after(SLOW_FROM_MS, () => clients.submit(host, { slow: true, pinned: true }));
  for (let n = random.whole(1, 4); n > 0; n--) {
    timeline.after(SLOW_FROM_MS + random.whole(50, 1_000), () => clients.submit(host, { pinned: true }));
  }
  timeline.after(SLOW_FROM_MS + random.whole(200, 1_500), () => {
    const machine = aMachine(scene);
    const ms = random.whole(LEASE.leaseMs, 5_000);
    const blows = [
      () => onOne(timeline, machine.node(), (node) => node.cutOff(ms)),
      () => onOne(timeline, machine.node(), (node) => node.stall(ms)),
      () => onOne(timeline, machine.hosts(), (process) => process.stall(ms)),
      () => machine.crash(),
    ];
    random.pick(blows)();
  });
}

function unsettled({ random }: Timeline): Weather {
  const some = (most: number) => (random.chance(0.5) ? random.share() * most : 0);
  return {
    refused: some(0.15),
    unanswered: some(0.15),
    late: some(0.1),
    hintLost: some(1),
    hintLate: some(0.5),
    hintTwice: some(0.5),
  };
}

/** Shorter than a lease, or longer; everything stands still before calm sets in. */
function stall(scene: Scene): void {
  const { random, now } = scene.timeline;
  const left = TROUBLED_MS - now;
  const ms = random.whole(10, random.chance(0.5) ? LEASE.leaseMs : 3 * LEASE.leaseMs);
  const machine = aMachine(scene);
  const some = random.chance(0.5) ? machine.node() : machine.hosts();
  if (left > 0) onOne(scene.timeline, some, (each) => each.stall(Math.min(ms, left)));
}

/** A node alone: its hosts know nothing of the store. */
function cutOff(scene: Scene): void {
  const { timeline } = scene;
  const ms = timeline.random.whole(100, 3 * LEASE.leaseMs);
  const left = TROUBLED_MS - timeline.now;
  onOne(timeline, aMachine(scene).node(), (node) => node.cutOff(Math.min(ms, left)));
}

/** Rather one that is at work: with others little can go wrong. */
function aMachine({ timeline, machines, devices }: Scene): Machine {
  const { random } = timeline;
  const busy = new Set(devices.busy());
  const working = machines.filter((each) => each.hosts().some((host) => busy.has(host)));
  return random.pick(working.length > 0 && random.chance(0.8) ? working : machines);
}

function stepWall({ timeline, machines, clients }: Scene): void {
  const ms = timeline.random.whole(-3_600_000, 3_600_000);
  onOne(timeline, [clients.process, ...machines.flatMap((each) => each.processes())], (each) =>
    each.stepWall(ms),
  );
}

/** Nobody reaches the store. */
function outage({ timeline, setWeather }: Scene): void {
  const { random, now } = timeline;
  timeline.note("the store is out of reach");
  setWeather(OUTAGE);
  timeline.after(Math.min(random.whole(100, 4_000), Math.max(0, TROUBLED_MS - now)), () =>
    setWeather(unsettled(timeline)),
  );
}

function onOne(timeline: Timeline, some: SimProcess[], act: (process: SimProcess) => void): void {
  if (some.length > 0) act(timeline.random.pick(some));
}
