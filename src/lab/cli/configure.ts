import type { Compiled } from "./compiled.ts";
import { findSetting, type LineOrder, putLine, removeLines } from "./config-tree.ts";
import type { Match } from "./grammar.ts";
import type { Answer, Call, CliState, Command, Session } from "./model.ts";

type Understood = Extract<Match<Command>, { kind: "ok" }>;
type Refused = Exclude<Match<Command>, { kind: "ok" }>;

export const NEGATIONS = { no: /^\s*no\s+/i, undo: /^\s*undo\s+/i } as const;

/** A line given in a configuration mode: what it means there, or why it means nothing. */
export type Reading = { match: Understood; mode: string; negated: boolean } | { refused: Refused };

/** Looks a line up in the mode, then in the one that takes what the mode does not know. */
export function readConfigLine(compiled: Compiled, mode: string, line: string): Reading {
  const no = NEGATIONS[compiled.definition.dialect.negation].exec(line);
  const look = (name: string): Match<Command> =>
    accepted(compiled.grammar(name).match(line, no?.[0].length ?? 0, no !== null), no !== null, line);
  const own = look(mode);
  if (own.kind === "ok") return { match: own, mode, negated: no !== null };
  const fallback = compiled.mode(mode).fallback;
  if (fallback === undefined) return { refused: own };
  const outer = look(fallback);
  if (outer.kind === "ok") return { match: outer, mode: fallback, negated: no !== null };
  return { refused: outer.at > own.at ? outer : own };
}

function accepted(match: Match<Command>, negated: boolean, line: string): Match<Command> {
  if (match.kind !== "ok") return match;
  if (!negated && match.entry.no === "only") return { kind: "incomplete", at: line.length };
  if (negated && match.entry.run) return { kind: "invalid", at: line.length - line.trimStart().length };
  return match;
}

/** Applies an understood line to the running configuration, or runs it if it is a command. */
export function applyConfigLine(
  compiled: Compiled,
  state: CliState,
  session: Session,
  reading: Exclude<Reading, { refused: Refused }>,
): Answer | Promise<Answer> {
  const { match, negated } = reading;
  const { entry } = match;
  if (reading.mode !== session.mode) session.enter(reading.mode, session.root);
  const call: Call = { session, state, args: match.args, line: match.words.join(" "), negated };
  if (entry.run) return entry.run(call);
  const problem = entry.check?.(call) ?? null;
  if (problem !== null) return problem;
  const order = compiled.mode(session.mode).order ?? compiled.definition.look.order;
  const { negation } = compiled.definition.dialect;
  const answer = negated ? remove(call, match, order, negation) : put(call, match, order, negation);
  if (answer === null && session.root === state.running)
    state.changed = { at: state.chassis.clock.now(), by: session.user };
  return answer;
}

function put(call: Call, match: Understood, order: LineOrder, negation: string): Answer {
  const { entry } = match;
  const { section } = call.session;
  const name = settingName(match);
  removeLines(section, `${negation} ${name}`);
  if (entry.implied) return null;
  const isNew = findSetting(section, name) === undefined;
  const line = putLine(section, entry.keep?.(call) ?? call.line, name, order);
  if (entry.opens === undefined) return null;
  if (isNew) line.children = (entry.born ?? []).map((text) => ({ text, children: [] }));
  call.session.enter(entry.opens, line);
  return null;
}

function remove(call: Call, match: Understood, order: LineOrder, negation: string): Answer {
  const { section } = call.session;
  const name = settingName(match);
  const removed = removeLines(section, name);
  const kept = `${negation} ${name}`;
  if (match.entry.no === "kept") putLine(section, kept, kept, order);
  return removed === 0 ? (match.entry.absent ?? null) : null;
}

/** The words that say which setting a line is about. */
function settingName(match: Understood): string {
  const { slot, opens } = match.entry;
  if (slot === "line" || opens !== undefined) return match.words.join(" ");
  return match.words.slice(0, slot ?? match.named).join(" ");
}
