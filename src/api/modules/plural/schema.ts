import { Type } from "@sinclair/typebox";
import { shape } from "../../shape.ts";
import { cancelQuery, listQuery } from "../jobs/schema.ts";

const { wait, result } = listQuery.schema.properties;

/** Of a path that names the job. */
export const oneJobQuery = shape(Type.Object({ wait, result }, { additionalProperties: false }));
export const cancelOneQuery = shape(
  Type.Object({ force: cancelQuery.schema.properties.force }, { additionalProperties: false }),
);
