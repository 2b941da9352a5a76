import { StorageError } from "../../core/errors.ts";

/** A command that was not written to any connection. */
export class NotSentError extends Error {
  constructor() {
    super("not sent: the connection is down");
    this.name = "NotSentError";
  }
}

/** A server that answers, but cannot be used as it is. */
export class UnfitError extends Error {
  /** Whether it stays so until somebody changes something. */
  readonly lasting: boolean;
  constructor(message: string, { lasting }: { lasting: boolean }) {
    super(message);
    this.name = "UnfitError";
    this.lasting = lasting;
  }
}

/** What the server's error codes mean to an operator, and the way out. */
const MEANING: Readonly<Record<string, string>> = {
  READONLY: "it is a read-only replica; storage.url must lead to the master",
  LOADING: "it is still loading its data",
  CLUSTERDOWN: "the cluster does not serve all of its slots",
  MASTERDOWN: "it is a replica that has lost its master",
  MOVED: "it sends us on again and again; a server of a cluster needs redis+cluster:// in storage.url",
  ASK: "this part of the data is being moved to another server of the cluster",
  TRYAGAIN: "this part of the data is being moved to another server of the cluster",
  OOM: "its memory is used up; raise its maxmemory, or let jobs be forgotten sooner (job.result_ttl)",
  MISCONF: "it cannot write to its disk and takes no changes; its log says why",
  NOREPLICAS: "too few replicas follow it (its min-replicas-to-write)",
  BUSY: "somebody's script keeps it busy",
  NOAUTH: "it asks for a password; give one in storage.url",
  WRONGPASS: "it does not take the user or password of storage.url",
  NOPROTO: "it speaks no protocol that we know",
};

/** A script answered so has changed nothing: the server refuses before the first write. */
const NOT_RUN = new Set(["LOADING", "MOVED", "ASK", "TRYAGAIN", "CLUSTERDOWN", "MASTERDOWN", "READONLY"]);
/** Refusals that no waiting cures. */
const LASTING = new Set(["NOAUTH", "WRONGPASS", "NOPERM"]);

const UNTRUSTED =
  /^(SELF_SIGNED_CERT_IN_CHAIN|DEPTH_ZERO_SELF_SIGNED_CERT|UNABLE_TO_|CERT_|ERR_TLS_CERT_ALTNAME_INVALID|INVALID_CA)/;
const LONGEST_QUOTE = 200;

/** The code that a server's error begins with, `NOSCRIPT`; empty when it is no answer of a server. */
export function replyCode(error: unknown): string {
  if (!isReply(error)) return "";
  return /^[A-Z]+/.exec(error.message)?.[0] ?? "ERR";
}

/** Whether it is certain that what failed so was not done, and may be done again. */
export function hasNotRun(error: unknown): boolean {
  return error instanceof NotSentError || NOT_RUN.has(replyCode(error));
}

/** Whether a failure to connect will stay until somebody changes something. */
export function isLasting(error: unknown): boolean {
  if (error instanceof UnfitError) return error.lasting;
  return LASTING.has(replyCode(error)) || UNTRUSTED.test(codeOf(error));
}

/**
 * The one place that turns failures on the way to Redis into ours. `place` names the server. Says nothing of what
 * was sent: neither arguments nor passwords; the client's own error holds both, so it is no cause of ours. A fault
 * of our own passes as it is.
 */
export function translated(error: unknown, place: string): unknown {
  if (error instanceof StorageError) return error;
  if (isReply(error)) return ofReply(error, place);
  if (error instanceof UnfitError) return new StorageError("unavailable", `${place}: ${error.message}`);
  const why = ofConnection(error);
  return why === null ? error : new StorageError("unavailable", `${place}: ${why}`);
}

export function closedError(place: string): StorageError {
  return new StorageError("unavailable", `${place}: the storage is closed`);
}

function ofReply(error: Error, place: string): StorageError {
  const code = replyCode(error);
  if (code === "NOPERM" || /The user executing the script can't/.test(error.message)) {
    const what = `the user of storage.url may not do what is needed (${quoted(error)}); docs/storage.md has its rules`;
    return new StorageError("unavailable", `${place}: ${what}`);
  }
  const meaning = Object.hasOwn(MEANING, code) ? MEANING[code] : undefined;
  if (meaning !== undefined) return new StorageError("unavailable", `${place}: ${meaning} (${code})`);
  const kind = code === "WRONGTYPE" || /\buser_script\b/.test(error.message) ? "corrupt" : "unavailable";
  return new StorageError(kind, `${place}: ${quoted(error)}`);
}

/** What is wrong with the connection, in words; null when the error is not about a connection. */
function ofConnection(error: unknown): string | null {
  if (!(error instanceof Error)) return null;
  const code = codeOf(error);
  if (UNTRUSTED.test(code)) {
    return `its certificate is not trusted (${code}); storage.redis.tls_ca names the file of the authority that signed it, and storage.url the host it was made for`;
  }
  if (code === "ERR_SSL_WRONG_VERSION_NUMBER") return "it does not speak TLS there";
  if (code !== "") return `it cannot be reached (${code})`;
  if (error.message === "Command timed out" || error.message.startsWith("Socket timeout")) {
    return "no answer in time (storage.redis.command_timeout); what was asked may have been done";
  }
  if (error instanceof NotSentError) return "it cannot be reached";
  if (error.message === "Connection is closed.") {
    return "the connection was lost before the answer came; what was asked may have been done";
  }
  return null;
}

function isReply(error: unknown): error is Error {
  return error instanceof Error && error.name === "ReplyError";
}

/** Of the system or of TLS; empty when it has none. Node's errors about wrong use of itself are faults of ours. */
function codeOf(error: unknown): string {
  if (!(error instanceof Error) || !("code" in error) || typeof error.code !== "string") return "";
  return error.code.startsWith("ERR_INVALID") ? "" : error.code;
}

/** Redis' own words, without the part that only names the script. */
function quoted(error: Error): string {
  return error.message.replace(/ script: [0-9a-f]{40}, on /, ", ").slice(0, LONGEST_QUOTE);
}
