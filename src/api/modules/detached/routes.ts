import { Elysia } from "elysia";
import { noQuery, readQuery } from "../../query.ts";
import { type DeviceDeps, execBody } from "../device/routes.ts";
import { type Action, asExecBody } from "./body.ts";
import { detachedDocs } from "./docs.ts";

/** Long commands that outlive their jobs. Each answer is a job: what is known of a task is on its host alone. */
export function detachedRoutes(deps: DeviceDeps) {
  const does =
    (action: Action) =>
    async ({ request, params }: { request: Request; params?: { id?: string } }): Promise<Response> => {
      readQuery(request.url, noQuery);
      return execBody(deps, request, asExecBody(action, params?.id, await deps.readJson(request)));
    };
  const route = (action: Action) => ({ parse: "none" as const, detail: detachedDocs(action) });
  return new Elysia({ name: "detached" })
    .post("/detached-tasks", does("start"), route("start"))
    .post("/detached-tasks/list", does("list"), route("list"))
    .post("/detached-tasks/:id/output", does("output"), route("output"))
    .post("/detached-tasks/:id/kill", does("kill"), route("kill"))
    .post("/detached-tasks/:id/remove", does("remove"), route("remove"));
}
