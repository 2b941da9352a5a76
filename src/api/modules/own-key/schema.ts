import { type Static, Type } from "@sinclair/typebox";
import { SCOPES } from "../../../core/access.ts";
import { oneOf } from "../../parameters.ts";

/** A key as whoever has it is told of it. */
export const OwnKeySchema = Type.Object({
  name: Type.String({ description: "What the audit log calls it." }),
  scopes: Type.Array(oneOf(SCOPES), { description: "What it may be used for." }),
  limited_devices: Type.Boolean({ description: "It is for some devices only." }),
  limited_commands: Type.Boolean({ description: "It may send some lines only." }),
});
export type OwnKeyJson = Static<typeof OwnKeySchema>;
