import type { Draft } from "./console.ts";

const PLACE = "netpulse.console";

/** For the next visit in this tab. Nothing secret is among it. */
export function keepDraft({ driver, many, connection }: Draft, secrets: ReadonlySet<string>): void {
  const open = Object.entries(connection).filter(([name]) => !secrets.has(name));
  sessionStorage.setItem(PLACE, JSON.stringify({ driver, many, connection: Object.fromEntries(open) }));
}

export function keptDraft(): Partial<Draft> {
  try {
    return JSON.parse(sessionStorage.getItem(PLACE) ?? "{}") as Partial<Draft>;
  } catch {
    return {};
  }
}
