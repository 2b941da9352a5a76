import { isLimited, type LineRules } from "../core/access.ts";
import { lineJudge } from "../core/command-rules.ts";
import { maskCommand } from "../core/mask.ts";
import { ANY_LINE, DeviceError, type LinePermit, type Task } from "../device/driver.ts";

/** Characters of a line that an error shows. */
const MAX_NAMED = 80;

/** What is sent as lines, each of which can be asked about. */
const IN_LINES: readonly string[] = ["command", "config", "connect"];

export interface PermitTerms {
  rules: LineRules | null;
  kind: Task["kind"];
  /** Hidden in what is said of a line. */
  secrets: readonly string[];
}

/** What a job may have typed, by the rules that it was accepted under. Throws a `DeviceError` when that is nothing. */
export function linePermit({ rules, kind, secrets }: PermitTerms): LinePermit {
  if (rules === null) return ANY_LINE;
  const refusal = (text: string) => new DeviceError(kind === "config" ? "ConfigError" : "CommandError", text);
  if (!IN_LINES.includes(kind)) {
    throw refusal(`the API key that asked for the job is limited to lines, and ${kind} sends other things`);
  }
  const judge = lineJudge(rules);
  return {
    limited: isLimited(rules),
    assertMayType(line, { shell = false, configuring = false, hidden = false } = {}) {
      const reason =
        configuring && !rules.config
          ? "would be typed where the device is configured, for which its API key lacks the scope config"
          : judge(line, { shell });
      if (reason === null) return;
      const shown = hidden ? "an answer" : JSON.stringify(maskCommand(line, secrets).slice(0, MAX_NAMED));
      throw refusal(`${shown} was not sent: by the rules of the job's API key it ${reason}`);
    },
  };
}
