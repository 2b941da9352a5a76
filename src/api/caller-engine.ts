import { isLimited } from "../core/access.ts";
import type { Caller, Engine } from "../engine/engine.ts";
import type { AuditStore } from "../storage/audit.ts";
import { auditedEngine } from "./audited-engine.ts";
import { narrowedEngine } from "./narrowed-engine.ts";

export interface CallerEngineDeps {
  engine: Engine;
  audit: Pick<AuditStore, "appendAudit">;
}

/**
 * The engine as a caller has it: what it changes is written into the audit log before it is answered, and a key that is
 * limited to devices sees and cancels what concerns those alone.
 */
export function callerEngine({ engine, audit }: CallerEngineDeps, caller: Caller): Engine {
  const watched = auditedEngine(engine, caller, (entry) => audit.appendAudit({ entries: [entry] }));
  return isLimited(caller.access.devices) ? narrowedEngine(engine, watched, caller) : watched;
}

/** What routes need, and the engine of each caller. */
export type ForCaller<D extends { engine: Engine }> = D & { engineOf(request: Request): Engine };

/** The same with the engine as whoever made the request has it. */
export function forCaller<D extends { engine: Engine }>(deps: ForCaller<D>, request: Request): D {
  return { ...deps, engine: deps.engineOf(request) };
}

/** One for each caller: what is known of a key stays the same object until it is looked up anew. */
export function callerEngines(deps: CallerEngineDeps, callerOf: (request: Request) => Caller) {
  const engines = new WeakMap<Caller, Engine>();
  return (request: Request): Engine => {
    const caller = callerOf(request);
    const engine = engines.get(caller) ?? callerEngine(deps, caller);
    engines.set(caller, engine);
    return engine;
  };
}
