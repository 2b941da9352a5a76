import { unzipSync, zipSync } from "fflate";
import { readSheet } from "read-excel-file/universal";
import { CommandError, usage } from "./exit.ts";

/** More devices than a bulk request can have, and more arguments than a device has. */
export const MOST_ROWS = 100_001;
export const MOST_COLUMNS = 200;

/** Of all its XML together; ten thousand devices take some 5 MiB. */
export const MOST_UNPACKED = 64 * 1024 * 1024;

const MOST_PARTS = 1000;

/** Whether these are the bytes of a workbook, whatever the file is called. */
export function isWorkbook(bytes: Uint8Array): boolean {
  return startsWith(bytes, [0x50, 0x4b, 0x03, 0x04]);
}

/** Of Excel before 2007. */
export function isOldWorkbook(bytes: Uint8Array): boolean {
  return startsWith(bytes, [0xd0, 0xcf, 0x11, 0xe0]);
}

function startsWith(bytes: Uint8Array, magic: readonly number[]): boolean {
  return magic.every((byte, at) => bytes[at] === byte);
}

/** The cells of a sheet as text, rows without any left out. `sheet`: its name, or its place from 1 on. */
export async function readWorkbook(bytes: Uint8Array, sheet = "1"): Promise<string[][]> {
  const parts = unpack(bytes);
  // Any of them: the workbook says which part is a sheet.
  for (const part of Object.values(parts)) checkExtent(new TextDecoder().decode(part));
  // What was measured is what is read: stored as it is, there is nothing to unpack any more.
  const plain = zipSync(parts, { level: 0 });
  const rows = await cellsOf(plain, /^\d+$/.test(sheet) ? Number(sheet) : sheet);
  return rows.map((row) => withoutEnd(row.map(textOf))).filter((row) => row.length > 0);
}

/** Refused before a byte is unpacked: nothing comes out longer than the archive's directory says. */
function unpack(bytes: Uint8Array): Record<string, Uint8Array> {
  let size = 0;
  let count = 0;
  try {
    return unzipSync(bytes, {
      filter({ name, originalSize }) {
        if (!/\.(xml|rels)$/.test(name)) return false;
        size += originalSize;
        count += 1;
        if (size > MOST_UNPACKED || count > MOST_PARTS)
          throw usage(`the workbook holds more than ${MOST_UNPACKED / 1024 ** 2} MiB when it is unpacked`);
        return true;
      },
    });
  } catch (error) {
    if (error instanceof CommandError) throw error;
    throw usage("the workbook is damaged: it cannot be unpacked");
  }
}

const TAG = /<(?:row|c)(?=[\s/>])([^>]*)>/g;

/** Attributes as every program writes them: no `>` and no entity in them that would hide where a cell is. */
const ATTRIBUTES = /^(?:\s+[\w:.-]+\s*=\s*(?:"[^"<>&]*"|'[^'<>&]*'))*\s*\/?$/;
const PLACE = /\sr\s*=\s*["']([A-Z]{0,3})(\d{1,7})["']/;

/** One cell far out makes the reader fill all that is between. */
function checkExtent(xml: string): void {
  for (const [, attributes = ""] of xml.matchAll(TAG)) {
    if (!ATTRIBUTES.test(attributes)) throw usage("the workbook is damaged: a cell is not well-formed");
    if (!/\sr\s*=/.test(attributes)) continue;
    const [, column = "", row = ""] = PLACE.exec(attributes) ?? [];
    if (row === "") throw usage("the workbook is damaged: a cell has no place");
    if (Number(row) > MOST_ROWS || columnNumber(column) > MOST_COLUMNS)
      throw usage(
        `the sheet is larger than ${MOST_ROWS} rows and ${MOST_COLUMNS} columns: ${column}${row} is used`,
      );
  }
}

function columnNumber(letters: string): number {
  return [...letters].reduce((sum, letter) => sum * 26 + letter.charCodeAt(0) - 64, 0);
}

async function cellsOf(bytes: Uint8Array<ArrayBuffer>, sheet: string | number): Promise<unknown[][]> {
  try {
    return (await readSheet(new Blob([bytes]), sheet)) as unknown[][];
  } catch (error) {
    if (error instanceof Error && error.name === "SheetNotFoundError")
      throw usage(`the workbook has no sheet ${JSON.stringify(sheet)}`);
    // The reader's words may quote a cell, and that a password.
    throw usage("the workbook is damaged: it cannot be read");
  }
}

/** The reader fills rows up to the longest. */
function withoutEnd(row: string[]): string[] {
  return row.slice(0, row.findLastIndex((cell) => cell !== "") + 1);
}

function textOf(cell: unknown): string {
  if (cell === null || cell === undefined) return "";
  return cell instanceof Date ? cell.toISOString() : String(cell).trim();
}
