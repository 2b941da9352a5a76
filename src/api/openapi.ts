import type { TObject, TSchema } from "@sinclair/typebox";
import type { DocumentDecoration } from "elysia";
import type { Scope } from "../core/access.ts";

/** An operation in the terms of this API; `operation` makes OpenAPI of it. */
export type OperationDocs = Described & (Guarded | Open);

interface Guarded {
  /** One of them is enough. */
  scope: readonly Scope[];
  open?: false;
}

interface Open {
  /** No key needed. */
  open: true;
  scope?: never;
}

/** Where a route's documentation says which scopes it asks for: what is checked is what is documented. */
export const SCOPES_WORD = "x-netpulse-scopes";

interface Described {
  id: string;
  tag: string;
  summary: string;
  description?: string;
  /** What stands in the path, by name. */
  path?: Record<string, string>;
  query?: TObject;
  headers?: Record<string, TSchema>;
  body?: { schema: TSchema | object; examples: Record<string, { summary: string; value: unknown }> };
  /** The body is a file: what it is. With `body`, a form may have both. */
  bytes?: string;
  success: {
    status: number;
    description: string;
    /** In the envelope, with its example; absent where the answer is text alone. */
    data?: TSchema | object;
    beside?: Record<string, TSchema>;
    /** Instead of JSON, or to who asks for it. */
    text?: { type: string; example: string };
    /** What may stand in the answer's headers, each by its name. */
    headers?: Record<string, string>;
    example?: unknown;
  };
  /** Its failures, beside those every operation has: by HTTP status alone where that says it all. */
  failures: readonly (number | FailureDocs)[];
  /** Another one does the same; this is for clients of before. */
  deprecated?: boolean;
}

/** A failure whose answer is not as usual for its status. */
interface FailureDocs {
  status: number;
  description: string;
  /** Of `data`; as in any other failure if not given. */
  data?: TSchema | object;
}

const FAILURES: Record<number, string> = {
  400: "The body is not JSON.",
  401: "The key is missing or wrong.",
  403: "The key may not do this; or it came in a cookie, and another site made the browser send it.",
  404: "There is no such thing.",
  408: "The body did not arrive in time.",
  409: "The state forbids it.",
  413: "The body is too large.",
  415: "The body is not of a type that is taken here.",
  416: "The file does not have that part.",
  422: "A field is wrong; `data` names every one.",
  429: "Too many requests of this key, or too many of what is asked for; nothing was done. See Retry-After.",
  500: "A fault of ours; the message has an id that is in the log.",
  503: "The store does not answer; see Retry-After.",
  507: "There is no room for it.",
};

/** The headers of every failure with this status. */
const FAILURE_HEADERS: Record<number, Record<string, string>> = {
  401: { "WWW-Authenticate": "`Bearer`: one way to send the key." },
  429: { "Retry-After": "Seconds until it is worth asking again." },
  503: { "Retry-After": "Seconds until it is worth asking again." },
};

type Json = Record<string, unknown>;

/** A reference to a schema in `components`. */
export function ref(name: string): object {
  return { $ref: `#/components/schemas/${name}` };
}

/** What Elysia keeps as a route's documentation. */
export function operation(docs: OperationDocs): DocumentDecoration {
  const failures = docs.open
    ? docs.failures
    : [401, lacksScope(docs.scope), ...withLimit(docs.failures), 500];
  const detail: Json = {
    operationId: docs.id,
    tags: [docs.tag],
    summary: docs.summary,
    description: docs.description,
    deprecated: docs.deprecated,
    parameters: [
      ...pathParameters(docs.path),
      ...parameters("query", docs.query),
      ...headerParameters(docs.headers),
    ],
    requestBody: requestBody(docs),
    responses: Object.fromEntries([
      [docs.success.status, success(docs.success)],
      ...failures.map((each) => (typeof each === "number" ? usual(each) : each)).map(failure),
    ]),
    security: docs.open ? [] : undefined,
    [SCOPES_WORD]: docs.open ? "open" : docs.scope,
  };
  return JSON.parse(JSON.stringify(detail));
}

function requestBody({ body, bytes }: OperationDocs): Json | undefined {
  const json = body && { schema: toOpenApi(body.schema), examples: body.examples };
  if (bytes === undefined) return json && { required: true, content: { "application/json": json } };
  const file = { type: "string", format: "binary", description: bytes };
  const form = (fields: Json) => ({
    "multipart/form-data": { schema: { type: "object", required: Object.keys(fields), properties: fields } },
  });
  const content = json
    ? { "application/json": json, ...form({ request: json.schema, file }) }
    : { "application/octet-stream": { schema: file }, ...form({ file }) };
  return { required: true, content };
}

function lacksScope(scope: readonly Scope[]): FailureDocs {
  const needed = scope.map((each) => `\`${each}\``).join(" or ");
  return { status: 403, description: `Needs a key with the scope ${needed}. ${FAILURES[403]}` };
}

/** Any key may have a limit of requests. */
function withLimit(failures: OperationDocs["failures"]): OperationDocs["failures"] {
  const has = failures.some((each) => (typeof each === "number" ? each : each.status) === 429);
  return has ? failures : [...failures, 429];
}

