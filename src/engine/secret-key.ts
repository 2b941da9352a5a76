import { createHash, randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StartupError } from "../core/errors.ts";

const FILE = "secret.key";
const HEX_KEY = /^[0-9a-f]{64}$/i;
const MIN_PASSPHRASE = 16;

/**
 * The sealing key: from the configuration (64 hex digits, or any text of 16 characters or more, hashed),
 * else from `secret.key` in the data folder, which is made at first start with mode 0600.
 */
export function loadSecretKey(params: { configured: string | null; dataDir: string }): Uint8Array {
  if (params.configured !== null) return fromText(params.configured);
  const path = join(params.dataDir, FILE);
  mkdirSync(params.dataDir, { recursive: true, mode: 0o700 });
  makeOnce(path);
  const text = readFileSync(path, "utf8").trim();
  if (!HEX_KEY.test(text))
    throw new StartupError(`${path} does not hold a key (64 hex digits); restore it from a backup`);
  return Buffer.from(text, "hex");
}

/** A link appears whole or not at all: of several processes that start together exactly one makes the key. */
function makeOnce(path: string): void {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `${randomBytes(32).toString("hex")}\n`, { mode: 0o600 });
  try {
    linkSync(draft, path);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}

function fromText(text: string): Uint8Array {
  if (HEX_KEY.test(text)) return Buffer.from(text, "hex");
  if (text.length < MIN_PASSPHRASE) {
    throw new StartupError(`NETPULSE_SECRET_KEY is too short: give 64 hex digits (openssl rand -hex 32)`);
  }
  return createHash("sha256").update(text).digest();
}
