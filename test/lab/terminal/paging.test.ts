import { describe, expect, test } from "bun:test";
import { withLab } from "../support/with-lab.ts";

const MORE = " --More-- ";
const ERASED = `${"\b".repeat(9)}        ${"\b".repeat(9)}`;

function lineCount(text: string): number {
  return text.split("\r\n").length - 1;
}

describe("output longer than the screen", () => {
  test("stops after a page; space shows the next one, Enter one line, q ends it", async () => {
    await using lab = await withLab();
    const client = await lab.login({ rows: 24 });
    await client.until(/>$/);
    client.type("show interfaces\r");
    const first = await client.until(/ --More-- $/);
    expect(lineCount(first)).toBe(1 + 23);
    client.type(" ");
    const second = await client.until(/ --More-- $/);
    expect(second).toStartWith(ERASED);
    expect(lineCount(second)).toBe(23);
    client.type("\r");
    const third = await client.until(/ --More-- $/);
    expect(lineCount(third)).toBe(1);
    client.type("q");
    expect(await client.until(/>$/)).toBe(`${ERASED}lab-1>`);
  });

  test("is whole when every page was asked for", async () => {
    await using lab = await withLab();
    const [paged, plain] = [await lab.login({ rows: 10 }), await lab.login()];
    await plain.until(/>$/);
    await plain.run("terminal length 0");
    // Counters grow with time; what is compared is everything else.
    const stable = (text: string) =>
      text.replace(/\d+ (packets|broadcasts|bytes|multicast)/g, "$1").split(/\r?\n/);
    const whole = stable(await plain.run("show interfaces"));
    await paged.until(/>$/);
    paged.type("show interfaces\r");
    let text = "";
    for (let pages = 0; pages < 100 && !text.endsWith("lab-1>"); pages++) {
      text = text.replace(MORE, "") + (await paged.until(/ --More-- $|lab-1>$/)).replace(ERASED, "");
      if (text.endsWith(MORE)) paged.type(" ");
    }
    const pages = stable(text.replace("show interfaces\r\n", "").replace("lab-1>", ""));
    expect(pages).toEqual(whole);
    expect(whole.length).toBeGreaterThan(200);
  });

  test("the page follows the screen while nothing else is set", async () => {
    await using lab = await withLab();
    const client = await lab.login({ rows: 24 });
    await client.until(/>$/);
    client.resize(8);
    client.type("show version\r");
    expect(lineCount(await client.until(/ --More-- $/))).toBe(1 + 7);
  });

  test("terminal length sets the page, 0 turns paging off", async () => {
    await using lab = await withLab();
    const client = await lab.login();
    await client.until(/>$/);
    await client.run("terminal length 5");
    client.type("show version\r");
    expect(lineCount(await client.until(/ --More-- $/))).toBe(1 + 4);
    client.type("q");
    await client.until(/>$/);
    await client.run("terminal length 0");
    expect(await client.run("show version")).not.toContain(MORE);
  });
});
