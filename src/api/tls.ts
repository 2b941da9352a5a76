import { readFileSync } from "node:fs";
import { StartupError } from "../core/errors.ts";

export interface TlsFiles {
  /** PEM file of the certificate, those between it and the authority behind it. */
  readonly cert: string | null;
  /** PEM file of its private key. */
  readonly key: string | null;
}

/** What `Bun.serve` wants of them; undefined: plain HTTP. Throws `StartupError`. */
export function readTls({ cert, key }: TlsFiles): { cert: string; key: string } | undefined {
  if (cert === null || key === null) return undefined;
  return {
    cert: pem(cert, "server.tls.cert", "CERTIFICATE"),
    key: pem(key, "server.tls.key", "PRIVATE KEY"),
  };
}

function pem(path: string, name: string, what: string): string {
  const text = read(path, name);
  if (/^-----BEGIN ENCRYPTED/m.test(text) || /^Proc-Type: 4,ENCRYPTED/m.test(text)) {
    throw new StartupError(
      `${name}: ${path} asks for a passphrase; give a key without one, readable by NetPulse alone`,
    );
  }
  if (new RegExp(`^-----BEGIN (?:[A-Z0-9]+ )*${what}-----`, "m").test(text)) return text;
  throw new StartupError(`${name}: ${path} holds no ${what.toLowerCase()} in PEM format`);
}

function read(path: string, name: string): string {
  try {
    return readFileSync(path, "utf8");
  } catch (error) {
    const code = error instanceof Error && "code" in error ? ` (${error.code})` : "";
    throw new StartupError(`${name}: ${path} cannot be read${code}`, { cause: error });
  }
}
