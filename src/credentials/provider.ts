import type { CredentialFields, CredentialPlace, CredentialRef } from "../core/credential.ts";
import type { DeviceAddress } from "../core/device.ts";

/** Who wants a credential, and for what. */
export interface CredentialWish {
  ref: CredentialRef;
  /** The device that it goes to, and what stands on the way there. */
  devices: readonly Pick<DeviceAddress, "host" | "site">[];
  signal: AbortSignal;
}

/** The seam: a place where credentials are kept. Asked by a node when a job runs. */
export interface CredentialProvider {
  readonly name: CredentialPlace;
  /** Rejects with `CredentialFault`. */
  read(wish: CredentialWish): Promise<CredentialFields>;
  /** A device has refused what was read: it may have changed since. */
  forget?(ref: CredentialRef): void;
  /** Ends what goes on by itself. Idempotent. */
  stop?(): void;
}

/**
 * Why a credential could not be had. `message` completes "REFERENCE …", and says nothing of what is kept there, nor of
 * what was given to get at it.
 */
export class CredentialFault extends Error {
  readonly kind: "not_found" | "denied" | "unusable" | "unavailable";
  constructor(kind: CredentialFault["kind"], message: string, options: { cause?: unknown } = {}) {
    super(message, options);
    this.name = "CredentialFault";
    this.kind = kind;
  }
}

/** Longest value, characters: a private key has some thousand. */
const MAX_VALUE = 65_536;

/** The fields of something that was read: text as it is, numbers as text, all else left out. */
export function fieldsOf(value: unknown): CredentialFields {
  if (typeof value !== "object" || value === null || Array.isArray(value))
    throw new CredentialFault("unusable", "holds no fields, but something else");
  const fields: Record<string, string> = Object.create(null);
  for (const [name, held] of Object.entries(value)) {
    if (typeof held !== "string" && typeof held !== "number") continue;
    const text = String(held);
    if (text.length > MAX_VALUE) throw new CredentialFault("unusable", "has a field that is too long");
    fields[name] = text;
  }
  return fields;
}
