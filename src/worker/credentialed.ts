import type { Clock, Timer } from "../core/clock.ts";
import type { CredentialRef } from "../core/credential.ts";
import { canonicalHost, type DeviceAddress } from "../core/device.ts";
import { type JobError, overdueError } from "../core/job.ts";
import type { CredentialResolver } from "../credentials/chain.ts";
import { DeviceError, type Driver } from "../device/driver.ts";
import { type ReadCredential, withCredentials } from "../engine/credential-args.ts";
import type { Executor, ExecutorOrder, RunEvents } from "../engine/executor.ts";
import { errorOf } from "./execute.ts";

export interface CredentialedDeps {
  executor: Executor;
  credentials: CredentialResolver;
  driver(name: string): Driver | null;
  clock: Clock;
  onError(error: unknown): void;
}

/** A run whose login is being read. */
interface Reading {
  order: ExecutorOrder;
  events: RunEvents;
  deadline: Timer;
  /** Ends the reading; its reason is what the run ends with, null when it is given back. */
  stop: AbortController;
}

/**
 * Where runs happen, with the logins that jobs refer to: read in the node when a run starts, put into its order, and kept
 * nowhere. Session hosts are told of nothing else.
 */
export function credentialed(deps: CredentialedDeps): Executor {
  const { executor, credentials, clock } = deps;
  const readings = new Map<string, Reading>();

  async function begin(reading: Reading): Promise<void> {
    const { order, events, deadline, stop } = reading;
    try {
      const { refs, ...found } = await read(order, stop.signal);
      readings.delete(order.run);
      // The lease may have been renewed meanwhile: the order as it is now.
      const whole = { ...reading.order, ...found, credentials: null, hopCredentials: null };
      executor.run(whole, watched(events, refs));
    } catch (error) {
      readings.delete(order.run);
      if (stop.signal.aborted) return ended(events, stop.signal.reason);
      if (!(error instanceof DeviceError)) deps.onError(error);
      events.ended(errorOf(error, order.secrets));
    } finally {
      deadline.cancel();
    }
  }

  async function read(order: ExecutorOrder, signal: AbortSignal) {
    const driver = deps.driver(order.driver);
    if (driver === null) throw new Error("the driver of a job is not there");
    const read = await Promise.all(
      wantedOf(order).map(async ({ hop, refs, devices }): Promise<ReadCredential> => {
        const found = await credentials.resolve(refs, { devices, signal });
        return { hop, ...found };
      }),
    );
    signal.throwIfAborted();
    return { ...withCredentials(driver, order, read), refs: read.map(({ ref }) => ref) };
  }

  /** A login that is refused, by a device or on the way there, may have been changed where it is kept: it is read anew next time. */
  function watched(events: RunEvents, refs: readonly CredentialRef[]): RunEvents {
    return {
      output: (log) => events.output(log),
      hostLost: (reason) => events.hostLost(reason),
      notStarted: () => events.notStarted(),
      ended(error, platform) {
        if (error?.type === "AuthenticationError") for (const ref of refs) credentials.refused(ref);
        events.ended(error, platform);
      },
    };
  }

  function stop(run: string, reason: JobError | null): boolean {
    const reading = readings.get(run);
    if (reading === undefined) return false;
    reading.stop.abort(reason === null ? GIVEN_BACK : reason);
    return true;
  }

  return {
    open: (worker) => executor.open(worker),
    isReady: (worker) => executor.isReady(worker),
    close(worker) {
      for (const { order } of readings.values()) if (order.worker === worker) stop(order.run, STOPPED);
      executor.close(worker);
    },
    run(order, events) {
      if (order.credentials === null && order.hopCredentials === null) return executor.run(order, events);
      const late = overdueError(order.timeoutMs, "reading its credential");
      const ms = Math.max(0, order.deadline - clock.monotonic());
      const deadline = clock.after(ms, () => stop(order.run, late));
      const reading: Reading = { order, events, deadline, stop: new AbortController() };
      readings.set(order.run, reading);
      void begin(reading);
    },
    abort(run, error) {
      if (!stop(run, error)) executor.abort(run, error);
    },
    recall(run) {
      if (!stop(run, null)) executor.recall(run);
    },
    renew(runs, mayWriteUntil) {
      for (const run of runs) {
        const reading = readings.get(run);
        if (reading !== undefined) reading.order = { ...reading.order, mayWriteUntil };
      }
      executor.renew(runs, mayWriteUntil);
    },
    credit: (run, bytes) => executor.credit(run, bytes),
    async probe(run) {
      if (!stop(run, STOPPED)) await executor.probe(run);
    },
    memory: () => executor.memory(),
    onWorkerState: (listener) => executor.onWorkerState(listener),
    start: () => executor.start(),
    async stop() {
      for (const run of [...readings.keys()]) stop(run, STOPPED);
      await executor.stop();
    },
  };
}

const GIVEN_BACK = Symbol("given back");

const STOPPED: JobError = {
  type: "WorkerStopped",
  message: "the worker was stopped before the job began",
  retryable: false,
};

function ended(events: RunEvents, reason: unknown): void {
  if (reason === GIVEN_BACK) events.notStarted();
  else events.ended(reason as JobError);
}

interface Wanted {
  hop: number | null;
  refs: readonly CredentialRef[];
  /** Whom it goes to, and whom on the way: behind another one the same address is another device. */
  devices: Pick<DeviceAddress, "host" | "site">[];
}

/** What is to be read: for the device, and for each jump host that refers to a credential of its own. */
function wantedOf({ credentials, hopCredentials, connectionArgs }: ExecutorOrder): Wanted[] {
  const { host, site, jump_hosts } = connectionArgs as unknown as Way;
  const hops = (jump_hosts ?? []).map((hop) => hop.host);
  const devices = [...hops, host].map((each) => ({ host: canonicalHost(each) ?? each, site: site ?? null }));
  const own = credentials === null ? [] : [{ hop: null, refs: credentials, devices }];
  const ofHops = (hopCredentials ?? []).flatMap((refs, hop): Wanted[] =>
    refs === null ? [] : [{ hop, refs, devices: devices.slice(0, hop + 1) }],
  );
  return [...ofHops, ...own];
}

interface Way {
  host: string;
  site?: string;
  jump_hosts?: { host: string }[];
}
