// biome-ignore lint/suspicious/noExplicitAny: JSON of any shape
type Json = any;

/** How a value departs from a schema of an OpenAPI 3.0 document, as lines; a property it does not name counts. */
export function departures(document: Json, schema: Json, value: Json, at = "$"): string[] {
  if (schema.$ref) return departures(document, resolve(document, schema.$ref), value, at);
  if (value === null) return schema.nullable || schema.enum?.includes(null) ? [] : [`${at}: null`];
  const branches: Json[] = schema.anyOf ?? schema.allOf;
  if (branches) {
    const found = branches.map((branch) => departures(document, branch, value, at));
    return found.find((lines) => lines.length === 0) ?? found.flat();
  }
  if (schema.enum && !schema.enum.includes(value)) return [`${at}: none of ${schema.enum}`];
  if (schema.type !== undefined && !isA(schema.type, value)) return [`${at}: no ${schema.type}`];
  if (schema.type === "array") {
    return value.flatMap((entry: Json, i: number) =>
      departures(document, schema.items, entry, `${at}[${i}]`),
    );
  }
  return schema.type === "object" ? inObject(document, schema, value, at) : [];
}

function resolve(document: Json, pointer: string): Json {
  return document.components.schemas[pointer.replace("#/components/schemas/", "")];
}

function isA(type: string, value: unknown): boolean {
  if (type === "integer") return Number.isInteger(value);
  return type === (Array.isArray(value) ? "array" : typeof value);
}

function inObject(document: Json, schema: Json, value: Json, at: string): string[] {
  const missing = (schema.required ?? []).filter((name: string) => !(name in value));
  const others = schema.additionalProperties || undefined;
  return [
    ...missing.map((name: string) => `${at}.${name}: missing`),
    ...Object.entries(value).flatMap(([name, inner]) => {
      const property = schema.properties?.[name] ?? others;
      return property ? departures(document, property, inner, `${at}.${name}`) : [`${at}.${name}: unknown`];
    }),
  ];
}
