import type { Environment } from "../config/environment.ts";
import { canonicalHost } from "../core/device.ts";
import { deviceJudge } from "../core/device-rules.ts";

/** What says how to log in, or whom the login would go to. */
const OWN_WAYS = [
  ...["username", "password", "pkey", "allow_agent", "login_answers", "secret"],
  ...["jump_hosts", "proxy"],
];

/**
 * The login of the environment for the devices that it is meant for. A model says which device a call is for, and may have
 * been talked into one that collects passwords: without patterns it is for none, and never for a way that a call describes.
 */
export function environmentLogin(env: Environment, patterns: readonly string[]) {
  const judge = deviceJudge({ allow: patterns, deny: [] });
  const login = Object.fromEntries(
    [
      ["username", env.NETPULSE_DEVICE_USERNAME],
      ["password", env.NETPULSE_DEVICE_PASSWORD],
      ["secret", env.NETPULSE_DEVICE_SECRET],
    ].filter(([, value]) => value),
  );
  return (args: Readonly<Record<string, unknown>>): Record<string, unknown> => {
    if (OWN_WAYS.some((name) => name in args)) return {};
    const { host: given, site = null, device_type } = args;
    const host = typeof given === "string" ? canonicalHost(given) : null;
    if (host === null || (site !== null && typeof site !== "string")) return {};
    if (judge({ host, site }) !== null) return {};
    const { secret: _, ...plain } = login;
    return device_type === undefined ? plain : login; // only platforms have a privileged mode
  };
}
