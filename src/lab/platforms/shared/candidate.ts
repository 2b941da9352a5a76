import { copyConfig } from "../../cli/config-tree.ts";
import type { Call, CliState } from "../../cli/model.ts";

/** Puts the candidate into force; for `seconds` on trial, where they are given. */
export function commit({ session, state }: Call, seconds: number | null): void {
  const before = copyConfig(state.trial?.before ?? state.running);
  session.commitCandidate();
  state.changed = { at: state.chassis.clock.now(), by: session.user };
  state.trial = seconds === null ? null : { before, until: state.chassis.clock.monotonic() + seconds * 1000 };
}

/** Who else has locked the configuration; null: nobody. */
export function lockedBy({ session, state }: Pick<Call, "session" | "state">): CliState["lock"] {
  const { lock, chassis } = state;
  if (lock === null || lock.session === session.session) return null;
  return chassis.lines().some((line) => line.session === lock.session) ? lock : null;
}
