import type { Clock } from "../../../core/clock.ts";
import type { Engine, HealthReport } from "../../../engine/engine.ts";
import type { Logger } from "../../../observe/log.ts";

/** What the engine reported, or that it did not in time. */
export interface ProbeResult {
  ok: boolean;
  /** One line for each thing that is down. */
  down: string[];
  report: HealthReport | null;
}

export type Probe = () => Promise<ProbeResult>;

/** How long an answer is used again, ms. */
const FRESH_MS = 1000;
/** The same while a server starts, which serves before its node works: whoever waits for it is told at once. */
const FRESH_AT_START_MS = 20;
/** How long a start may take, ms: one that lasts is no start, and anybody may ask `/readyz`. */
const START_MS = 10_000;
/** Longer than the engine gives its own checks, ms. */
const LIMIT_MS = 5000;

/** Asks the engine at most once a second, whoever asks how often; logs when the state changes. */
export function healthProbe(deps: { engine: Pick<Engine, "health">; clock: Clock; log: Logger }): Probe {
  const { engine, clock, log } = deps;
  let current: Promise<ProbeResult> | null = null;
  let validUntil = 0;
  let wasOk = true;
  const startedBy = clock.monotonic() + START_MS;
  let isStarting = true;

  async function check(): Promise<ProbeResult> {
    const result = await inTime(clock, engine.health(), log);
    isStarting &&= !result.ok && clock.monotonic() < startedBy;
    validUntil = clock.monotonic() + (isStarting ? FRESH_AT_START_MS : FRESH_MS);
    if (result.ok !== wasOk) {
      if (result.ok) log.info("healthy again");
      else log.warn("not healthy", { reason: result.down.join("; ") });
      wasOk = result.ok;
    }
    return result;
  }

  return () => {
    if (current === null || clock.monotonic() >= validUntil) {
      validUntil = Number.POSITIVE_INFINITY; // one check at a time; `check` says how long it counts
      current = check();
    }
    return current;
  };
}

async function inTime(clock: Clock, report: Promise<HealthReport>, log: Logger): Promise<ProbeResult> {
  const late = Promise.withResolvers<ProbeResult>();
  const timer = clock.after(LIMIT_MS, () =>
    late.resolve(down(`health: no answer within ${LIMIT_MS / 1000} s`)),
  );
  const asked = report.then(
    (given): ProbeResult => ({ ok: given.ok, down: given.down, report: given }),
    (error): ProbeResult => {
      log.error("the health check failed", { error });
      return down("health: the check itself failed; see the log");
    },
  );
  const result = await Promise.race([asked, late.promise]);
  timer.cancel();
  return result;
}

function down(line: string): ProbeResult {
  return { ok: false, down: [line], report: null };
}
