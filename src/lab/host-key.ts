import { link, mkdir, readFile, unlink, writeFile } from "node:fs/promises";
import { dirname } from "node:path";
import ssh2, { type ParsedKey } from "ssh2";
import { StartupError } from "../core/errors.ts";

/** A new ed25519 key, or the one kept in `file`, which is made if it is not there. */
export async function hostKey(file: string | undefined): Promise<ParsedKey> {
  const text = file === undefined ? generateHostKey() : await keptKey(file);
  const key = ssh2.utils.parseKey(text);
  if (key instanceof Error || Array.isArray(key)) {
    throw new StartupError(`${file} holds no private SSH key; remove it to have a new one made`);
  }
  if (!key.isPrivateKey()) throw new StartupError(`${file} holds a public key, not a private one`);
  return key;
}

/** ssh2 drops a leading zero of a key, about one key in 200, and cannot read what it wrote then. */
export function generateHostKey(): string {
  for (;;) {
    const key = ssh2.utils.generateKeyPairSync("ed25519").private;
    if (!(ssh2.utils.parseKey(key) instanceof Error)) return key;
  }
}

async function keptKey(file: string): Promise<string> {
  try {
    return (await readKey(file)) ?? (await makeKey(file));
  } catch (error) {
    if (error instanceof StartupError) throw error;
    throw new StartupError(`cannot keep the host key in ${file}: ${reason(error)}`, { cause: error });
  }
}

/** The key appears whole or not at all, and two labs started at once end up with the same one. */
async function makeKey(file: string): Promise<string> {
  await mkdir(dirname(file), { recursive: true });
  const draft = `${file}.${crypto.randomUUID()}`;
  const text = generateHostKey();
  await writeFile(draft, text, { mode: 0o600, flag: "wx" });
  try {
    await link(draft, file);
    return text;
  } catch (error) {
    if (!isCode(error, "EEXIST")) throw error;
    return (await readKey(file)) ?? text;
  } finally {
    await unlink(draft);
  }
}

async function readKey(file: string): Promise<string | null> {
  try {
    return await readFile(file, "utf8");
  } catch (error) {
    if (isCode(error, "ENOENT")) return null;
    throw error;
  }
}

function isCode(error: unknown, code: string): boolean {
  return error instanceof Error && "code" in error && error.code === code;
}

function reason(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
