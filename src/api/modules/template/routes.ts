import { Elysia } from "elysia";
import type { TemplateCall, Templates } from "../../../template/templates.ts";
import type { Authenticator } from "../../auth.ts";
import type { JsonReader } from "../../body.ts";
import { noQuery, readQuery } from "../../query.ts";
import { reply, replyJson } from "../../reply.ts";
import { parseDocs, renderDocs } from "./docs.ts";
import { readParse, readRender } from "./read.ts";

export interface TemplateDeps {
  templates: Templates;
  auth: Authenticator;
  readJson: JsonReader;
  /** Aborts when the API stops. */
  stopping: AbortSignal;
}

export function templateRoutes(deps: TemplateDeps) {
  return new Elysia({ name: "template" })
    .post("/template/render", ({ request }) => render(deps, request), {
      parse: "none",
      detail: renderDocs("renderTemplate"),
    })
    .post("/template/render/:name", ({ request, params }) => render(deps, request, params.name), {
      parse: "none",
      detail: renderDocs("renderTemplateBy", true),
    })
    .post("/template/parse", ({ request }) => parse(deps, request), {
      parse: "none",
      detail: parseDocs("parseText"),
    })
    .post("/template/parse/:name", ({ request, params }) => parse(deps, request, params.name), {
      parse: "none",
      detail: parseDocs("parseTextBy", true),
    });
}

async function render(deps: TemplateDeps, request: Request, name?: string): Promise<Response> {
  readQuery(request.url, noQuery);
  const work = readRender(await deps.readJson(request), name);
  return reply(await deps.templates.render(work, callOf(deps, request)));
}

async function parse(deps: TemplateDeps, request: Request, name?: string): Promise<Response> {
  readQuery(request.url, noQuery);
  const work = readParse(await deps.readJson(request), name);
  return replyJson(await deps.templates.parse(work, callOf(deps, request)));
}

/** A client that goes away ends its work. */
function callOf({ auth, stopping }: TemplateDeps, request: Request): TemplateCall {
  const signal = AbortSignal.any([request.signal, stopping]);
  return { lane: auth.callerOf(request).key, patient: false, signal };
}
