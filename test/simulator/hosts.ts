import { Channel } from "../../src/ipc/channel.ts";
import type { FromHost, ToHost } from "../../src/ipc/messages.ts";
import type { SpawnHost } from "../../src/worker/host-process.ts";
import { SessionHost } from "../../src/worker/session-host.ts";
import { noFiles } from "../support/no-files.ts";
import type { Devices } from "./devices.ts";
import { SimProcess } from "./process.ts";
import type { Timeline } from "./timeline.ts";

/** What two processes say to each other, in order; what is under way is lost with the one who said it. */
class Pipe {
  readonly #timeline: Timeline;
  readonly #from: SimProcess;
  readonly #to: SimProcess;
  readonly #receive: (message: unknown) => void;
  #lastAt = 0;

  constructor(timeline: Timeline, from: SimProcess, to: SimProcess, receive: (message: unknown) => void) {
    this.#timeline = timeline;
    this.#from = from;
    this.#to = to;
    this.#receive = receive;
  }

  send(message: unknown): void {
    const { random, now } = this.#timeline;
    const copy = structuredClone(message);
    this.#lastAt = Math.max(this.#lastAt, now + (random.chance(0.1) ? random.whole(1, 50) : 0));
    this.#timeline.after(this.#lastAt - now, () => {
      if (this.#from.alive) this.#to.deliver(() => this.#receive(copy));
    });
  }
}

/** Every message from a node to a host goes through this: where a test breaks the product. */
export type Tamper = (message: ToHost) => ToHost;

/** Starts the session hosts of one node: each a process of its own, with a clock of its own. */
export function simulatedHosts(params: {
  timeline: Timeline;
  node: SimProcess;
  devices: Devices;
  tamper: Tamper;
}): { spawn: SpawnHost; living(): SimProcess[] } {
  const { timeline, node, devices, tamper } = params;
  const { random } = timeline;
  const all: SimProcess[] = [];
  const spawn: SpawnHost = (onMessage) => {
    const pid = 1000 + all.length;
    const process = new SimProcess(timeline, `${node.name}/host-${pid}`);
    all.push(process);
    const exited = Promise.withResolvers<string>();
    const toNode = new Pipe(timeline, process, node, onMessage);
    const channel: Channel<FromHost, ToHost> = new Channel(
      (envelope) => toNode.send(envelope),
      (message) => host.receive(tamper(message)),
    );
    const toHost = new Pipe(timeline, node, process, (envelope) => channel.receive(envelope));
    const driver = devices.driverFor(process);
    const host = new SessionHost({
      clock: process.clock,
      build: "simulated",
      pid,
      driver: () => driver,
      send: (message) => channel.send(message),
      openFiles: noFiles,
      rssMb: () => 1,
      onFault: (error) => timeline.wrong(`${process.name}: ${String(error)}`),
    });
    process.onDeath(() => timeline.after(1, () => node.deliver(() => exited.resolve("killed"))));
    node.onDeath(() => dieWith(process, host));
    return {
      pid,
      send: (message) => toHost.send(message),
      kill: () => process.kill(),
      exited: exited.promise,
    };
  };

  /** By the kernel at once; where that cannot do it, by the end of its input, once it is read. */
  function dieWith(process: SimProcess, host: SessionHost): void {
    if (random.chance(0.5)) return void timeline.after(random.whole(0, 20), () => process.kill());
    timeline.after(random.whole(0, 1_000), () =>
      process.deliver(() => {
        host.destroy();
        process.kill();
      }),
    );
  }

  return { spawn, living: () => all.filter((process) => process.alive) };
}
