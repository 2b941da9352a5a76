import { TemplateError } from "../../core/errors.ts";
import { trimEnd } from "../lines.ts";
import type { Dict, Value } from "./values.ts";
import type { XmlText } from "./xml.ts";

/** Sections of names and values, as Python's `configparser` reads them; names keep their case. */
export function loadIni(lines: readonly XmlText[]): Dict {
  return new IniReader().read(lines);
}

interface Option {
  name: string;
  parts: string[];
  line: number;
}

class IniReader {
  readonly #sections = new Map<string, Option[]>();
  #options: Option[] | null = null;
  #indent = 0;

  read(lines: readonly XmlText[]): Dict {
    for (const { text, line } of lines) this.#take(trimEnd(text), line);
    const defaults = this.#sections.get("DEFAULT") ?? [];
    const result: Dict = new Map();
    for (const [name, options] of this.#sections) {
      const all = [...defaults, ...options].map((option): [string, Value] => [
        option.name,
        textOfOption(option),
      ]);
      if (name !== "DEFAULT" || all.length > 0) result.set(name, new Map(all));
    }
    return result;
  }

  #take(text: string, line: number): void {
    const content = text.trimStart();
    const indent = text.length - content.length;
    const last = this.#options?.at(-1);
    if (/^[#;]/.test(content)) return;
    if (last !== undefined && (content === "" || indent > this.#indent)) {
      last.parts.push(content);
      return;
    }
    if (content === "") return;
    this.#indent = indent;
    const section = /^\[(.+)\]$/.exec(content)?.[1];
    if (section === undefined) this.#option(content, line);
    else this.#section(section, line);
  }

  #section(name: string, line: number): void {
    if (this.#sections.has(name)) throw new TemplateError(`the section ${name} is there twice`, { line });
    this.#options = [];
    this.#sections.set(name, this.#options);
  }

  #option(content: string, line: number): void {
    if (this.#options === null) throw new TemplateError("expected a section: [name]", { line });
    const at = content.search(/[=:]/);
    const name = trimEnd(content.slice(0, at));
    if (at < 0 || name === "") {
      throw new TemplateError("expected name = value, or name : value", { line });
    }
    if (this.#options.some((option) => option.name === name)) {
      throw new TemplateError(`the name ${name} is there twice in its section`, { line });
    }
    this.#options.push({ name, parts: [content.slice(at + 1).trimStart()], line });
  }
}

/** Lines that belong together, without the blank ones at the end. `%%` is a percent sign. */
function textOfOption({ parts, line }: Option): string {
  return trimEnd(parts.join("\n")).replace(/%(.?)/g, (_whole, next: string) => {
    if (next === "%") return "%";
    throw new TemplateError("a % of an INI value must be doubled; %(name)s is not supported", { line });
  });
}
