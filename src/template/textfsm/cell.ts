import type { Value } from "./value.ts";

/** Groups of a List's own regex, by name. */
export type Nested = { [name: string]: string | null };
export type Item = string | Nested | null;
/** A field of a record: a text, or what a List has gathered. */
export type Field = string | Item[];

/** The value of a field while its record is being put together. */
export class Cell {
  readonly value: Value;
  readonly index: number;
  /** Null: nothing was matched. A List shows its items here only while its record is saved. */
  current: Field | null = null;
  #filled: Field | null = null;
  #items: Item[] = [];

  constructor(value: Value, index: number) {
    this.value = value;
    this.index = index;
  }

  /** `nested`: what the List's own regex takes `text` apart into, if anything. */
  assign(text: string | null, nested: Nested | null): void {
    this.current = text;
    for (const option of this.value.options) {
      if (option === "Filldown") this.#filled = text;
      else if (option === "List") this.#items.push(nested ?? text);
    }
  }

  /** For a new record: keeps what is to be filled down. */
  clear(): void {
    const { options } = this.value;
    this.current = options.includes("Filldown") ? this.#filled : null;
    if (!options.includes("Filldown")) this.#items = [];
  }

  clearAll(): void {
    this.current = null;
    this.#filled = null;
    this.#items = [];
  }

  /** What goes into the record, a List's items still to be copied; `undefined` forbids the record. */
  save(): Field | null | undefined {
    for (const option of this.value.options) {
      if (option === "Required" && isEmpty(this.current)) return undefined;
      if (option === "List") this.current = this.#items;
    }
    return this.current;
  }
}

/** As Python takes it for false. */
export function isEmpty(field: Field | null): boolean {
  return field === null || field.length === 0;
}
