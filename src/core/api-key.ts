import { createHash } from "node:crypto";
import { type RandomBytes, systemRandom } from "./ids.ts";

const ID_BYTES = 9;
const SECRET_BYTES = 32;
/** `npk_`, the part that it is looked up by, and the part that is secret. */
const FORM = /^npk_([A-Za-z0-9_-]{12})_[A-Za-z0-9_-]{43}$/;

/** The name that the key of the configuration goes by. */
export const DEFAULT_KEY_NAME = "default";
const NAME = /^[a-z0-9][a-z0-9._-]{0,62}$/i;

/** Whether a stored key may be called so. */
export function isKeyName(text: string): boolean {
  return NAME.test(text) && text.toLowerCase() !== DEFAULT_KEY_NAME;
}

/** A key as it is shown once, and what is kept of it. */
export function newApiKey(random: RandomBytes = systemRandom): { key: string; id: string; hash: string } {
  const part = (bytes: number) => {
    const drawn = new Uint8Array(bytes);
    random(drawn);
    return Buffer.from(drawn).toString("base64url");
  };
  const id = part(ID_BYTES);
  const key = `npk_${id}_${part(SECRET_BYTES)}`;
  return { key, id, hash: createHash("sha256").update(key).digest("hex") };
}

/** By what a key is looked up; null: it is none that is stored. */
export function idOfKey(key: string): string | null {
  return FORM.exec(key)?.[1] ?? null;
}
