import { unpack } from "../codec.ts";
import type { RedisLink, Reply } from "../link.ts";
import { NODES_SHARD, otherShards } from "../nodes-sync.ts";
import { bytes, int, list, text } from "../replies.ts";
import { script } from "../scripts.ts";
import nodesSource from "./lua/nodes.lua" with { type: "text" };
import type { Notes } from "./notes.ts";

const NODES = script("examine-nodes", nodesSource);

/** What a shard knows of nodes, in one moment. */
interface Known {
  shard: number;
  /** Of shard 0's table of nodes, which the other shards have from it. */
  version: string;
  /** Records of shard 0. */
  records: Map<string, Buffer>;
  /** The incarnation that may act. */
  acting: Map<string, Buffer>;
  pulses: Map<string, Buffer>;
  hasClock: boolean;
}

/** Shard 0 decides which nodes may act; every shard with the version that shard 0 has agrees. */
export async function examineNodes(link: RedisLink, notes: Notes): Promise<void> {
  const first = await known(link, NODES_SHARD);
  const alive = aliveOf(first, notes);
  checkShard(first, alive, notes);
  for (const other of await Promise.all(otherShards(link).map((shard) => known(link, shard)))) {
    // Another version: it has not heard yet, or shard 0 has forgotten in a fail-over. The next beat makes it good.
    checkShard(other, other.version === first.version ? alive : null, notes);
  }
}

async function known(link: RedisLink, shard: number): Promise<Known> {
  const [version, records, acting, pulses, clock] = list(await link.run(NODES, shard, []));
  return {
    shard,
    version: text(version),
    records: mapOf(records),
    acting: mapOf(acting),
    pulses: mapOf(pulses),
    hasClock: int(clock) === 1,
  };
}

function mapOf(flat: Reply | undefined): Map<string, Buffer> {
  const fields = list(flat).map(bytes);
  const found = new Map<string, Buffer>();
  for (let n = 0; n < fields.length; n += 2) found.set(String(fields[n]), bytes(fields[n + 1]));
  return found;
}

/** The incarnation of each node that is alive. */
function aliveOf({ records }: Known, notes: Notes): Map<string, string> {
  const alive = new Map<string, string>();
  notes.count("nodes", records.size);
  for (const [node, packed] of records) {
    const record = unpacked(packed);
    const [incarnation, lost] = [record[0], record[6]];
    if (typeof incarnation !== "string" || typeof lost !== "number") {
      notes.add("readable", node, "its record in nodes is none");
    } else if (lost === 0) {
      alive.set(node, incarnation);
    }
    // Undefined in the record of an older program that still runs.
    const sites = record[8] ?? false;
    if (sites !== false && !areSites(sites)) notes.add("sites", node, String(sites));
  }
  return alive;
}

function checkShard(shard: Known, alive: Map<string, string> | null, notes: Notes): void {
  if (!shard.hasClock) notes.add("clock", `shard ${shard.shard}`, "it has none");
  if (alive) checkActing(shard, alive, notes);
  for (const node of new Set([...shard.acting.keys(), ...shard.pulses.keys()]))
    checkPulse(shard, node, notes);
}

function checkActing({ shard, acting }: Known, alive: Map<string, string>, notes: Notes): void {
  for (const node of new Set([...alive.keys(), ...acting.keys()])) {
    const [may, is] = [acting.get(node)?.toString(), alive.get(node)];
    if (may === is) continue;
    notes.add("nodes", node, `shard ${shard} lets ${may ?? "none"} act, alive is ${is ?? "none"}`);
  }
}

function checkPulse({ shard, acting, pulses }: Known, node: string, notes: Notes): void {
  const packed = pulses.get(node);
  const may = acting.get(node)?.toString();
  const [incarnation, , memory] = packed ? unpacked(packed) : [];
  if (incarnation !== may) {
    notes.add("pulse", node, `on shard ${shard} of ${incarnation ?? "none"}, ${may ?? "none"} may act`);
  }
  if (packed && fromJson(memory) === undefined)
    notes.add("json", node, `memory of its session hosts, on shard ${shard}`);
}

function unpacked(packed: Buffer): unknown[] {
  try {
    const value = unpack(packed);
    return Array.isArray(value) ? value : [];
  } catch {
    return [];
  }
}

function areSites(stored: unknown): boolean {
  const sites = fromJson(stored);
  return Array.isArray(sites) && sites.every((site) => site === null || typeof site === "string");
}

/** Undefined when it is none. */
function fromJson(value: unknown): unknown {
  if (typeof value !== "string") return undefined;
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
