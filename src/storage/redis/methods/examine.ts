import type { Examiner } from "../../examiner.ts";
import { examineNodes } from "../examination/nodes.ts";
import { Notes } from "../examination/notes.ts";
import { older, schemaOf } from "../examination/schema.ts";
import { examineShard } from "../examination/shard.ts";
import type { RedisLink } from "../link.ts";

/**
 * One step after another, each a millisecond or two of Redis, so that others have their turn in between. It sees what
 * is there from beginning to end; what comes or goes meanwhile it may miss, and a fail-over may hide a part from it,
 * but nothing is named that is only half done.
 */
export function examine(link: RedisLink): Examiner["examine"] {
  return async ({ limit }) => {
    const schema = await schemaOf(link);
    if (schema.version < schema.newest) return { schema, findings: [older(schema)], looked: {} };
    const notes = new Notes(limit);
    for (let shard = 0; shard < link.shards; shard++) await examineShard(link, shard, notes);
    await examineNodes(link, notes);
    return { schema, findings: notes.findings(), looked: notes.looked };
  };
}
