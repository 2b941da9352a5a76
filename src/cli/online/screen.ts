import type { Io } from "../cli.ts";
import { csvLine } from "./csv.ts";
import { type Column, cellOf, tableLines } from "./table-lines.ts";
import type { Terminal } from "./terminal.ts";
import { harmless, oneLine, type Paint, pad, painted } from "./text.ts";

export type { Column } from "./table-lines.ts";

export type Format = "people" | "json" | "csv";

/** What a command says, as its format and its reader want it. */
export class Screen {
  readonly #io: Io;
  readonly #terminal: Terminal;
  readonly format: Format;

  constructor(io: Io, terminal: Terminal, format: Format) {
    this.#io = io;
    this.#terminal = terminal;
    this.format = format;
  }

  /** A table for people, lines with tabs for a pipe, or the rows as JSON or CSV. */
  list<T>(rows: readonly T[], columns: readonly Column<T>[], nothing: string): void {
    if (this.format === "json") this.json(rows);
    else if (this.format === "csv") this.#csv(rows, columns);
    else if (!this.#terminal.out) this.#lines(rows, columns);
    else if (rows.length === 0) this.note(nothing);
    else this.#table(rows, columns);
  }

  /** One thing: a line for each of its columns, or it as JSON or CSV. */
  record<T>(row: T, columns: readonly Column<T>[]): void {
    if (this.format === "json") return this.json(row);
    if (this.format === "csv") return this.#csv([row], columns);
    const width = Math.max(...columns.map(({ name }) => name.length));
    for (const column of columns) {
      const cell = cellOf(column, row);
      if (cell === "" && this.#terminal.out) continue;
      const { color, out } = this.#terminal;
      if (!out) this.#io.out(`${column.name}\t${cell}\n`);
      else
        this.#io.out(
          `${painted(pad(column.name, width), "bold", color)}  ${painted(cell, column.paint?.(row) ?? null, color)}\n`,
        );
    }
  }

  json(value: unknown): void {
    this.#io.out(`${JSON.stringify(value, null, 2)}\n`);
  }

  /** A line of JSON for each thing, as it comes. */
  jsonLine(value: unknown): void {
    this.#io.out(`${JSON.stringify(value)}\n`);
  }

  csvRow(cells: readonly (string | number | null)[]): void {
    this.#io.out(csvLine(cells));
  }

  /** What a device printed: to a terminal without what would control it, to a pipe as it is. */
  output(text: string): void {
    this.#io.out(this.#terminal.out ? harmless(text) : text);
  }

  heading(text: string): void {
    this.#io.out(`${painted(oneLine(text), "cyan", this.#terminal.color)}\n`);
  }

  line(text: string, paint: Paint | null = null): void {
    this.#io.out(`${painted(oneLine(text), paint, this.#terminal.color)}\n`);
  }

  /** Beside what was asked for. */
  note(text: string): void {
    this.#io.err(`${oneLine(text)}\n`);
  }

  #table<T>(rows: readonly T[], columns: readonly Column<T>[]): void {
    const { color, columns: room } = this.#terminal;
    for (const line of tableLines(rows, columns, { room, color })) this.#io.out(`${line}\n`);
  }

  #lines<T>(rows: readonly T[], columns: readonly Column<T>[]): void {
    for (const row of rows) this.#io.out(`${columns.map((column) => cellOf(column, row)).join("\t")}\n`);
  }

  #csv<T>(rows: readonly T[], columns: readonly Column<T>[]): void {
    this.#io.out(csvLine(columns.map(({ name }) => name)));
    for (const row of rows) this.#io.out(csvLine(columns.map((column) => column.of(row))));
  }
}
