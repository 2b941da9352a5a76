import { decodeSites, encodeSites } from "../../node-sites.ts";
import { reportIn } from "../../node-words.ts";
import type { NodePulse, NodeReported, Storage } from "../../storage.ts";
import { pack, unpack } from "../codec.ts";
import type { RedisLink } from "../link.ts";
import holdsSource from "../lua/holds-started.lua" with { type: "text" };
import loseSource from "../lua/lose-node.lua" with { type: "text" };
import reportsSource from "../lua/node-reports.lua" with { type: "text" };
import nodesSource from "../lua/nodes.lua" with { type: "text" };
import registerSource from "../lua/register-node.lua" with { type: "text" };
import removeSource from "../lua/remove-node.lua" with { type: "text" };
import { NODES_SHARD, otherShards, spreadArgument, spreadNodes } from "../nodes-sync.ts";
import { bytes, int, list, nowArgument, text } from "../replies.ts";
import { script } from "../scripts.ts";

const REGISTER = script("register-node", registerSource);
const NODES = script("nodes", nodesSource);
const REPORTS = script("node-reports", reportsSource);
const LOSE = script("lose-node", loseSource);
const REMOVE = script("remove-node", removeSource);
const HOLDS = script("holds-started", holdsSource);

/** A node's record, in the positions that `include/node-table.lua` names. */
type NodeEntry = [
  incarnation: string,
  hostname: string,
  pid: number,
  capacity: number,
  beat: number,
  heard: number,
  lost: 0 | 1,
  before: number,
  sites: string | false,
];

export function registerNode(link: RedisLink): Storage["registerNode"] {
  return async ({ node: { name, incarnation, hostname, pid, capacity, sites }, now }) => {
    const node = pack([name, incarnation, hostname, pid, capacity, encodeSites(sites) ?? false]);
    const args = [nowArgument(now), spreadArgument(link), node];
    await spreadNodes(link, list(await link.run(REGISTER, NODES_SHARD, args)), now);
  };
}

export function nodes(link: RedisLink): Storage["nodes"] {
  return async () => {
    const flat = list(await link.run(NODES, NODES_SHARD, []));
    const found: NodePulse[] = [];
    for (let n = 0; n < flat.length; n += 2) found.push(toPulse(text(flat[n]), bytes(flat[n + 1])));
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  };
}

function toPulse(name: string, packed: Buffer): NodePulse {
  // Safe: only our scripts write nodes.
  const entry = unpack(packed) as NodeEntry;
  const [incarnation, hostname, pid, capacity, beat, heard, lost] = entry;
  const sites = decodeSites(entry[8] || null);
  return { name, incarnation, hostname, pid, capacity, sites, beat, lastHeartbeat: heard, lost: lost === 1 };
}

export function nodeReports(link: RedisLink): Storage["nodeReports"] {
  return async ({ now } = {}) => {
    const found = list(await link.run(REPORTS, NODES_SHARD, [nowArgument(now)])).map(
      (reply): NodeReported => {
        const [name, silentMs, words] = list(reply);
        return { name: text(name), silentMs: int(silentMs), report: reportIn(text(words)) };
      },
    );
    return found.sort((a, b) => (a.name < b.name ? -1 : 1));
  };
}

export function loseNode(link: RedisLink): Storage["loseNode"] {
  return async ({ name, incarnation, beat, now }) => {
    const args = [nowArgument(now), spreadArgument(link), name, incarnation, beat];
    const [outcome, ...table] = list(await link.run(LOSE, NODES_SHARD, args));
    await spreadNodes(link, table, now);
    return text(outcome) === "lost" ? "lost" : "alive";
  };
}

export function removeNode(link: RedisLink): Storage["removeNode"] {
  return async ({ name, incarnation }) => {
    const holding = await Promise.all(otherShards(link).map((shard) => link.run(HOLDS, shard, [name])));
    if (holding.includes(1)) return;
    const args = [spreadArgument(link), name, incarnation];
    await spreadNodes(link, list(await link.run(REMOVE, NODES_SHARD, args)));
  };
}
