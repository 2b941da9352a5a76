import { redact } from "./redact.ts";

/**
 * Every field a log line may have, with its type. Anything else is dropped: an object logged whole is
 * how secrets get into logs.
 */
const FIELDS = {
  attempt: "number",
  bytes: "number",
  caller: "string",
  client: "string",
  code: "string",
  component: "string",
  count: "number",
  driver: "string",
  exitCode: "number",
  file: "string",
  from: "string",
  host: "string",
  id: "string",
  incarnation: "string",
  job: "string",
  kind: "string",
  method: "string",
  ms: "number",
  node: "string",
  path: "string",
  pid: "number",
  platform: "string",
  port: "number",
  queue: "string",
  reason: "string",
  role: "string",
  run: "number",
  signal: "string",
  site: "string",
  status: "string",
  statusCode: "number",
  to: "string",
  url: "string",
  version: "string",
  worker: "string",
} as const;

type FieldName = keyof typeof FIELDS;
type TypeOf<N extends FieldName> = (typeof FIELDS)[N] extends "number" ? number : string;

/** What may stand beside a message: flat, from a closed list. */
export type LogFields = { readonly [N in FieldName]?: TypeOf<N> | null | undefined } & {
  /** What was caught; its type, message, stack and causes are written, masked, nothing else of it. */
  readonly error?: unknown;
};

export interface WrittenError {
  type: string;
  message: string;
  stack?: string;
  cause?: WrittenError;
}

export type WrittenFields = Record<string, string | number | WrittenError>;

const MAX_VALUE = 2000;
const MAX_STACK = 8000;
const MAX_CAUSES = 5;

/** The fields that pass, masked. How many did not is told by `dropped`. */
export function cleanFields(fields: LogFields, known: readonly string[]): WrittenFields {
  const written: WrittenFields = {};
  let dropped = 0;
  for (const [name, value] of Object.entries(fields)) {
    if (value === undefined || value === null) continue;
    const clean = name === "error" ? cleanError(value, known) : cleanField(name, value, known);
    if (clean === undefined) dropped++;
    else written[name] = clean;
  }
  if (dropped > 0) written.dropped = dropped;
  return written;
}

function cleanField(name: string, value: unknown, known: readonly string[]): string | number | undefined {
  if (!Object.hasOwn(FIELDS, name)) return undefined;
  const type = FIELDS[name as FieldName];
  if (type === "number") return typeof value === "number" ? value : undefined;
  return typeof value === "string" ? cleanText(value, known, MAX_VALUE) : undefined;
}

/** Longer than any secret: one that is cut in two by the limit is still seen whole and masked. */
const MARGIN = 1024;

/** Masked and cut; what is looked at is bounded too, as somebody else may have chosen the text. */
export function cleanText(text: string, known: readonly string[], max = MAX_VALUE): string {
  if (text.length <= max) return redact(text, known);
  return `${redact(text.slice(0, max + MARGIN), known).slice(0, max)}…`;
}

function cleanError(error: unknown, known: readonly string[], depth = 0): WrittenError {
  if (!(error instanceof Error)) {
    const message = typeof error === "string" ? cleanText(error, known) : "";
    return { type: typeof error, message };
  }
  const written: WrittenError = {
    type: cleanText(error.name, known),
    message: cleanText(error.message, known),
  };
  if (typeof error.stack === "string") written.stack = cleanText(error.stack, known, MAX_STACK);
  if (error.cause !== undefined && depth < MAX_CAUSES)
    written.cause = cleanError(error.cause, known, depth + 1);
  return written;
}
