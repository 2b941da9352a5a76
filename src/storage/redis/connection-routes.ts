import type { Clock } from "../../core/clock.ts";
import { jittered } from "./connection-live.ts";
import type { Server } from "./connection-server.ts";
import type { Endpoint } from "./url.ts";

/** Which server holds a shard now. */
export interface Routes {
  /** The server to ask, when it can be asked at once. */
  now(shard: number, durable: boolean): Server | null;
  /** The same, waiting at most `ms` for it. Rejects with why there is none. */
  wait(shard: number, durable: boolean, ms: number): Promise<Server>;
  /** Takes note of an answer that says a call has not run; resolves when it may be worth another try. */
  refused(refusal: Refusal): Promise<void>;
  /** Every server once. */
  servers(): Server[];
  /** Where messages are listened to; asked before every attempt. */
  anyServer(): Promise<Endpoint>;
  close(): void;
}

export interface Refusal {
  shard: number;
  server: Server;
  error: unknown;
  /** How often this call was refused before. */
  times: number;
}

const PAUSE_MS = 100;

/** Gives a server that refused for now a moment. */
export function pause(clock: Clock): Promise<void> {
  return new Promise((resume) => clock.after(jittered(PAUSE_MS), resume));
}
