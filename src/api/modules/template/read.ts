import type { Static, TObject } from "@sinclair/typebox";
import { type FieldError, RequestError } from "../../../core/errors.ts";
import { nearest } from "../../../core/nearest.ts";
import {
  PARSERS,
  type ParserName,
  type ParseWork,
  RENDERERS,
  type RendererName,
  type RenderWork,
  type TemplateSource,
  templateSource,
} from "../../../template/templates.ts";
import { invalidFields } from "../../http-error.ts";
import type { Shape } from "../../shape.ts";
import { isObject } from "../device/exec-body.ts";
import { type ParseFields, parseShape, renderShape } from "./schema.ts";

/** `inPath`: the name that the path has. Fields that are null count as absent. */
export function readRender(body: unknown, inPath: string | undefined): RenderWork {
  const given = known(RENDERERS, "renderer", inPath);
  const fields = read(renderShape, body);
  const name = chosen(RENDERERS, given, fields.name);
  const { template, context = {}, options = {} } = fields;
  return { name, template: templateSource(name, template), context, options };
}

export function readParse(body: unknown, inPath: string | undefined): ParseWork {
  const given = known(PARSERS, "parser", inPath);
  const fields = read(parseShape, body);
  const name = chosen(PARSERS, given, fields.name);
  return { name, template: sourceOf(name, fields), text: fields.context, options: fields.options ?? {} };
}

function sourceOf(name: ParserName, { template, platform, command }: ParseFields): TemplateSource {
  const wrong: FieldError[] = [];
  const refuse = (field: string, msg: string) => wrong.push({ loc: ["body", field], msg });
  if (template !== undefined) {
    if (platform !== undefined)
      refuse("platform", "is for textfsm without a template; leave out one of the two");
    if (command !== undefined)
      refuse("command", "is for textfsm without a template; leave out one of the two");
    if (wrong.length > 0) throw invalidFields(wrong);
    return templateSource(name, template);
  }
  if (name === "textfsm" && platform !== undefined && command !== undefined)
    return { kind: "command", platform, command };
  const other = name === "textfsm" ? ", or platform and command for the index of the template folder" : "";
  throw invalidFields([{ loc: ["body", "template"], msg: `is required${other}` }]);
}

function read<S extends TObject>(wanted: Shape<S>, body: unknown): Static<S> {
  if (!isObject(body)) throw invalidFields([{ loc: ["body"], msg: "must be an object" }]);
  const fields = Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
  if (!wanted.fits(fields)) throw invalidFields(wanted.errors(fields, "body"));
  return fields;
}

/** A name in the path is part of the address: what there is not is not found. */
function known<N extends string>(
  names: readonly N[],
  what: string,
  given: string | undefined,
): N | undefined {
  if (given === undefined) return undefined;
  const found = names.find((name) => name === given);
  if (found !== undefined) return found;
  const best = nearest(given, names);
  const hint = best === null ? "" : `did you mean ${best}? `;
  throw new RequestError("not_found", `there is no such ${what}; ${hint}there are ${names.join(", ")}`);
}

function chosen<N extends RendererName | ParserName>(names: readonly N[], inPath?: N, inBody?: N): N {
  const name = inPath ?? inBody;
  const loc = ["body", "name"];
  if (name === undefined) throw invalidFields([{ loc, msg: `is required: ${names.join(", ")}` }]);
  if (inPath !== undefined && inBody !== undefined && inPath !== inBody)
    throw invalidFields([{ loc, msg: "is another one than in the path; leave it out" }]);
  return name;
}
