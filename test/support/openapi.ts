import { Ajv, type ErrorObject, type ValidateFunction } from "ajv";

// An OpenAPI document is read as the JSON that it is.
// biome-ignore lint/suspicious/noExplicitAny: JSON of any shape
export type Json = any;

export interface Parameter {
  name: string;
  in: "path" | "query" | "header";
  required: boolean;
  schema: Json;
  example: unknown;
}

export interface Operation {
  id: string;
  /** In capitals. */
  method: string;
  /** With names in braces. */
  path: string;
  /** Paths of requests for it. */
  covers: RegExp;
  parameters: Parameter[];
  /** Of its JSON body, where it has one. */
  body: { schema: Json; examples: unknown[] } | null;
  /** Its body may be a file as it is. */
  takesFile: boolean;
  /** Needs no key. */
  open: boolean;
  responses: Record<string, Json>;
}

/** What an OpenAPI 3.0 document promises, held against answers by a validator that is not ours. */
export class Contract {
  readonly document: Json;
  readonly operations: Operation[];
  readonly #ajv = new Ajv({ strict: false, allErrors: true, validateFormats: false });
  /** By the schema's text, as many are alike; and by the schema itself, which is asked for again and again. */
  readonly #compiled = new Map<string | Json, ValidateFunction>();

  constructor(document: Json) {
    this.document = document;
    this.operations = operationsOf(document);
    for (const [name, schema] of Object.entries(document.components.schemas)) {
      this.#ajv.addSchema(closed(schema), `#/components/schemas/${name}`);
    }
  }

  operation(id: string): Operation {
    const found = this.operations.find((each) => each.id === id);
    if (!found) throw new Error(`the document has no operation ${id}`);
    return found;
  }

  /** The operation that a request is for, if the document has it. A slash at the end makes no difference. */
  find(method: string, path: string): Operation | null {
    const wanted = method === "HEAD" ? "GET" : method;
    return this.#at(path).find((each) => each.method === wanted) ?? null;
  }

  /** Whether any operation has this path. */
  hasPath(path: string): boolean {
    return this.#at(path).length > 0;
  }

  #at(path: string): Operation[] {
    const plain = path.replace(/(?<=.)\/$/, "");
    const exact = this.operations.filter((each) => each.path === plain);
    return exact.length > 0 ? exact : this.operations.filter((each) => each.covers.test(plain));
  }

  /** A schema of the document, where it is only referred to. */
  resolve(schema: Json): Json {
    if (!schema?.$ref) return schema;
    return this.resolve(this.document.components.schemas[schema.$ref.replace("#/components/schemas/", "")]);
  }

  /** How a value departs from a schema of the document, as lines; a property that the schema does not name counts. */
  departures(schema: Json, value: unknown): string[] {
    let validate = this.#compiled.get(schema);
    if (!validate) {
      const text = JSON.stringify(schema);
      validate = this.#compiled.get(text) ?? this.#ajv.compile(closed(schema));
      this.#compiled.set(schema, validate).set(text, validate);
    }
    return validate(value) ? [] : (validate.errors ?? []).map(inWords);
  }

  /** How an answer departs from what the operation promises. */
  answer(operation: Operation, status: number, type: string, body: string): string[] {
    const response = operation.responses[status];
    if (!response) return [`the document has no ${status} for ${operation.id}`];
    if (response.content === undefined)
      return body === "" ? [] : [`the ${status} of ${operation.id} has a body`];
    const [essence = ""] = type.split(";");
    const content = response.content[essence];
    if (!content) return [`the document has no ${essence} for the ${status} of ${operation.id}`];
    return essence === "application/json" ? this.departures(content.schema, JSON.parse(body)) : [];
  }
}

function inWords({ instancePath, message, params }: ErrorObject): string {
  return `${instancePath || "/"}: ${message} ${JSON.stringify(params)}`;
}

function operationsOf(document: Json): Operation[] {
  return Object.entries<Json>(document.paths).flatMap(([path, methods]) =>
    Object.entries<Json>(methods).map(([method, each]): Operation => {
      const json = each.requestBody?.content["application/json"];
      return {
        id: each.operationId,
        method: method.toUpperCase(),
        path,
        covers: new RegExp(`^${path.replace(/\{\w+\}/g, "[^/]+")}$`),
        parameters: each.parameters ?? [],
        body: json
          ? { schema: json.schema, examples: Object.values<Json>(json.examples).map(({ value }) => value) }
          : null,
        takesFile: each.requestBody?.content["application/octet-stream"] !== undefined,
        open: each.security?.length === 0,
        responses: each.responses,
      };
    }),
  );
}

/**
 * OpenAPI's dialect as JSON schema, where `nullable` and flags for exclusive bounds are no words. Objects with named
 * properties have no others, unless they say so: an answer must be documented whole.
 */
function closed(schema: Json): Json {
  if (Array.isArray(schema)) return schema.map(closed);
  if (schema === null || typeof schema !== "object") return schema;
  if (schema.$ref) return { $ref: schema.$ref };
  const { nullable, exclusiveMinimum, minimum, example: _example, properties, ...rest } = schema;
  const plain: Json = Object.fromEntries(
    Object.entries(rest).map(([word, value]) => [
      word,
      word === "enum" || word === "required" ? value : closed(value),
    ]),
  );
  if (minimum !== undefined) plain[exclusiveMinimum ? "exclusiveMinimum" : "minimum"] = minimum;
  if (properties) {
    plain.properties = Object.fromEntries(
      Object.entries(properties).map(([name, property]) => [name, closed(property)]),
    );
    plain.additionalProperties ??= false;
  }
  if (!nullable) return plain;
  return schema.enum?.includes(null) ? { enum: schema.enum } : { anyOf: [plain, { type: "null" }] };
}
