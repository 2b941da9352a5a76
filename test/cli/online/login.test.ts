import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { healthCommand } from "../../../src/cli/online/commands/health.ts";
import { loginCommand } from "../../../src/cli/online/commands/login.ts";
import { KEY } from "../../api/client.ts";
import { HEALTHY } from "../../api/memory-engine.ts";
import { freePort } from "../../support/ports.ts";
import { type TempDir, tempDir } from "../../support/tempdir.ts";
import { type OnlineWorld, onlineWorld, people } from "./support.ts";

let world: OnlineWorld;
let home: TempDir;
beforeAll(async () => {
  world = await onlineWorld({ login: loginCommand, health: healthCommand });
  home = tempDir("login");
});
afterAll(() => home.remove());

/** Without what would name another server. */
const bare = () => ({
  HOME: home.path,
  NETPULSE_URL: "",
  NETPULSE_API_KEY: "",
  NETPULSE_DATA_DIR: home.path,
});
const file = () => join(home.path, ".config/netpulse/login.json");

describe("netpulse login", () => {
  test("tries the key, keeps it for its owner alone, and other commands use it", async () => {
    const { code, out, err } = await world.netpulse(["login", world.url], { env: bare(), input: `${KEY}\n` });
    expect({ code, out, err }).toEqual({ code: 0, out: `kept in ${file()}\n`, err: "" });
    expect(statSync(file()).mode & 0o777).toBe(0o600);
    expect(statSync(join(home.path, ".config/netpulse")).mode & 0o777).toBe(0o700);
    expect(JSON.parse(readFileSync(file(), "utf8"))).toEqual({ url: world.url, api_key: KEY });
    expect((await world.netpulse(["health"], { env: bare() })).code).toBe(0);
  });

  test("keeps a key that may not do much", async () => {
    await using narrow = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch: () => Response.json({ code: -1, message: "the key may not", data: null }, { status: 403 }),
    });
    const { code } = await world.netpulse(["login", narrow.url.origin], { env: bare(), input: "np_narrow" });
    expect(code).toBe(0);
    expect(JSON.parse(readFileSync(file(), "utf8"))).toMatchObject({ api_key: "np_narrow" });
  });

  test("asks people for it", async () => {
    const asked: [string, unknown][] = [];
    const terminal = {
      ...people(),
      ask: async (question: string, options: unknown) => {
        asked.push([question, options]);
        return KEY;
      },
    };
    expect((await world.netpulse(["login", world.url], { env: bare(), terminal })).code).toBe(0);
    expect(asked).toEqual([[`API key for ${world.url}: `, { hidden: true }]]);
  });

  test("keeps no wrong key, and does not say it again", async () => {
    await world.netpulse(["login", "--forget"], { env: bare() });
    const { code, out, err } = await world.netpulse(["login", world.url], {
      env: bare(),
      input: "s3cret-wrong",
    });
    expect({ code, out, err }).toEqual({ code: 3, out: "", err: `netpulse: ${world.url}: wrong API key\n` });
    expect(existsSync(file())).toBe(false);
  });

  test.each([
    ["no key", "", "no key was given"],
    ["a key with a space", "s3cret key", "an API key has printable ASCII characters"],
  ])("refuses %s", async (_what, input, message) => {
    const { code, err } = await world.netpulse(["login", world.url], { env: bare(), input });
    expect(code).toBe(2);
    expect(err).toContain(message);
    expect(err).not.toContain("s3cret");
  });

  test("a login that others can read is not used", async () => {
    await world.netpulse(["login", world.url], { env: bare(), input: KEY });
    chmodSync(file(), 0o644);
    const { code, err } = await world.netpulse(["health"], { env: bare() });
    expect(code).toBe(2);
    expect(err).toContain("can be read by others; chmod 600 it");
    chmodSync(file(), 0o600);
    writeFileSync(file(), `{"url": 1, "api_key": "${KEY}"}`);
    const broken = await world.netpulse(["health"], { env: bare() });
    expect(broken).toMatchObject({
      code: 2,
      err: `netpulse: ${file()} is not a login; make it anew with netpulse login\n`,
    });
  });

  test("the kept key goes to no other URL", async () => {
    await world.netpulse(["login", "--forget"], { env: bare() });
    await world.netpulse(["login", world.url], { env: bare(), input: KEY });
    const seen: (string | null)[] = [];
    await using other = Bun.serve({
      port: 0,
      hostname: "127.0.0.1",
      fetch({ headers }) {
        seen.push(headers.get("x-api-key"));
        return Response.json({ code: -1, message: "no API key", data: null }, { status: 401 });
      },
    });
    const { code, err } = await world.netpulse(["health", "--url", other.url.origin], { env: bare() });
    expect({ code, seen }).toEqual({ code: 3, seen: [null] });
    expect(err).toContain("no API key; netpulse login keeps one");
  });

  test("without one, the server of this folder is asked, with the key it made", async () => {
    await world.netpulse(["login", "--forget"], { env: bare() });
    writeFileSync(home.file("api-key"), `${KEY}\n`);
    const env = { ...bare(), NETPULSE_SERVER__PORT: new URL(world.url).port };
    expect((await world.netpulse(["health"], { env })).code).toBe(0);
    expect((await world.netpulse(["health", "--url", world.url], { env })).code).toBe(0);
  });
});

describe("netpulse health", () => {
  test("prints lines for a pipe, colours for people, JSON and CSV for programs", async () => {
    const { code, out } = await world.netpulse(["health"]);
    expect(code).toBe(0);
    expect(out).toMatch(/^status\tok\ndown\t\nversion\t/);
    expect(out).toMatch(/^workers\t1 busy, 7 idle, 0 suspended, 0 dead$/m);
    expect(out).not.toContain("\x1b");
    const coloured = await world.netpulse(["health"], { terminal: people() });
    expect(coloured.out).toContain("\x1b[32mok\x1b[0m");
    expect(coloured.out).not.toContain("down");
    const json = await world.netpulse(["health", "--json"]);
    expect(JSON.parse(json.out)).toMatchObject({ status: "ok", jobs: { queued: 3 } });
    const csv = await world.netpulse(["health", "--csv"]);
    expect(csv.out).toMatch(/^status,down,version,uptime,storage,.*\r\nok,,/);
    expect((await world.netpulse(["health", "--csv", "--json"])).code).toBe(2);
  });

  test("says what is down, with exit code 1", async () => {
    world.engine.report = async () => ({ ...HEALTHY, ok: false, down: ["storage: gone"] });
    // An answer is used again for a second.
    const again = await onlineWorld({ health: healthCommand });
    again.engine.report = world.engine.report;
    const { code, out } = await again.netpulse(["health"]);
    expect(code).toBe(1);
    expect(out).toMatch(/^status\tdown\ndown\tstorage: gone$/m);
  });

  test("says where nobody answers, with exit code 3", async () => {
    const url = `http://127.0.0.1:${await freePort()}`;
    const { code, err } = await world.netpulse(["health", "--url", url]);
    expect({ code, err }).toEqual({
      code: 3,
      err: expect.stringMatching(
        /^netpulse: http:\S+: nobody listens at this address\nnetpulse serve starts .*--url, /,
      ),
    });
  });

  test.each([["ftp://np"], ["nonsense"]])("refuses %s as a URL", async (url) => {
    expect(await world.netpulse(["health", "--url", url])).toMatchObject({
      code: 2,
      err: "netpulse: the URL of NetPulse must begin with http:// or https://\n",
    });
  });
});
