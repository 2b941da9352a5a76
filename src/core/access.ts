import type { CommandRules } from "./command-rules.ts";
import type { DeviceRules } from "./device-rules.ts";

/** What a key may be used for. None implies another. */
export const SCOPES = ["read", "exec", "config", "admin"] as const;
export type Scope = (typeof SCOPES)[number];

export function isScope(text: string): text is Scope {
  return SCOPES.some((scope) => scope === text);
}

/** What a caller may do. */
export interface Access {
  scopes: readonly Scope[];
  devices: DeviceRules;
  commands: CommandRules;
}

/** What the key of the configuration may do. */
export const FULL_ACCESS: Access = {
  scopes: SCOPES,
  devices: { allow: null, deny: [] },
  commands: { allow: null, deny: [] },
};

/** What of a caller's access goes with a job to where its lines are sent. */
export interface LineRules extends CommandRules {
  /** Lines may be typed where a device is configured. */
  config: boolean;
}

/** null: whatever the job asks for. */
export function lineRulesOf({ scopes, commands }: Access): LineRules | null {
  const config = scopes.includes("config");
  return config && !isLimited(commands) ? null : { ...commands, config };
}

/** Whether a list narrows anything. */
export function isLimited({ allow, deny }: CommandRules | DeviceRules): boolean {
  return allow !== null || deny.length > 0;
}
