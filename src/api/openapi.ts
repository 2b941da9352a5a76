import type { TObject, TSchema } from "@sinclair/typebox";
import type { DocumentDecoration } from "elysia";
import type { Scope } from "../core/access.ts";
import { RequestError } from "../core/errors.ts";
import { noQuery, readQuery } from "./query.ts";
import { shape } from "./shape.ts";

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
  path?: Record<string, { description: string; example: string }>;
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
    /** There is no envelope: `data` is the answer. */
    bare?: boolean;
    /** Instead of JSON, or to who asks for it. */
    text?: { type: string; example: string };
    /** What may stand in the answer's headers, each by its name. */
    headers?: Record<string, string>;
    example?: unknown;
  };
  /** Other successes, without a body or with text alone. */
  others?: readonly Omit<OperationDocs["success"], "data">[];
  /** Its failures, beside those every operation has: by HTTP status alone where that says it all. */
  failures: readonly (number | FailureDocs)[];
  /** Another one does the same; this is for clients of before. */
  deprecated?: boolean;
}

/** A failure whose answer is not as usual for its status. */
interface FailureDocs {
  status: number;
  description?: string;
  /** Of `data`; as in any other failure if not given. */
  data?: TSchema | object;
  /** What an answer says, and has as `data`. */
  example?: { message: string; data?: unknown };
}

/** What is the same for all failures of a status. */
interface Usual {
  description: string;
  /** What an answer says; those without one say it for each operation. */
  message?: string;
}

const NO_HOST = "The header Host is not the name of a host";

const FAILURES: Record<number, Usual> = {
  400: { description: `${NO_HOST}.`, message: "the header Host is not the name of a host" },
  401: {
    description: "The key is missing or wrong.",
    message: "no API key; send it in the header X-API-KEY",
  },
  403: {
    description:
      "The key may not do this; or it came in a cookie, and another site made the browser send it.",
    message: "another site may not use your session; send the key in the header X-API-KEY",
  },
  404: { description: "There is no such thing." },
  408: { description: "The body did not arrive in time.", message: "the body did not arrive within 30 s" },
  409: { description: "The state forbids it." },
  413: {
    description: "The body is too large.",
    message: "the body is larger than 4194304 bytes; send less, or raise server.max_body",
  },
  414: {
    description: "Path and query are too long.",
    message: "the URL is longer than 8192 characters; ask for less, or raise server.max_url",
  },
  415: {
    description: "The body is not of a type that is taken here.",
    message: "send JSON, with the header Content-Type: application/json",
  },
  416: { description: "The file does not have that part." },
  422: { description: "A field is wrong; `data` names every one." },
  429: {
    description:
      "Too many requests of this key, or too many of what is asked for; nothing was done. See Retry-After.",
    message: "the key may make 60 requests a minute; ask again in 1 s",
  },
  431: {
    description: "The headers are too large.",
    message: "the headers are larger than 16384 characters; send less, or raise server.max_headers",
  },
  500: {
    description: "A fault of ours; the message has an id that is in the log.",
    message: "internal error; see the log, id 0b5f8c4e-6d1a-4c39-9a55-0e7c3c1f2b77",
  },
  503: {
    description: "The store does not answer; see Retry-After.",
    message: "the store does not answer; try again shortly",
  },
  507: {
    description: "There is no room for it.",
    message: "the file does not fit: the disk of the storage folder is full",
  },
};

/** What any request can meet, whatever the operation. */
const ALWAYS = [400, 414, 431, 500];

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
  const guarded = docs.open ? docs.failures : [401, lacksScope(docs.scope), ...withLimit(docs.failures)];
  const failures = [...ALWAYS, ...guarded].map((each) => usual(each, docs));
  const detail: Json = {
    operationId: docs.id,
    tags: [docs.tag],
    summary: docs.summary,
    description: docs.description,
    deprecated: docs.deprecated,
    parameters: [
      ...pathParameters(docs.path),
      ...parameters("query", docs.query?.properties ?? {}, docs.query?.required ?? []),
      ...parameters("header", docs.headers ?? {}, []),
    ],
    requestBody: requestBody(docs),
    responses: {
      [docs.success.status]: success(docs.success),
      ...Object.fromEntries((docs.others ?? []).map((other) => [other.status, success(other)])),
      ...Object.fromEntries(failures.map(failure)),
    },
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
  return { status: 403, description: `Needs a key with the scope ${needed}. ${FAILURES[403]?.description}` };
}

