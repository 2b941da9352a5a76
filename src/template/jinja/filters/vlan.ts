import { TemplateError } from "../../../core/errors.ts";
import { type Filters, integer, list, text, type Value } from "../value.ts";

const MAX_VLAN = 4094;

/** `vlan_parser` and `vlan_expander` of ansible.netcommon. */
export const VLAN_FILTERS: Filters = {
  vlan_expander: { run: (value) => expanded(text(value)) },
  vlan_parser: {
    params: ["first_line_len", "other_line_len"],
    run: (value, { first_line_len = 48, other_line_len = 44 }) =>
      lines(
        ranges(list(value).map(vlan)),
        integer(first_line_len, "first_line_len"),
        integer(other_line_len, "other_line_len"),
      ),
  },
};

function vlan(value: Value): number {
  const id = integer(value, "a VLAN");
  if (id < 1 || id > MAX_VLAN) throw new TemplateError(`a VLAN is a number from 1 to ${MAX_VLAN}`);
  return id;
}

function expanded(value: string): number[] {
  return value.split(",").flatMap((part) => {
    const [from = "", to = from, more] = part.trim().split("-");
    if (more !== undefined) throw new TemplateError("a range of VLANs is two numbers with a dash");
    const [first, last] = [vlan(from), vlan(to)];
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, at) => first + at);
  });
}

/** Two neighbours stay two; three or more become a range. */
function ranges(vlans: readonly number[]): string[] {
  const sorted = [...new Set(vlans)].sort((a, b) => a - b);
  const made: string[] = [];
  for (let from = 0, to = 0; from < sorted.length; from = to + 1) {
    to = from;
    while (sorted[to + 1] === (sorted[to] ?? 0) + 1) to++;
    if (to - from < 2) made.push(...sorted.slice(from, to + 1).map(String));
    else made.push(`${sorted[from]}-${sorted[to]}`);
  }
  return made;
}

function lines(parts: readonly string[], first: number, other: number): string[] {
  const made: string[] = [];
  let line = "";
  for (const part of parts) {
    const next = line === "" ? part : `${line},${part}`;
    if (next.length <= (made.length === 0 ? first : other) || line === "") line = next;
    else {
      made.push(line);
      line = part;
    }
  }
  return line === "" ? made : [...made, line];
}
