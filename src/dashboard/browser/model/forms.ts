/** What one field of a form takes, read from the API's own description of itself. */
export interface Field {
  name: string;
  /** `either`: a text, or JSON. */
  kind: "text" | "secret" | "long" | "number" | "flag" | "choice" | "either" | "json";
  required: boolean;
  description: string;
  choices: string[];
  default: string;
}

/** What a request for one driver may hold. */
export interface DriverForm {
  name: string;
  summary: string;
  connection: Field[];
  args: Field[];
}

export interface Forms {
  drivers: DriverForm[];
  /** Of every job. */
  options: Field[];
}

interface Schema {
  type?: string;
  format?: string;
  description?: string;
  default?: unknown;
  enum?: unknown[];
  maxLength?: number;
  properties?: Record<string, Schema>;
  anyOf?: Schema[];
  required?: string[];
}

interface Document {
  components: { schemas: Record<string, Schema> };
  paths: Record<string, { post?: { description?: string } }>;
}

const CONNECTION = "ConnectionArgs_";

/** Of `/swagger/json`: the schemas there are those that the API checks requests by. */
export function readForms(text: string): Forms {
  const { components, paths } = JSON.parse(text) as Document;
  const { schemas } = components;
  const about = paths["/device/exec"]?.post?.description ?? "";
  const names = Object.keys(schemas)
    .filter((name) => name.startsWith(CONNECTION))
    .map((name) => name.slice(CONNECTION.length));
  return {
    drivers: names.map((name) => ({
      name,
      summary: summaryOf(name, about),
      connection: fieldsOf(schemas[`${CONNECTION}${name}`]),
      args: fieldsOf(schemas[`DriverArgs_${name}`]),
    })),
    options: fieldsOf(schemas.ExecRequest?.properties?.options),
  };
}

function summaryOf(name: string, about: string): string {
  const line = about.split("\n").find((each) => each.startsWith(`- \`${name}\``)) ?? "";
  return /: (.*); takes /.exec(line)?.[1] ?? "";
}

/** Those without effect, which requests written for others may hold, are nothing to offer. */
const WITHOUT_EFFECT = /^(?:Of netmiko; |No effect)/;

function fieldsOf(schema: Schema | undefined): Field[] {
  const required = new Set(schema?.required ?? []);
  return Object.entries(schema?.properties ?? {})
    .filter(([, { description = "" }]) => !WITHOUT_EFFECT.test(description))
    .map(([name, property]) => ({
      name,
      kind: kindOf(property),
      required: required.has(name),
      description: property.description ?? "",
      choices: (property.enum ?? []).map(String),
      default: property.default === undefined ? "" : String(property.default),
    }));
}

const LONG = 4096;

function kindOf(schema: Schema): Field["kind"] {
  const { type, format, enum: choices, maxLength = 0 } = schema;
  if (choices !== undefined) return "choice";
  if (type === "boolean") return "flag";
  if (type === "number" || type === "integer") return "number";
  if (type !== "string") return mayBeText(schema) ? "either" : "json";
  if (maxLength >= LONG) return "long";
  return format === "password" ? "secret" : "text";
}

function mayBeText({ type, anyOf = [] }: Schema): boolean {
  return type === "string" || anyOf.some(mayBeText);
}

/** What was typed into fields, by their names. */
export type Values = Readonly<Record<string, string>>;

export interface Wrong {
  /** As the API names places: `connection_args.port`. */
  place: string;
  msg: string;
}

/** Fields left empty are left out: the API has its own defaults. */
export function readValues(
  fields: readonly Field[],
  values: Values,
  place: string,
): { data: Record<string, unknown>; wrong: Wrong[] } {
  const data: Record<string, unknown> = {};
  const wrong: Wrong[] = [];
  for (const { name, kind } of fields) {
    const text = values[name] ?? "";
    if (text === "") continue;
    const value = readAs(kind, text);
    if (value === undefined)
      wrong.push({ place: [place, name].filter(Boolean).join("."), msg: MUST_BE[kind] ?? "" });
    else data[name] = value;
  }
  return { data, wrong };
}

const MUST_BE: Partial<Record<Field["kind"], string>> = { number: "must be a number", json: "must be JSON" };

function readAs(kind: Field["kind"], text: string): unknown {
  switch (kind) {
    case "number":
      return Number.isNaN(Number(text)) ? undefined : Number(text);
    case "flag":
      return text === "true";
    case "json":
      return parsed(text);
    case "either":
      return /^\s*[[{]/.test(text) ? (parsed(text) ?? text) : text;
    case "choice":
      return text === "true" || text === "false" ? text === "true" : text;
    default:
      return text;
  }
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
