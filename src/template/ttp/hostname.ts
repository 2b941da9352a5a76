import { compileRegex, withinBudget } from "../compile-regex.ts";
import type { Lines } from "./matching.ts";
import type { Meter } from "./scope.ts";

/** Prompts with the name as their group, from the most particular to the plainest. */
const PROMPTS = [
  // A:router# and *A:router>config# of Nokia.
  "\\n\\*?[A-Z]:([^\\s>#]+)[>#]",
  // RP/0/RP0/CPU0:router# of IOS XR.
  "\\n\\S+/\\S+:([^\\s>#]+)#",
  // user@router> of Junos.
  "\\n[^\\s@]+@([^\\s>#]+)[>#]",
  // <router> and [router] of Huawei and Comware.
  "\\n[<\\[]([^\\s<>\\[\\]]+)[>\\]]",
  // router# and router>, with or without a mode.
  "\\n([^\\s>#()]+)(?:\\([^\\s)]*\\))?[>#]",
  // router (global) # of Fortinet.
  "\\n([^\\s>#()]+) \\([^\\s)]+\\) [#$]",
];

/** What `gethostname` gives: the name in the first prompt of a text; null where there is none. */
export function hostnameOf(lines: Lines, meter: Meter): string | null {
  return withinBudget(null, null, () => find(lines, meter));
}

function find(lines: Lines, { budget }: Meter): string | null {
  for (const prompt of PROMPTS) {
    const regex = compileRegex(prompt, null);
    for (const place of lines.breaks) {
      const name = regex.matchAt(lines.subject, budget, place)?.groups[1];
      if (name !== undefined && name !== null) return name;
    }
  }
  return null;
}
