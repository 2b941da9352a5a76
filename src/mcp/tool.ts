import type { Static, TObject } from "@sinclair/typebox";
import type { Netpulse } from "../client/index.ts";
import type { Scope } from "../core/access.ts";
import type { Clock } from "../core/clock.ts";
import type { Answer } from "./answers.ts";
import type { Consent, Proposal } from "./approvals.ts";

/** What a call of a tool has to work with. */
export interface Call {
  /** The API, with the scopes that the tool acts with and no others. */
  client: Netpulse;
  /** Those of the key. */
  scopes: readonly Scope[];
  clock: Clock;
  /** Aborts when the client gives up the call. */
  signal: AbortSignal;
  /** Tells a client that wants to know that it goes on. */
  progress(message: string): Promise<void>;
  /** Whether what is proposed may be done. */
  consent(proposal: Proposal): Promise<Consent>;
  /** Login arguments that the process itself has for a device. */
  loginFor(connectionArgs: Readonly<Record<string, unknown>>): Record<string, unknown>;
}

/** For those who decide whether a call needs a question first; promises of ours, which clients need not believe. */
export interface Hints {
  readOnlyHint: boolean;
  destructiveHint: boolean;
  idempotentHint: boolean;
  openWorldHint: boolean;
}

export const READS: Hints = {
  readOnlyHint: true,
  destructiveHint: false,
  idempotentHint: true,
  openWorldHint: false,
};

export interface ToolTerms<S extends TObject> {
  name: string;
  title: string;
  description: string;
  /** A key needs one of them for the tool to be there at all; empty: any key. */
  needs: readonly Scope[];
  /** Its requests are made with no others. */
  actsWith: readonly Scope[];
  hints: Hints;
  input: S;
  run(args: Static<S>, call: Call): Promise<Answer>;
}

/** A tool whose arguments were checked before it runs. */
export type Tool = Omit<ToolTerms<TObject>, "run"> & { run(args: unknown, call: Call): Promise<Answer> };

export function defineTool<S extends TObject>(terms: ToolTerms<S>): Tool {
  return { ...terms, run: (args, call) => terms.run(args as Static<S>, call) };
}
