import { TemplateError } from "../../core/errors.ts";
import type { Group } from "./group.ts";
import { loadDict } from "./load.ts";
import type { Dict, Value } from "./values.ts";
import { textOf, type XmlElement } from "./xml.ts";

/** Texts that some groups parse. */
export interface Input {
  name: string;
  texts: readonly string[];
  groups: readonly Group[];
}

export const INPUT_TAGS = ["input", "in", "i"];
/** The input that the text of a request is. */
export const DEFAULT_INPUT = "Default_Input";

const REFUSED: Readonly<Record<string, string>> = {
  url: "data comes with the request, or in the template",
  extensions: "data comes with the request, or in the template",
  filters: "data comes with the request, or in the template",
  source: "data comes with the request, or in the template",
  commands: "data comes with the request, or in the template",
  macro: "it is code that comes with the template",
  extract_commands: "functions of inputs are not known",
  functions: "functions of inputs are not known",
};

export function compileInput(element: XmlElement, groups: readonly Group[]): Input {
  const { attributes, line } = element;
  const settings: Dict = new Map([...attributes].map(([name, { value }]): [string, Value] => [name, value]));
  const isText = attributes.get("load")?.value.trim() === "text";
  const text = textOf(element.text);
  if (!isText && text.trim() !== "") for (const [name, value] of loadDict(element)) settings.set(name, value);
  check(settings, line);
  if (!isText || text.trim() === "") {
    throw new TemplateError('an input has its text inside, and load="text"', { line });
  }
  const given = settings.get("name");
  const name = typeof given === "string" ? given.trim() : DEFAULT_INPUT;
  return { name, texts: [text], groups: groupsOf(name, settings.get("groups") ?? "all", groups, line) };
}

function check(settings: Dict, line: number): void {
  for (const name of settings.keys()) {
    if (name === "name" || name === "groups" || name === "load") continue;
    const why = Object.hasOwn(REFUSED, name) ? REFUSED[name] : undefined;
    const reason =
      why === undefined ? `an input has no ${name}` : `${name} of an input is not supported: ${why}`;
    throw new TemplateError(reason, { line });
  }
}

/** Groups that name the input, or else those that the input names; a group that names inputs is for those. */
export function groupsOf(
  name: string,
  wanted: Value,
  groups: readonly Group[],
  line: number | null,
): Group[] {
  const naming = groups.filter(({ inputs }) => inputs.includes(name));
  if (naming.length > 0) return naming;
  const names = Array.isArray(wanted)
    ? wanted
    : String(wanted)
        .split(",")
        .map((each) => each.trim());
  const open = groups.filter(({ inputs }) => inputs.length === 0);
  const pathOf = ({ path }: Group) => path.map(({ text }) => text).join(".");
  if (names.includes("all")) return open;
  const missing = names.find((each) => !groups.some((group) => pathOf(group) === each));
  if (missing !== undefined) throw new TemplateError(`there is no group ${String(missing)}`, { line });
  return open.filter((group) => names.includes(pathOf(group)));
}
