import { TemplateError } from "../../core/errors.ts";
import type { PathItem } from "./path.ts";
import { type Dict, isDict, type Value } from "./values.ts";

/** A step of a path whose variables are filled in. */
export interface Step extends Pick<PathItem, "below" | "isNull" | "text"> {
  name: string;
}

/** What a path leads to, and where that is. */
interface Place {
  parent: Dict;
  name: string;
  value: Value;
  /** The path's last step is none: what is here is not below it but beside. */
  isBeside: boolean;
}

/** Results by path: what several records go to becomes a list of them. */
export class Tree {
  readonly root: Dict;

  constructor(root: Dict) {
    this.root = root;
  }

  /** Adds a record, or an item of a list. */
  save(path: readonly Step[], record: Value): void {
    const place = this.#place(path);
    const { value, parent, name } = place;
    if (Array.isArray(value)) value.push(record);
    else if (!isDict(value) || !isDict(record)) throw this.#occupied(path);
    else if (value.size === 0 || place.isBeside) merge(value, record);
    else if (path.at(-1)?.below === "dictionary") {
      for (const [key, each] of record) if (!value.has(key)) value.set(key, each);
    } else parent.set(name, [value, record]);
  }

  /** Adds fields to the record saved last at the path. */
  update(path: readonly Step[], fields: Dict): void {
    const { value } = this.#place(path);
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (!isDict(last)) throw this.#occupied(path);
    merge(last, fields);
  }

  /** Makes what is missing on the way. */
  #place(path: readonly Step[]): Place {
    let place: Place = { parent: this.root, name: "", value: this.root, isBeside: false };
    for (const [at, step] of path.entries()) {
      const parent = this.#dictIn(place.value, path);
      if (step.isNull) {
        place = { ...place, value: parent, isBeside: at === path.length - 1 };
        continue;
      }
      if (!parent.has(step.name)) parent.set(step.name, step.below === "list" ? [] : new Map());
      place = { parent, name: step.name, value: parent.get(step.name) ?? null, isBeside: false };
    }
    return place;
  }

  /** Of a list the last element counts. */
  #dictIn(value: Value, path: readonly Step[]): Dict {
    if (Array.isArray(value) && value.length === 0) value.push(new Map());
    const last = Array.isArray(value) ? value.at(-1) : value;
    if (isDict(last)) return last;
    throw this.#occupied(path);
  }

  #occupied(path: readonly Step[]): TemplateError {
    // As the template writes it: what is filled in comes from the device.
    const names = path.map(({ text }) => text).join(".");
    return new TemplateError(`a value is in the way of the results at ${names}`);
  }
}

function merge(into: Dict, fields: Dict): void {
  for (const [name, value] of fields) into.set(name, value);
}
