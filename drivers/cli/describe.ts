import type { Platform } from "./platform.ts";
import { platforms } from "./platforms/index.ts";

/** What people want to know of a platform, for lists. */
export interface PlatformRow {
  device_type: string;
  aliases: readonly string[];
  /** Names that mean it over Telnet. */
  telnet: readonly string[];
  title: string;
  /** Whether `secret` leads into a privileged mode. */
  enable: boolean;
  /** When lines of configuration take effect; `none`: there is no such mode. */
  config: "none" | "at once" | "at commit";
  /** Bounds of `commit_confirm`, in seconds; `null` where it does not apply. */
  commit_confirm: { min: number; max: number } | null;
  /** What `save` types; `null` where there is nothing to do. */
  save: string | null;
  /** The platform's name in ntc-templates. */
  ntc_templates: string | null;
}

export function describePlatforms(): PlatformRow[] {
  return platforms.map(describe);
}

function describe(platform: Platform): PlatformRow {
  const { deviceType, aliases, telnet, title, commandModes, configMode, candidate, save, ntcName } = platform;
  const trial = candidate?.trial ?? null;
  return {
    device_type: deviceType,
    aliases,
    telnet,
    title,
    enable: commandModes.length > 1,
    config: configMode === null ? "none" : candidate === null ? "at once" : "at commit",
    commit_confirm: trial === null ? null : { min: trial.min, max: trial.max },
    save: save?.send ?? null,
    ntc_templates: ntcName,
  };
}