/** Any key may have a limit of requests. */
function withLimit(failures: OperationDocs["failures"]): OperationDocs["failures"] {
  const has = failures.some((each) => (typeof each === "number" ? each : each.status) === 429);
  return has ? failures : [...failures, 429];
}

/** An answer that is not a failure. */
export function success(docs: OperationDocs["success"]): Json {
  const { description, data, beside, bare, text, headers, example } = docs;
  const content = {
    ...(data && {
      "application/json": { schema: bare ? toOpenApi(data) : envelope(data, beside), example },
    }),
    ...(text && { [text.type]: { schema: { type: "string" }, example: text.example } }),
  };
  return { description, headers: responseHeaders(headers), ...((data || text) && { content }) };
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

/** A failure with all that its status says already. */
function usual(failure: number | FailureDocs, docs: OperationDocs): FailureDocs {
  const own = typeof failure === "number" ? { status: failure } : failure;
  const { description, message } = FAILURES[own.status] ?? { description: "" };
  const example = own.status === 422 ? strangeParameter(docs.query) : message && { message };
  return {
    description,
    ...(example && { example }),
    ...(own.status === 400 && docs.body && NO_JSON),
    ...own,
  };
}

const NO_JSON = {
  description: `The body is not JSON, or broke off. ${NO_HOST}.`,
  example: { message: "the body is not valid JSON in UTF-8" },
};

/** How the operation refuses a parameter that it does not know. */
function strangeParameter(query: TObject | undefined): { message: string; data: unknown } {
  try {
    readQuery("/?colour=blue", query === undefined ? noQuery : shape(query));
  } catch (error) {
    if (error instanceof RequestError) return { message: error.message, data: error.fields };
    throw error;
  }
  throw new Error("a query that takes every parameter");
}

function failure({ status, description, data, example }: FailureDocs): [number, Json] {
  const schema = data === undefined ? ref(status === 422 ? "FieldErrors" : "Failure") : failureWith(data);
  const headers = responseHeaders(FAILURE_HEADERS[status]);
  const answer = example && { code: -1, message: example.message, data: example.data ?? null };
  const content = { "application/json": { schema, ...(answer && { example: answer }) } };
  return [status, { description, headers, content }];
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
      detail: { type: "string", description: "`message` again, under the paths of NetPulse 0.4 alone." },
    },
  };
}

function parameters(
  where: "query" | "header",
  schemas: Record<string, TSchema>,
  required: readonly string[],
) {
  return Object.entries(schemas).map(([name, property]): Json => {
    const { description, example, ...schema } = toOpenApi(property) as Json;
    const [first] = (schema.enum ?? []) as unknown[];
    const shown = example ?? schema.default ?? first;
    return { name, in: where, required: required.includes(name), description, schema, example: shown };
  });
}

function pathParameters(path: OperationDocs["path"] = {}): Json[] {
  return Object.entries(path).map(([name, { description, example }]) => ({
    name,
    in: "path",
    required: true,
    description,
    schema: { type: "string", minLength: 1 },
    example,
  }));
}

/** Words of ours in a schema that OpenAPI does not know. */
const OURS = new Set(["expected", "secret", "secretWhere", "refused", "$id"]);

/** TypeBox's JSON schema in the dialect of OpenAPI 3.0: no `const`, no type null, and a bound is exclusive by a flag. */
export function toOpenApi(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(toOpenApi);
  if (schema === null || typeof schema !== "object") return schema;
  const { anyOf, const: only, patternProperties, exclusiveMinimum, examples, ...rest } = schema as Json;
  const kept = Object.entries(rest).filter(([word]) => !OURS.has(word));
  const plain: Json = Object.fromEntries(kept.map(([word, value]) => [word, inner(word, value)]));
  if ("secret" in rest) plain.format = "password";
  if (Array.isArray(examples)) plain.example = examples[0];
  if (only !== undefined) plain.enum = [only];
  if (exclusiveMinimum !== undefined)
    Object.assign(plain, { minimum: exclusiveMinimum, exclusiveMinimum: true });
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
