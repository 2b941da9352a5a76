import type { Dialect } from "../../cli/model.ts";

/** The grammar of Cisco IOS and of those that follow it. */
export const CISCO_LIKE: Pick<Dialect, "hostnameSetting" | "negation" | "comment" | "shows" | "borrows"> = {
  hostnameSetting: "hostname",
  negation: "no",
  comment: "!",
  shows: /^\s*(?:do\s+)?(?:sh|sho|show|more)\s/i,
  borrows: /^\s*do\s+(?=\S)/i,
};
