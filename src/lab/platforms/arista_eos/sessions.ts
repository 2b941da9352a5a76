import { type ConfigLook, configLines } from "../../cli/config-tree.ts";
import { type Answer, type Call, type Command, silently } from "../../cli/model.ts";
import { commit } from "../shared/candidate.ts";
import { hunks } from "./hunks.ts";

/** EOS keeps so many, of all users. */
const MAX_PENDING = 5;
/** Of a session's name, what the prompt shows. */
const SHOWN = 6;

const OUTSIDE = "% Invalid input";

/** `config-if-Et1` in the session `upgrade` shows as `config-s-upgrad-if-Et1`. */
export function inSession(shown: string, name: string): string {
  return shown.replace(/^config/, `config-s-${name.slice(0, SHOWN)}`);
}

/** `exit` and `end`: a session that is left so stays pending. */
export function leaving(parent: string): readonly Command[] {
  const leave = (mode: string) =>
    silently(({ session }) => {
      if (mode === "privileged") session.dropCandidate();
      session.enter(mode);
    });
  return [
    { syntax: "exit", run: leave(parent) },
    { syntax: "end", run: leave("privileged") },
  ];
}

/** In configuration mode. */
export const sessionCommands: readonly Command[] = [
  { syntax: "abort", run: (call) => over(call, () => {}) },
  { syntax: "commit", run: (call) => over(call, () => commit(call, null)) },
];

function over({ session, state }: Call, act: () => void): Answer {
  const { candidateName: name } = session;
  if (name === null) return OUTSIDE;
  act();
  state.pending.delete(name);
  session.dropCandidate();
  session.enter("privileged");
  return null;
}

/** In privileged mode, and those that configuration mode borrows from there. */
export function sessionShows(look: ConfigLook): readonly Command[] {
  return [
    { syntax: "configure session [<name:word>]", run: open },
    { syntax: "show configuration sessions", run: listed },
    { syntax: "show session-config diffs", run: (call) => diffs(call, look) },
  ];
}

function open({ session, state: { pending }, args }: Call): Answer {
  const name = args.name ?? unused(pending);
  if (!pending.has(name) && pending.size >= MAX_PENDING)
    return "% Maximum number of pending sessions has been reached. Please commit or abort previous sessions before creating a new one.";
  session.openCandidate(name);
  session.enter("config");
  return null;
}

function unused(pending: ReadonlyMap<string, unknown>): string {
  let number = 1;
  while (pending.has(`sess-${number}`)) number += 1;
  return `sess-${number}`;
}

function listed({ state: { pending } }: Call): Answer {
  const width = Math.max(4, ...[...pending.keys()].map(({ length }) => length));
  return [
    "Maximum number of completed sessions: 1",
    `Maximum number of pending sessions: ${MAX_PENDING}`,
    "",
    `  ${"Name".padEnd(width)}     State         User    Terminal`,
    `  ${"-".repeat(width)} ------------- ---------- --------`,
    ...[...pending.keys()].map((name) => `  ${name.padEnd(width)}    pending`),
  ].join("\n");
}

function diffs({ session, state }: Call, look: ConfigLook): Answer {
  const { candidateName: name } = session;
  if (name === null) return OUTSIDE;
  const changed = hunks(configLines(state.running, look), configLines(session.root, look));
  if (changed.length === 0) return null;
  return ["--- system:/running-config", `+++ session:/${name}-session-config`, ...changed].join("\n");
}
