import { randomBytes } from "node:crypto";
import { linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { StartupError } from "../core/errors.ts";

const FILE = "api-key";
const USABLE = /^[\x21-\x7e]{16,256}$/;

/**
 * The API key: the configured one, else the one in `api-key` of the data folder, which is made at the
 * first start with mode 0600. `created`: it was made just now, so nobody has seen it yet.
 */
export function ensureApiKey(params: { dataDir: string; configured: string | null }): {
  key: string;
  created: boolean;
} {
  if (params.configured !== null) return { key: params.configured, created: false };
  const path = join(params.dataDir, FILE);
  try {
    mkdirSync(params.dataDir, { recursive: true, mode: 0o700 });
    const created = makeOnce(path);
    return { key: usable(readFileSync(path, "utf8").trim(), path), created };
  } catch (error) {
    if (error instanceof StartupError) throw error;
    const code = error instanceof Error && "code" in error ? ` (${error.code})` : "";
    throw new StartupError(`the API key cannot be kept in ${path}${code}; make the folder writable`, {
      cause: error,
    });
  }
}

function usable(key: string, path: string): string {
  if (USABLE.test(key)) return key;
  throw new StartupError(
    `${path} does not hold a key of 16 to 256 printable characters; remove it to get a new one`,
  );
}

/** A link appears whole or not at all: of several processes that start together exactly one makes the key. */
function makeOnce(path: string): boolean {
  const draft = `${path}.${process.pid}`;
  writeFileSync(draft, `np_${randomBytes(32).toString("base64url")}\n`, { mode: 0o600 });
  try {
    linkSync(draft, path);
    return true;
  } catch (error) {
    if (error instanceof Error && "code" in error && error.code === "EEXIST") return false;
    throw error;
  } finally {
    rmSync(draft, { force: true });
  }
}
