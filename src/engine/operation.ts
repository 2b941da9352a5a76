import type { LineRules } from "../core/access.ts";
import type { CredentialRef, HopCredentials } from "../core/credential.ts";
import { describeTransfer } from "../core/file-transfer.ts";
import type { Task } from "../device/driver.ts";
import type { Parsing, Rendering } from "../template/templates.ts";

/** What is sealed: everything a worker needs to run a job, secrets included. */
export interface SealedOperation {
  driver: string;
  connectionArgs: Record<string, unknown>;
  driverArgs: Record<string, unknown>;
  /** Where its login is kept, in the order in which to look; null: it is among the arguments. */
  credentials: readonly CredentialRef[] | null;
  hopCredentials: HopCredentials | null;
  operation: Task;
  /** What its caller may have typed, as it was when the job was accepted; null: whatever it asks for. */
  lineRules: LineRules | null;
  /** Its commands or lines are templates. */
  rendering?: Rendering;
  parsing?: CommandParsing;
  /** Secrets that its output shows are hidden. */
  maskOutput: boolean;
  /** Values to hide wherever text of this job is shown. */
  secrets: string[];
}

/** For all commands alike, or for each by its place; null: it is not parsed. */
export type CommandParsing = Parsing | readonly (Parsing | null)[];

export function parsingAt(parsing: CommandParsing, place: number): Parsing | null {
  return "name" in parsing ? parsing : (parsing[place] ?? null);
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Without what `decodeOperation` takes for granted: every job that waits has one of these in the store. */
export function encodeOperation(whole: SealedOperation): Uint8Array {
  const { credentials, hopCredentials, lineRules, maskOutput, ...rest } = whole;
  return encoder.encode(
    JSON.stringify({
      ...rest,
      ...(credentials !== null && { credentials }),
      ...(hopCredentials !== null && { hopCredentials }),
      ...(lineRules !== null && { lineRules }),
      ...(maskOutput !== masksByDefault(rest.operation) && { maskOutput }),
    }),
  );
}

export function decodeOperation(bytes: Uint8Array): SealedOperation {
  const operation = JSON.parse(decoder.decode(bytes));
  const maskOutput = masksByDefault(operation.operation);
  return { lineRules: null, credentials: null, hopCredentials: null, maskOutput, ...operation };
}

/** What a device prints while it is configured often repeats the line, secrets included. */
export function masksByDefault({ kind }: Task): boolean {
  return kind === "config";
}

/** A block of text line by line; blank lines mean nothing to a device. */
export function linesIn(block: string): string[] {
  return block.split(/\r\n|\n|\r/).filter((line) => line.trim() !== "");
}

/** What goes to the device, one entry for each entry of `outputs`. */
export function linesOf(operation: Task): string[] {
  switch (operation.kind) {
    case "command":
      return operation.commands;
    case "config":
      return operation.lines;
    case "file_transfer":
      return operation.transfers.map(describeTransfer);
    case "connect":
      return [];
  }
}
