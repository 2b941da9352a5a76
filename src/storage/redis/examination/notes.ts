import type { Finding } from "../../examiner.ts";
import type { Reply } from "../link.ts";
import { list, text } from "../replies.ts";
import { isRule, RULES, type RuleName } from "./rules.ts";

/** What has been found so far, at most `limit` of each rule, and how many things were looked at. */
export class Notes {
  readonly looked: Record<string, number> = {
    jobs: 0,
    workers: 0,
    nodes: 0,
    host_keys: 0,
    operations: 0,
    keys: 0,
  };
  readonly #limit: number;
  /** By rule, then by what tells them apart: two sides of a fault, or two steps, may name the same. */
  readonly #found = new Map<RuleName, Map<string, Finding>>();

  constructor(limit: number) {
    this.#limit = limit;
  }

  count(what: string, n = 1): void {
    this.looked[what] = (this.looked[what] ?? 0) + n;
  }

  add(rule: RuleName, subject: string, detail: string): void {
    const found = this.#found.get(rule) ?? new Map<string, Finding>();
    this.#found.set(rule, found);
    if (found.size >= this.#limit) return;
    const finding = { rule: RULES[rule], subject: printable(subject), detail: printable(detail) };
    found.set(`${finding.subject}\n${finding.detail}`, finding);
  }

  /** From a script's flat list of rule, subject, detail. */
  addAll(flat: Reply | undefined): void {
    const fields = list(flat).map(text);
    for (let n = 0; n < fields.length; n += 3) {
      const [rule = "", subject = "", detail = ""] = fields.slice(n, n + 3);
      if (!isRule(rule)) throw new RangeError(`a script named a rule that there is not: ${rule}`);
      this.add(rule, subject, detail);
    }
  }

  /** In the order of the rules. */
  findings(): Finding[] {
    return Object.keys(RULES).flatMap((rule) =>
      isRule(rule) ? [...(this.#found.get(rule)?.values() ?? [])] : [],
    );
  }
}

/** Keys have a NUL between their parts, and a stranger's key may have anything. */
function printable(text: string): string {
  return text.replace(/[\x00-\x1f\x7f]/g, (found) =>
    found === "\0" ? "\\0" : `\\x${found.charCodeAt(0).toString(16).padStart(2, "0")}`,
  );
}
