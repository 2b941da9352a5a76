import { createHash } from "node:crypto";
import { settingOf } from "../../cli/config-tree.ts";
import type { CliState } from "../../cli/model.ts";

/**
 * A secret as the running configuration shows it. It looks like a device's salted hash and, like one,
 * cannot be turned back; it is computed in a way of our own, so it opens no real device.
 */
export function hashSecret(secret: string, salt: string): string {
  const digest = createHash("sha256").update(`${salt}$${secret}`).digest("base64");
  return `$1$${salt}$${digest.replaceAll("+", ".").slice(0, 22)}`;
}

/** Four characters that differ from device to device and from name to name. */
export function saltFor(name: string): string {
  return createHash("sha256").update(name).digest("base64").replace(/[+/]/g, ".").slice(0, 4);
}

function fits(secret: string, hash: string): boolean {
  const [, , salt = ""] = hash.split("$");
  return hashSecret(secret, salt) === hash;
}

/** Whether the running configuration has that user with that password or secret. */
export function acceptsLogin(state: CliState, username: string, password: string): boolean {
  const line = settingOf(state.running, `username ${username}`) ?? "";
  const [, type, value] = /(?:secret|password) (\d) (\S+)$/.exec(line) ?? [];
  if (value === undefined) return false;
  return type === "0" ? value === password : fits(password, value);
}

/** Whether that opens the privileged mode; nothing does while no secret is set. */
export function acceptsEnable(state: CliState, given: string): boolean {
  const value = enableSecret(state);
  if (value === null) return false;
  return value.startsWith("$1$") ? fits(given, value) : given === value;
}

/** What the configuration holds as the privileged mode's secret, hashed or plain; null: none is set. */
export function enableSecret(state: CliState): string | null {
  const secret = settingOf(state.running, "enable secret") ?? settingOf(state.running, "enable password");
  return secret?.split(" ").at(-1) ?? null;
}

/** The privilege level a user has at login. */
export function privilegeOf(state: CliState, username: string): number {
  const line = settingOf(state.running, `username ${username}`) ?? "";
  return Number(/privilege (\d+)/.exec(line)?.[1] ?? 1);
}
