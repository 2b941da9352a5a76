import type { Clients } from "./clients.ts";
import type { Devices } from "./devices.ts";
import { LEASE, type Machine } from "./nodes.ts";
import type { SimProcess } from "./process.ts";
import { FAIR, OUTAGE, type Weather } from "./store.ts";
import type { Timeline } from "./timeline.ts";

/** Everything that happens from outside happens before this moment, ms. */
export const TROUBLED_MS = 7_000;

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
  ({ timeline, machines }) => timeline.random.pick(machines).crash(),
  ({ timeline, machines }) =>
    onOne(
      timeline,
      machines.flatMap((each) => each.hosts()),
      (host) => host.kill(),
    ),
  stall,
  stall,
  cutOff,
  cutOff,
  stepWall,
  ({ timeline, machines }) => timeline.random.pick(machines).drain(timeline.random.whole(0, 1_500)),
  ({ timeline, devices, hosts }) =>
    devices.drop(timeline.random.pick(hosts), timeline.random.whole(1, 1_500)),
  ({ clients }) => clients.cancel(false),
  ({ clients }) => clients.cancel(false),
  ({ clients }) => clients.cancel(true),
  ({ timeline, clients, hosts }) => clients.workers("stop", { host: timeline.random.pick(hosts) }),
  ({ timeline, clients, hosts }) => clients.workers("suspend", { host: timeline.random.pick(hosts) }),
  outage,
];

/** Draws what will happen when: a day's worth of trouble in a few seconds. */
export function schedule(scene: Scene): void {
  const { timeline, clients, hosts, setWeather } = scene;
  const { random } = timeline;
  setWeather(random.chance(0.7) ? unsettled(timeline) : FAIR);
  for (let n = random.whole(0, 3); n > 0; n--) {
    timeline.after(random.whole(500, 2_000), () => clients.submit(hosts, { slow: true }));
  }
  for (let n = random.whole(4, 12); n > 0; n--) {
    timeline.after(random.whole(0, TROUBLED_MS - 500), () => clients.submit(hosts, { slow: false }));
  }
  for (let n = random.whole(1, 7); n > 0; n--) {
    const trouble = random.pick(TROUBLES);
    timeline.after(random.whole(100, TROUBLED_MS), () => trouble(scene));
  }
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
function stall({ timeline, machines }: Scene): void {
  const { random, now } = timeline;
  const most = TROUBLED_MS - now;
  const ms = random.whole(10, random.chance(0.5) ? LEASE.leaseMs : 3 * LEASE.leaseMs);
  if (most > 0)
    onOne(
      timeline,
      machines.flatMap((each) => each.processes()),
      (each) => each.stall(Math.min(ms, most)),
    );
}

/** The node alone: its hosts know nothing of the store. */
function cutOff({ timeline, machines }: Scene): void {
  const ms = timeline.random.whole(100, 3 * LEASE.leaseMs);
  const left = TROUBLED_MS - timeline.now;
  onOne(
    timeline,
    machines.flatMap((each) => each.node()),
    (node) => node.cutOff(Math.min(ms, left)),
  );
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