function success({ description, data, beside, text, headers, example }: OperationDocs["success"]): Json {
  const content = {
    ...(data && { "application/json": { schema: envelope(data, beside), example } }),
    ...(text && { [text.type]: { schema: { type: "string" }, example: text.example } }),
  };
  return { description, headers: responseHeaders(headers), content };
}

/** Headers as OpenAPI has them in an answer, from their descriptions. */
function responseHeaders(headers: Record<string, string> | undefined): Json | undefined {
  if (headers === undefined) return undefined;
  const entries = Object.entries(headers);
  return Object.fromEntries(
    entries.map(([name, description]) => [name, { description, schema: { type: "string" } }]),
  );
}

function envelope(data: TSchema | object, beside: Record<string, TSchema> = {}): Json {
  const others = Object.entries(beside).map(([name, schema]) => [name, toOpenApi(schema)]);
  return {
    type: "object",
    required: ["code", "message", "data"],
    properties: {
      code: { type: "integer", enum: [200] },
      message: { type: "string", enum: ["success"] },
      data: toOpenApi(data),
      ...Object.fromEntries(others),
    },
  };
}

function usual(status: number): FailureDocs {
  return { status, description: FAILURES[status] ?? "" };
}

function failure({ status, description, data }: FailureDocs): [number, Json] {
  const schema = data === undefined ? ref(status === 422 ? "FieldErrors" : "Failure") : failureWith(data);
  const headers = responseHeaders(FAILURE_HEADERS[status]);
  return [status, { description, headers, content: { "application/json": { schema } } }];
}

/** The envelope of a failure whose `data` has a shape. */
export function failureWith(data: TSchema | object): Json {
  return {
    type: "object",
    required: ["code", "message", "data"],
    properties: {
      code: { type: "integer", enum: [-1] },
      message: { type: "string", description: "What is wrong and what to do." },
      data: toOpenApi(data),
    },
  };
}

function parameters(where: "query", schema: TObject | undefined): Json[] {
  const required: readonly string[] = schema?.required ?? [];
  return Object.entries(schema?.properties ?? {}).map(([name, property]) => {
    const { description, ...rest } = toOpenApi(property) as Json;
    return { name, in: where, required: required.includes(name), description, schema: rest };
  });
}

function pathParameters(path: Record<string, string> = {}): Json[] {
  return Object.entries(path).map(([name, description]) => ({
    name,
    in: "path",
    required: true,
    description,
    schema: { type: "string" },
  }));
}

function headerParameters(headers: Record<string, TSchema> = {}): Json[] {
  return Object.entries(headers).map(([name, schema]) => {
    const { description, ...rest } = toOpenApi(schema) as Json;
    return { name, in: "header", required: false, description, schema: rest };
  });
}

/** Words of ours in a schema that OpenAPI does not know. */
const OURS = new Set(["expected", "secret", "secretWhere", "refused", "$id"]);

/** TypeBox's JSON schema in the dialect of OpenAPI 3.0, which has neither `const` nor the type null. */
export function toOpenApi(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(toOpenApi);
  if (schema === null || typeof schema !== "object") return schema;
  const { anyOf, const: only, patternProperties, examples, ...rest } = schema as Json;
  const kept = Object.entries(rest).filter(([word]) => !OURS.has(word));
  const plain: Json = Object.fromEntries(kept.map(([word, value]) => [word, inner(word, value)]));
  if ("secret" in rest) plain.format = "password";
  if (Array.isArray(examples)) plain.example = examples[0];
  if (only !== undefined) plain.enum = [only];
  if (patternProperties) plain.additionalProperties = toOpenApi(Object.values(patternProperties)[0]);
  if (plain.type === "null") return { ...plain, type: "string", nullable: true, enum: [null] };
  return Array.isArray(anyOf) ? union(plain, anyOf) : plain;
}

/** `properties` maps names to schemas; its own names are no words of a schema. */
function inner(word: string, value: unknown): unknown {
  if (word === "properties") {
    return Object.fromEntries(
      Object.entries(value as Json).map(([name, schema]) => [name, toOpenApi(schema)]),
    );
  }
  return word === "default" || word === "enum" || word === "required" ? value : toOpenApi(value);
}

function union(plain: Json, branches: readonly unknown[]): Json {
  const isNull = (branch: unknown) => (branch as Json).type === "null";
  const others = branches.filter((branch) => !isNull(branch));
  const nullable = others.length < branches.length ? { nullable: true } : {};
  if (others.every((branch) => "const" in (branch as Json))) {
    return { ...plain, type: "string", enum: others.map((branch) => (branch as Json).const), ...nullable };
  }
  if (others.length > 1) return { ...plain, anyOf: others.map(toOpenApi), ...nullable };
  const only = toOpenApi(others[0]) as Json;
  // A reference may have no words beside it.
  return "$ref" in only ? { ...plain, allOf: [only], ...nullable } : { ...only, ...plain, ...nullable };
}
