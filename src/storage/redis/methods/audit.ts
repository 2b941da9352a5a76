import { type AuditEntry, type AuditStore, fitsAudit, type StoredAuditEntry } from "../../audit.ts";
import { Gather } from "../gather.ts";
import type { RedisLink } from "../link.ts";
import appendSource from "../lua/append-audit.lua" with { type: "text" };
import listSource from "../lua/list-audit.lua" with { type: "text" };
import pruneSource from "../lua/prune-audit.lua" with { type: "text" };
import { int, list, nowArgument, text } from "../replies.ts";
import { script } from "../scripts.ts";

const APPEND = script("append-audit", appendSource);
const LIST = script("list-audit", listSource);
const PRUNE = script("prune-audit", pruneSource);
/** One log, in one order. */
const SHARD = 0;
/** Entries added by one script. */
const MOST_TOGETHER = 100;
/** Entries read by one script. */
const SLICE = 1_000;
/** What a script answers for an entry. */
const FIELDS = 3;

/** Calls that come together share a script. */
export function appendAudit(link: RedisLink): AuditStore["appendAudit"] {
  async function append(entries: AuditEntry[], now?: number): Promise<void> {
    const args = [nowArgument(now), ...entries.map((entry) => JSON.stringify(entry))];
    await link.run(APPEND, SHARD, args, { durable: true });
  }
  const gathered = new Gather<AuditEntry[], void>({
    most: MOST_TOGETHER,
    weight: (entries) => entries.length,
    async send(calls) {
      await append(calls.flat());
      return [];
    },
  });
  return ({ entries, now }) => (now === undefined ? gathered.call(entries) : append(entries, now));
}

export function listAudit(link: RedisLink): AuditStore["listAudit"] {
  return async ({ filter, limit, after = "" }) => {
    const found: { id: string; entry: StoredAuditEntry }[] = [];
    let before = after;
    for (let got = SLICE; got === SLICE && found.length <= limit; ) {
      const slice = toEntries(list(await link.run(LIST, SHARD, [before, SLICE])).map(text));
      found.push(...slice.filter(({ entry }) => fitsAudit(entry, filter)));
      got = slice.length;
      before = slice.at(-1)?.id ?? before;
    }
    const page = found.slice(0, limit);
    return {
      entries: page.map(({ entry }) => entry),
      next: found.length > limit ? (page.at(-1)?.id ?? null) : null,
    };
  };
}

export function pruneAudit(link: RedisLink): AuditStore["pruneAudit"] {
  return async ({ before, max }) => ({ pruned: int(await link.run(PRUNE, SHARD, [before, max])) });
}

function toEntries(flat: string[]): { id: string; entry: StoredAuditEntry }[] {
  return Array.from({ length: flat.length / FIELDS }, (_, n) => {
    const [id = "", at, entry = ""] = flat.slice(n * FIELDS, (n + 1) * FIELDS);
    // Safe: written by `appendAudit` only.
    return { id, entry: { at: Number(at), ...(JSON.parse(entry) as AuditEntry) } };
  });
}
