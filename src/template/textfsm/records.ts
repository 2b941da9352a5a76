import { TemplateError } from "../../core/errors.ts";
import type { Limits } from "../limits.ts";
import { Cell, type Field, type Item, isEmpty, type Nested } from "./cell.ts";
import type { Value } from "./value.ts";

/** The records of a text, and the one that is being put together. */
export class Records {
  readonly rows: Field[][] = [];
  readonly #cells: readonly Cell[];
  readonly #byName: ReadonlyMap<string, Cell>;
  readonly #limits: Pick<Limits, "records" | "result">;
  #size = 0;

  constructor(values: readonly Value[], limits: Pick<Limits, "records" | "result">) {
    this.#cells = values.map((value, index) => new Cell(value, index));
    this.#byName = new Map(this.#cells.map((cell) => [cell.value.name, cell]));
    this.#limits = limits;
  }

  value(name: string): Value | null {
    return this.#byName.get(name)?.value ?? null;
  }

  assign(name: string, text: string | null, nested: Nested | null): void {
    const cell = this.#byName.get(name);
    if (!cell) return;
    cell.assign(text, nested);
    if (text !== null && text !== "" && cell.value.options.includes("Fillup")) this.#fillUp(cell.index, text);
  }

  /** Into the records before, up to the last that has something there. */
  #fillUp(index: number, text: string): void {
    for (let at = this.rows.length - 1; at >= 0; at--) {
      const row = this.rows[at];
      if (!row || !isEmpty(row[index] ?? "")) return;
      row[index] = text;
      this.#grow(text.length);
    }
  }

  /** Adds the record, unless it lacks what is required or has nothing at all. */
  record(): void {
    if (this.#cells.length === 0) return;
    const row: (Field | null)[] = [];
    for (const cell of this.#cells) {
      const field = cell.save();
      if (field === undefined) return this.clear();
      row.push(field);
    }
    if (row.every((field) => field === null || (Array.isArray(field) && field.length === 0))) return;
    if (this.rows.length >= this.#limits.records) {
      throw new TemplateError(`the text makes more than ${this.#limits.records} records`);
    }
    this.#grow(row.reduce((sum, field) => sum + sizeOf(field), 0));
    this.rows.push(row.map((field) => (Array.isArray(field) ? [...field] : (field ?? ""))));
    this.clear();
  }

  clear(): void {
    for (const cell of this.#cells) cell.clear();
  }

  clearAll(): void {
    for (const cell of this.#cells) cell.clearAll();
  }

  #grow(by: number): void {
    this.#size += by;
    if (this.#size > this.#limits.result) {
      throw new TemplateError(`the records hold more than ${this.#limits.result} characters`);
    }
  }
}

/** Something even where nothing is: a field takes room by itself. */
function sizeOf(field: Field | null): number {
  if (!Array.isArray(field)) return 1 + (field?.length ?? 0);
  return field.reduce((sum, item) => sum + sizeOfItem(item), 1);
}

function sizeOfItem(item: Item): number {
  if (item === null || typeof item === "string") return sizeOf(item);
  return Object.entries(item).reduce((sum, [name, text]) => sum + name.length + sizeOf(text), 1);
}
