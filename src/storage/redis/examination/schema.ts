import { StorageError } from "../../../core/errors.ts";
import type { Examination, Finding } from "../../examiner.ts";
import type { RedisLink } from "../link.ts";
import { MIGRATIONS, SCHEMA_SHARD } from "../migrate.ts";
import { int, list } from "../replies.ts";
import { script } from "../scripts.ts";
import schemaSource from "./lua/schema.lua" with { type: "text" };

const SCHEMA = script("examine-schema", schemaSource);

/** Refuses, as `migrate` does, a newer schema and another number of shards: nothing would be where it is looked for. */
export async function schemaOf(link: RedisLink): Promise<Examination["schema"]> {
  const newest = MIGRATIONS.length;
  const [found, foundShards] = list(await link.run(SCHEMA, SCHEMA_SHARD, []));
  const [version, shards] = [int(found), int(foundShards)];
  if (version > newest) {
    throw new StorageError(
      "schema_too_new",
      `the store has schema version ${version}, this program knows ${newest}: start the newer program, or set storage.redis.prefix to another store`,
    );
  }
  if (version > 0 && shards !== link.shards) {
    throw new StorageError(
      "corrupt",
      `the store was made with storage.redis.shards = ${shards}, not ${link.shards}: set it to ${shards}, or storage.redis.prefix to another store`,
    );
  }
  return { version, newest };
}

export function older({ version, newest }: Examination["schema"]): Finding {
  const detail = `version ${version}, this program's is ${newest}: netpulse migrate brings it up to date`;
  return { rule: "the schema is the newest", subject: "schema", detail };
}
