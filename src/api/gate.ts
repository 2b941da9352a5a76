import type { AnyElysia } from "elysia";
import type { Scope } from "../core/access.ts";
import type { Caller } from "../engine/engine.ts";
import { HttpError } from "./http-error.ts";
import { NODE_FILES } from "./modules/node-files/routes.ts";
import { SCOPES_WORD } from "./openapi.ts";

/** Which scopes a route asks for, one of them being enough; `open`: not even for a key. */
export type Needs = readonly Scope[] | "open";

/** What needs no key, beside the routes that say so: what the API is like, and what nodes have a grant for. */
function isDocumentation(path: string): boolean {
  return path === "/swagger" || path.startsWith("/swagger/");
}

/** By `GET /job/:id`, from what each route says of itself. A route that says nothing is a fault of ours. */
export function routeNeeds(app: AnyElysia): Map<string, Needs> {
  return new Map(
    app.routes.map(({ method, path, hooks }) => [`${method} ${path}`, needsOf(method, path, hooks)]),
  );
}

function needsOf(method: string, path: string, hooks: { detail?: object } | undefined): Needs {
  if (isDocumentation(path) || path.startsWith(NODE_FILES)) return "open";
  const needs = (hooks?.detail as Record<string, Needs> | undefined)?.[SCOPES_WORD];
  if (needs === undefined) throw new Error(`${method} ${path} does not say which scope it needs`);
  return needs;
}

/** Throws 403 unless the caller's key has a scope that the route asks for. */
export function assertScope({ access }: Caller, needs: readonly Scope[]): void {
  if (needs.some((scope) => access.scopes.includes(scope))) return;
  throw new HttpError(403, `the key lacks the scope ${needs.join(" or ")}`);
}
