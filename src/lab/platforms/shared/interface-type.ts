import type { ParamType } from "../../cli/params.ts";

/**
 * Interfaces by name, written out in full: `et1`, `Ethernet 1`. Each type with what its numbers look like; where a
 * name is shortened to several, the first is meant.
 */
export function interfaceType(types: Readonly<Record<string, RegExp>>): ParamType {
  const fullName = (text: string): string | null => {
    const [, short = "", number = ""] = /^([a-z-]+)(\d.*)$/i.exec(text) ?? [];
    const type = Object.keys(types).find((name) => name.toLowerCase().startsWith(short.toLowerCase()));
    return short === "" || type === undefined || !types[type]?.test(number) ? null : `${type}${number}`;
  };
  return {
    label: "INTERFACE",
    help: "Interface type and number",
    take(tokens, at) {
      const text = tokens[at]?.text ?? "";
      const joined = fullName(text);
      if (joined !== null) return { value: joined, used: 1 };
      const next = tokens[at + 1]?.text ?? "";
      const apart = /^[a-z-]+$/i.test(text) && /^\d/.test(next) ? fullName(text + next) : null;
      return apart === null ? null : { value: apart, used: 2 };
    },
  };
}
