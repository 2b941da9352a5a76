import { readdir, readFile, stat } from "node:fs/promises";
import { join } from "node:path";
import type { CredentialFields } from "../core/credential.ts";
import { CredentialFault, type CredentialProvider, fieldsOf } from "./provider.ts";

/** Largest file, bytes. */
const MAX_SIZE = 256 * 1024;
const MAX_FIELDS = 64;

/**
 * Credentials in files, as containers get them: `core` is a folder with a file for each field (`core/username`), as
 * Kubernetes mounts a secret, or the object of a file `core.json`.
 */
export function fileCredentials(dir: string): CredentialProvider {
  return {
    name: "file",
    async read({ ref: { ref } }) {
      const fields = (await fromFolder(join(dir, ref))) ?? (await fromJson(join(dir, `${ref}.json`)));
      if (fields === null)
        throw new CredentialFault("not_found", "is neither a folder nor a .json file in credentials.dir");
      return fields;
    },
  };
}

async function fromFolder(path: string): Promise<CredentialFields | null> {
  const names = await orNull(readdir(path));
  if (names === null) return null;
  const fields: Record<string, string> = {};
  // Kubernetes keeps its generations in folders that begin with dots.
  for (const name of names.filter((each) => !each.startsWith(".")).slice(0, MAX_FIELDS)) {
    const text = await readText(join(path, name));
    if (text !== null) fields[name] = text.replace(/\r?\n$/, "");
  }
  return fieldsOf(fields);
}

async function fromJson(path: string): Promise<CredentialFields | null> {
  const text = await readText(path);
  if (text === null) return null;
  try {
    return fieldsOf(JSON.parse(text));
  } catch (error) {
    // The parser's own words quote the file.
    if (error instanceof SyntaxError) throw new CredentialFault("unusable", "is no JSON");
    throw error;
  }
}

/** Null where there is no such file. */
async function readText(path: string): Promise<string | null> {
  const found = await orNull(stat(path));
  if (found === null || !found.isFile()) return null;
  if (found.size > MAX_SIZE) throw new CredentialFault("unusable", "is too large");
  return await orNull(readFile(path, "utf8"));
}

async function orNull<T>(reading: Promise<T>): Promise<T | null> {
  try {
    return await reading;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === "ENOENT" || code === "ENOTDIR") return null;
    throw new CredentialFault("unavailable", `could not be read (${code ?? "unknown error"})`, {
      cause: error,
    });
  }
}
