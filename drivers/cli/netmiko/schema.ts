import { type TSchema, Type } from "../../../src/device/driver.ts";
import { type NetmikoArgument, netmikoArguments } from "./table.ts";

type Place = NetmikoArgument["place"];

const TAKES = {
  boolean: Type.Boolean(),
  number: Type.Number(),
  text: Type.Union([
    Type.String({ maxLength: 1024 }),
    Type.Array(Type.String({ maxLength: 1024 }), { maxItems: 64 }),
  ]),
};

/** Properties of a schema for those that are taken without effect. */
export function idleArgs(place: Place): Record<never, TSchema> {
  const rows = netmikoArguments.filter((row) => row.place === place);
  const idle = rows.flatMap((row) => (row.fate === "no effect" ? [[row.name, idleArg(row)]] : []));
  const only = rows.flatMap((row) => (row.fate === "only" ? [[row.name, onlyArg(row)]] : []));
  return Object.fromEntries([...idle, ...only]);
}

function idleArg({ takes = "text", says }: NetmikoArgument): TSchema {
  const description = `Of netmiko; no effect here. ${says}`;
  return Type.Optional(Type.Union([TAKES[takes], Type.Null()], { description }));
}

function onlyArg({ only, says }: NetmikoArgument): TSchema {
  const description = `Of netmiko; only ${only} here. ${says}`;
  return Type.Optional(Type.Literal(only === true, { description, expected: `${only}: ${says}` }));
}

/** Why each of those that are refused is, for a schema's `refused`. */
export function refusedArgs(place: Place): Record<string, string> {
  const refused = netmikoArguments.filter((row) => row.place === place && row.fate === "refused");
  return Object.fromEntries(refused.map(({ name, says }) => [name, says]));
}
