import { createHash, randomBytes } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  linkSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { StartupError } from "../core/errors.ts";

const FILE = "secret.key";
const HEX_KEY = /^[0-9a-f]{64}$/i;
const MIN_PASSPHRASE = 16;

/** Where a process has its keys from. */
export interface SecretKeys {
  /** Never empty. The store says which one seals; in an empty store it is the first. */
  keys: Uint8Array[];
  /** They are in a file that may change; null: they are configured. */
  file: string | null;
}

export interface KeySources {
  configured: string | null;
  /** Configured, too, while the store goes over from one key to another. */
  previous: string | null;
  dataDir: string;
}

/**
 * The sealing keys: from the configuration (64 hex digits, or any text of 16 characters or more, hashed), else from
 * `secret.key` in the data folder, which is made at first start with mode 0600 and has one key in each line.
 */
export function loadSecretKeys({ configured, previous, dataDir }: KeySources): SecretKeys {
  if (configured !== null) {
    const texts = previous === null ? [configured] : [configured, previous];
    return { keys: texts.map(fromText), file: null };
  }
  const file = join(dataDir, FILE);
  mkdirSync(dataDir, { recursive: true, mode: 0o700 });
  makeOnce(file);
  return { keys: readKeyFile(file), file };
}

export function readKeyFile(path: string): Uint8Array[] {
  const lines = readFileSync(path, "utf8").trim().split(/\s+/);
  if (!lines.every((line) => HEX_KEY.test(line)))
    throw new StartupError(`${path} does not hold a key (64 hex digits); restore it from a backup`);
  return lines.map((line) => Buffer.from(line, "hex"));
}

/** Takes the place of the file that was there, whole or not at all. */
export function writeKeyFile(path: string, keys: readonly Uint8Array[]): void {
  const draft = draftOf(path);
  const lines = keys.map((key) => Buffer.from(key).toString("hex"));
  writeFileSync(draft, `${lines.join("\n")}\n`, { mode: 0o600 });
  synced(draft);
  renameSync(draft, path);
  synced(dirname(path));
}

/** On the disk: what is sealed with a key that a power failure takes is lost. */
function synced(path: string): void {
  const file = openSync(path, "r");
  try {
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
}

/** A link appears whole or not at all: of several processes that start together exactly one makes the key. */
function makeOnce(path: string): void {
  const draft = draftOf(path);
  writeFileSync(draft, `${randomBytes(32).toString("hex")}\n`, { mode: 0o600 });
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function draftOf(path: string): string {
  return `${path}.${process.pid}`;
}

function fromText(text: string): Uint8Array {
  if (HEX_KEY.test(text)) return Buffer.from(text, "hex");
  if (text.length < MIN_PASSPHRASE) {
    throw new StartupError(`NETPULSE_SECRET_KEY is too short: give 64 hex digits (openssl rand -hex 32)`);
  }
  return createHash("sha256").update(text).digest();
}
