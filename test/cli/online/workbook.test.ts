import { afterAll, beforeEach, describe, expect, test } from "bun:test";
import { resolve } from "node:path";
import { strToU8, unzipSync, zipSync } from "fflate";
import { bulkCommand } from "../../../src/cli/online/commands/bulk.ts";
import { MOST_COLUMNS, MOST_ROWS, MOST_UNPACKED, readWorkbook } from "../../../src/cli/online/xlsx.ts";
import { must } from "../../support/process.ts";
import { tempDir } from "../../support/tempdir.ts";
import { type OnlineWorld, onlineWorld } from "./support.ts";

const folder = tempDir("workbook");
afterAll(() => folder.remove());
let world: OnlineWorld;
beforeEach(async () => {
  world = await onlineWorld({ bulk: bulkCommand });
});

type Sheets = Record<string, (string | number | boolean | null)[][]>;

/** As a program writes it that is not ours. */
async function written(sheets: Sheets): Promise<Uint8Array> {
  const file = folder.file(`${crypto.randomUUID()}.xlsx`);
  const script = resolve(import.meta.dir, "workbook.py");
  await must(["/usr/bin/python3", script, file], { stdin: JSON.stringify(sheets) });
  return await Bun.file(file).bytes();
}

/** The same with one sheet as XML of our own. */
async function withSheet(xml: string): Promise<Uint8Array> {
  const parts = unzipSync(await written({ a: [["host"]] }));
  return zipSync({ ...parts, "xl/worksheets/sheet1.xml": strToU8(xml) });
}

const sheetXml = (rows: string) =>
  `<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData>${rows}</sheetData></worksheet>`;
const cellAt = (place: string) => `<c r="${place}" t="inlineStr"><is><t>x</t></is></c>`;

const DEVICES: Sheets = {
  Core: [["host"], ["192.0.2.1"]],
  "Branch & Co": [
    ["host", "port", "username", "password", "region"],
    ["192.0.2.1", 2222, "ops", "0012 <é€>", "north"],
    [" 192.0.2.2 ", null, null, null, "south"],
    [],
    ["192.0.2.3", 22, null, null, null],
  ],
};

describe("a workbook", () => {
  test("is a list of devices, with numbers as their arguments have them", async () => {
    const { code, err } = await world.netpulse(
      [
        "bulk",
        "-",
        "show version",
        "--sheet",
        "Branch & Co",
        "--group-by",
        "region",
        "--no-wait",
        "--keep-going",
      ],
      { input: await written(DEVICES) },
    );
    expect({ code, err: err.replace(/^batch .*\n/gm, "") }).toEqual({
      code: 0,
      err: "region north: 1 device\nregion south: 1 device\nregion (none): 1 device\n3 of 3 are queued\n",
    });
    expect(world.engine.submitted.map(({ request }) => request.connectionArgs)).toEqual([
      { host: "192.0.2.1", port: 2222, username: "ops", password: "0012 <é€>" },
      { host: "192.0.2.2" },
      { host: "192.0.2.3", port: 22 },
    ]);
  });

  test("is known by what it holds, and its first sheet is taken where none is named", async () => {
    await Bun.write(folder.file("list.csv"), await written(DEVICES));
    const { code, out } = await world.netpulse([
      "bulk",
      folder.file("list.csv"),
      "show version",
      "--dry-run",
    ]);
    expect({ code, out }).toEqual({ code: 0, out: "192.0.2.1\t\t\tcommand: show version\n" });
    expect(await readWorkbook(await written(DEVICES), "2")).toHaveLength(4);
  });

  test("has its texts in a table of their own, rich ones too, where Excel wrote it", async () => {
    const parts = unzipSync(await written({ a: [["host"]] }));
    const main = "http://schemas.openxmlformats.org/spreadsheetml/2006/main";
    const type = "http://schemas.openxmlformats.org/officeDocument/2006/relationships/sharedStrings";
    const rels = new TextDecoder().decode(parts["xl/_rels/workbook.xml.rels"]);
    const texts = `<si><t>host</t></si><si><r><t>192.0.</t></r><r><rPr><b/></rPr><t>2.1</t></r></si>`;
    const cell = (place: string, n: number) => `<c r="${place}" t="s"><v>${n}</v></c>`;
    const rows = `<row r="1">${cell("A1", 0)}</row><row r="2">${cell("A2", 1)}</row>`;
    const workbook = zipSync({
      ...parts,
      "xl/worksheets/sheet1.xml": strToU8(sheetXml(rows)),
      "xl/sharedStrings.xml": strToU8(`<sst xmlns="${main}">${texts}</sst>`),
      "xl/_rels/workbook.xml.rels": strToU8(
        rels.replace("</Rel", `<Relationship Id="s" Type="${type}" Target="sharedStrings.xml"/></Rel`),
      ),
    });
    expect(await readWorkbook(workbook)).toEqual([["host"], ["192.0.2.1"]]);
  });

  test.each<[string[], () => Promise<Uint8Array> | Uint8Array, string]>([
    [["--sheet", "Edge"], () => written(DEVICES), 'the workbook has no sheet "Edge"'],
    [["--sheet", "3"], () => written(DEVICES), "the workbook has no sheet 3"],
    [["--sheet", "1"], () => strToU8("host\na\n"), "--sheet is for a list that is a workbook"],
    [[], () => Uint8Array.of(0xd0, 0xcf, 0x11, 0xe0, 0), "a workbook of Excel before 2007; save it as .xlsx"],
    [[], async () => (await written(DEVICES)).slice(0, 1000), "the workbook is damaged"],
    [[], () => zipSync({ "a.xml": strToU8("<a/>") }), "the workbook is damaged"],
    [[], () => withSheet("<worksheet><sheetData><row"), "the workbook is damaged"],
    [
      [],
      () =>
        written({
          a: [
            ["host", null, "port"],
            ["a", "b"],
          ],
        }),
      "a cell in a column without a name",
    ],
    [[], () => written({ a: [["hots"]] }), '"host" is not among them'],
  ])("%p: what cannot be read is said, and nothing is sent", async (more, make, message) => {
    const { code, err } = await world.netpulse(["bulk", "-", "x", ...more], { input: await make() });
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(world.engine.submitted).toEqual([]);
  });
});

