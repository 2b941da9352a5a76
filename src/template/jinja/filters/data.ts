import { TemplateError } from "../../../core/errors.ts";
import {
  type Dict,
  dict,
  dictOf,
  type Filters,
  integer,
  isDict,
  isTrue,
  list,
  text,
  type Value,
} from "../value.ts";

/** Of Ansible, for what is not text. */
export const DATA_FILTERS: Filters = {
  b64encode: { run: (value) => Buffer.from(text(value)).toString("base64") },
  b64decode: { run: (value) => Buffer.from(text(value), "base64").toString() },
  bool: { run: (value) => TRUE_WORDS.includes(String(value).toLowerCase()) },
  combine: {
    params: ["other", "recursive"],
    run: (value, { other, recursive }) =>
      combined(dict(value), dict(other, "what is combined"), isTrue(recursive)),
  },
  dict2items: {
    params: ["key_name", "value_name"],
    run: (value, { key_name = "key", value_name = "value" }) =>
      Object.entries(dict(value)).map(([name, inner]) =>
        dictOf([
          [text(key_name), name],
          [text(value_name), inner],
        ]),
      ),
  },
  items2dict: {
    params: ["key_name", "value_name"],
    run: (value, { key_name = "key", value_name = "value" }) =>
      dictOf(
        list(value).map((item) => {
          const each = dict(item, "an item");
          return [text(each[text(key_name)], "a key"), each[text(value_name)]] as const;
        }),
      ),
  },
  difference: {
    params: ["other"],
    run: (value, { other }) =>
      unique(list(value)).filter((each) => !has(list(other, "the other list"), each)),
  },
  intersect: {
    params: ["other"],
    run: (value, { other }) => unique(list(value)).filter((each) => has(list(other, "the other list"), each)),
  },
  union: {
    params: ["other"],
    run: (value, { other }) => unique([...list(value), ...list(other, "the other list")]),
  },
  flatten: {
    params: ["levels"],
    run: (value, { levels = 100 }) => flat(list(value), integer(levels, "levels")),
  },
  mandatory: { run: (value) => value },
  split: {
    params: ["sep", "maxsplit"],
    run: (value, { sep, maxsplit = -1 }) =>
      split(
        text(value),
        sep === undefined ? null : text(sep, "the separator"),
        integer(maxsplit, "maxsplit"),
      ),
  },
  ternary: {
    params: ["true_val", "false_val", "none_val"],
    takesNothing: true,
    run: (value, { true_val, false_val, none_val }) => {
      if (value === undefined && none_val !== undefined) return none_val;
      return isTrue(value) ? true_val : false_val;
    },
  },
  zip: {
    params: ["other"],
    run: (value, { other }) => {
      const others = list(other, "the other list");
      return list(value)
        .slice(0, others.length)
        .map((each, at) => [each, others[at]]);
    },
  },
};

const TRUE_WORDS = ["true", "yes", "on", "1", "y", "t"];

function combined(first: Dict, second: Dict, recursive: boolean): Dict {
  const made = dictOf(Object.entries(first));
  for (const [name, value] of Object.entries(second)) {
    const before = made[name];
    made[name] = recursive && isDict(before) && isDict(value) ? combined(before, value, true) : value;
  }
  return made;
}

function has(values: readonly Value[], wanted: Value): boolean {
  return values.some((each) => Bun.deepEquals(each, wanted, true));
}

function unique(values: readonly Value[]): Value[] {
  const seen = new Set<string>();
  return values.filter((each) => {
    const key = JSON.stringify(each) ?? "null";
    return seen.has(key) ? false : seen.add(key) !== undefined;
  });
}

function flat(values: readonly Value[], levels: number): Value[] {
  return values.flatMap((each) => (Array.isArray(each) && levels > 0 ? flat(each, levels - 1) : [each]));
}

/** As Python's `str.split`. */
function split(value: string, separator: string | null, most: number): string[] {
  if (separator === "") throw new TemplateError("split needs a separator that is not empty");
  const all = separator === null ? value.trim().split(/\s+/) : value.split(separator);
  if (separator === null && all[0] === "") return [];
  if (most < 0 || all.length <= most + 1) return all;
  if (separator !== null) return [...all.slice(0, most), all.slice(most).join(separator)];
  let rest = value.trimStart();
  for (let n = 0; n < most; n++) rest = rest.replace(/^\S+\s*/, "");
  return [...all.slice(0, most), rest];
}
