import { Elysia } from "elysia";
import { isLimited } from "../../../core/access.ts";
import type { Authenticator } from "../../auth.ts";
import { noQuery, readQuery } from "../../query.ts";
import { reply } from "../../reply.ts";
import { ownKeyDocs } from "./docs.ts";
import type { OwnKeyJson } from "./schema.ts";

export function ownKeyRoutes(auth: Pick<Authenticator, "callerOf">) {
  return new Elysia({ name: "own-key" }).get("/key", ({ request }) => ownKey(auth, request), {
    detail: ownKeyDocs,
  });
}

function ownKey(auth: Pick<Authenticator, "callerOf">, request: Request): Response {
  readQuery(request.url, noQuery);
  const { key, access } = auth.callerOf(request);
  const own: OwnKeyJson = {
    name: key,
    scopes: [...access.scopes],
    limited_devices: isLimited(access.devices),
    limited_commands: isLimited(access.commands),
  };
  return reply(own);
}
