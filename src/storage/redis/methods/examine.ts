import type { Examiner } from "../../examiner.ts";
import { examineNodes } from "../examination/nodes.ts";
import { Notes } from "../examination/notes.ts";
import { older, schemaOf } from "../examination/schema.ts";
import { examineKeys } from "../examination/walk.ts";
import type { RedisLink } from "../link.ts";

/**
 * One step after another, each a millisecond or two of Redis, so that others have their turn in between. It looks at
 * what is there from beginning to end; what comes or goes meanwhile it may miss, and a fail-over or a move of shards
 * may hide a part from it, but nothing is named that is only half done.
 */
export function examine(link: RedisLink): Examiner["examine"] {
  return async ({ limit }) => {
    const schema = await schemaOf(link);
    if (schema.version < schema.newest) return { schema, findings: [older(schema)], looked: {} };
    const notes = new Notes(limit);
    await examineKeys(link, notes);
    await examineNodes(link, notes);
    return { schema, findings: notes.findings(), looked: notes.looked };
  };
}
