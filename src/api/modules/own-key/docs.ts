import { SCOPES } from "../../../core/access.ts";
import { operation } from "../../openapi.ts";
import { OwnKeySchema } from "./schema.ts";

export const ownKeyDocs = operation({
  id: "getOwnKey",
  tag: "Keys",
  scope: SCOPES,
  summary: "What the key of this request may do",
  description: "Any key may ask. The lists themselves are not told.",
  success: {
    status: 200,
    description: "The key.",
    data: OwnKeySchema,
    example: {
      code: 200,
      message: "success",
      data: { name: "noc", scopes: ["read", "exec"], limited_devices: true, limited_commands: false },
    },
  },
  failures: [422],
});