describe("a hostile workbook", () => {
  test.each([
    ["a row far below", `<row r="${MOST_ROWS + 1}">${cellAt(`A${MOST_ROWS + 1}`)}</row>`],
    ["a row that only its cell names", `<row>${cellAt("A9999999")}</row>`],
    ["a column far to the right", `<row r="1">${cellAt("XFD1")}</row>`],
    ["a place in single quotes", `<row r='9999999'></row>`],
    ["a place behind other attributes", `<row spans="1:1" x14ac:dyDescent="0.25" r = "9999999"/>`],
  ])("with %s is not filled up to there", async (_what, rows) => {
    await expect(readWorkbook(await withSheet(sheetXml(rows)))).rejects.toThrow(
      `larger than ${MOST_ROWS} rows and ${MOST_COLUMNS} columns`,
    );
  });

  test.each([
    ["an entity", `<row r="&#57;999999"></row>`],
    ["a bracket that hides it", `<row ht=">" r="9999999"></row>`],
    ["no number", `<row r="many"></row>`],
    ["more digits than any has", `<row r="99999999999"></row>`],
  ])("with %s for a place is refused", async (_what, rows) => {
    await expect(readWorkbook(await withSheet(sheetXml(rows)))).rejects.toThrow("the workbook is damaged");
  });

  test("cannot hide such a place in a part of another name", async () => {
    const parts = unzipSync(await withSheet(sheetXml(`<row r="9999999"></row>`)));
    const sheet = parts["xl/worksheets/sheet1.xml"] ?? new Uint8Array();
    const rels = new TextDecoder().decode(parts["xl/_rels/workbook.xml.rels"]);
    const moved = rels.replace(/"[^"]*worksheets\/sheet1\.xml"/, '"/xl/other.xml"');
    expect(moved).toContain("/xl/other.xml");
    const hidden = zipSync({
      ...parts,
      "xl/worksheets/sheet1.xml": strToU8(sheetXml("")),
      "xl/other.xml": sheet,
      "xl/_rels/workbook.xml.rels": strToU8(moved),
    });
    await expect(readWorkbook(hidden)).rejects.toThrow("larger than");
  });

  test("that unpacks to too much is refused before it is unpacked", async () => {
    const bomb = zipSync({ "xl/worksheets/sheet1.xml": new Uint8Array(MOST_UNPACKED + 1) });
    expect(bomb.length).toBeLessThan(100_000);
    await expect(readWorkbook(bomb)).rejects.toThrow("holds more than 64 MiB when it is unpacked");
    const many = zipSync(
      Object.fromEntries(Array.from({ length: 2000 }, (_, n) => [`${n}.xml`, strToU8("<a/>")])),
    );
    await expect(readWorkbook(many)).rejects.toThrow("holds more than");
  });

  test("that says it is small unpacks to no more than it says", async () => {
    const bomb = zipSync({ "xl/worksheets/sheet1.xml": new Uint8Array(MOST_UNPACKED + 1) });
    const view = new DataView(bomb.buffer, bomb.byteOffset, bomb.byteLength);
    const directory = Array.from(bomb.keys()).find(
      (at) => at + 4 <= bomb.length && view.getUint32(at, true) === 0x02014b50,
    );
    view.setUint32((directory ?? 0) + 24, 10, true);
    await expect(readWorkbook(bomb)).rejects.toThrow("the workbook is damaged");
  });
});
