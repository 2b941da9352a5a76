import { afterAll, beforeAll, beforeEach, describe, expect, test } from "bun:test";
import { writeFileSync } from "node:fs";
import { parseCommand } from "../../../src/cli/online/commands/parse.ts";
import { renderCommand } from "../../../src/cli/online/commands/render.ts";
import { type TempDir, tempDir } from "../../support/tempdir.ts";
import { type OnlineWorld, onlineWorld, people } from "./support.ts";

let folder: TempDir;
beforeAll(() => {
  folder = tempDir("templates");
  writeFileSync(folder.file("hostname.cfg"), "hostname {{ name }}");
  writeFileSync(folder.file("ports.textfsm"), FSM);
  writeFileSync(folder.file("vars.yaml"), "name: core-1\nvlans: [10, 20]\n");
});
afterAll(() => folder.remove());

let world: OnlineWorld;
beforeEach(async () => {
  world = await onlineWorld({ render: renderCommand, parse: parseCommand });
});

const FSM = String.raw`Value PORT (Et\d+)
Value STATE (up|down)
Value List VLAN (\d+)

Start
  ^Et -> Continue.Record
  ^$PORT $STATE $VLAN$$
  ^ +$VLAN$$
`;
const PRINTED = "Et1 up 10\n 20\nEt2 down 30\n";

describe("netpulse render", () => {
  test("renders a file with variables of a file and of options, which count more", async () => {
    const argv = ["render", folder.file("hostname.cfg"), "--context", folder.file("vars.yaml")];
    expect(await world.netpulse(argv)).toEqual({ code: 0, out: "hostname core-1\n", err: "" });
    expect((await world.netpulse([...argv, "--set", "name=edge 2"])).out).toBe("hostname edge 2\n");
  });

  test("takes template or variables from stdin, and values as JSON", async () => {
    const input = "{% for v in vlans %}\nvlan {{ v }}\n{% endfor %}\n";
    const argv = ["render", "-", "--set", "vlans=[10, 20]", "--trim-blocks"];
    expect((await world.netpulse(argv, { input })).out).toBe("vlan 10\nvlan 20\n");
    const context = ["render", folder.file("hostname.cfg"), "-c", "-"];
    expect((await world.netpulse(context, { input: '{"name": "by json"}' })).out).toBe("hostname by json\n");
  });

  test("prints JSON and CSV, and to a terminal nothing that controls it", async () => {
    const argv = ["render", "-", "--set", 'x="\\u001b]0;a\\u0007"'];
    const input = 'a "{{ x }}"\nb\n';
    expect(JSON.parse((await world.netpulse([...argv, "--json"], { input })).out)).toBe(
      'a "\x1b]0;a\x07"\nb',
    );
    expect((await world.netpulse([...argv, "--csv"], { input: "a\nb\n" })).out).toBe('text\r\n"a\nb"\r\n');
    expect((await world.netpulse(argv, { input, terminal: people() })).out).toBe('a "␛]0;a␇"\nb\n');
  });

  test("asks the API for what it has stored, and for nothing else", async () => {
    const { code, err } = await world.netpulse(["render", "--stored", "cisco/none.j2"]);
    expect({ code, err }).toEqual({ code: 2, err: expect.stringContaining("template folder") });
  });

  test.each<[string[], string, string]>([
    [[], "", "give a template, or --stored with its path"],
    [["-", "-c", "-"], "", "cannot both come by stdin"],
    [["-", "--stored", "x"], "a", "give a template or --stored, not both"],
    [["-"], "  \n", "stdin holds no template"],
    [["-", "--set", "x"], "a", "--set is written as name=value"],
    [["-", "-c", "/nowhere"], "a", "/nowhere cannot be read (ENOENT)"],
    [["-", "--undefined", "strickt"], "a", "Did you mean strict?"],
    [["-"], "{{ name }}", "line 1: a value is undefined"],
    [["-"], "{% for %}", "netpulse: "],
  ])("%p with %p is wrong usage", async (argv, input, message) => {
    const { code, err } = await world.netpulse(["render", ...argv], { input });
    expect({ code, said: err.includes(message), err }).toEqual({ code: 2, said: true, err });
  });

  test("says that variables are none, and shows nothing of them", async () => {
    for (const text of ["- s3cret\n", "a: [s3cret"]) {
      writeFileSync(folder.file("wrong.yaml"), text);
      const { code, err } = await world.netpulse(["render", "-", "-c", folder.file("wrong.yaml")], {
        input: "a",
      });
      expect(code).toBe(2);
      expect(err).not.toContain("s3cret");
    }
  });
});

describe("netpulse parse", () => {
  const argv = (...more: string[]) => ["parse", "--template", folder.file("ports.textfsm"), ...more];

  test("makes lines, a table, CSV or JSON of stdin", async () => {
    const input = PRINTED;
    expect(await world.netpulse(argv(), { input })).toEqual({
      code: 0,
      out: "Et1\tup\t10, 20\nEt2\tdown\t30\n",
      err: "",
    });
    expect((await world.netpulse(argv(), { input, terminal: people() })).out).toMatch(
      /^\x1b\[1mPORT\x1b\[0m {2}.*STATE.*VLAN.*\nEt1 {3}up {5}10, 20\n/,
    );
    expect((await world.netpulse(argv("--csv"), { input })).out).toBe(
      'PORT,STATE,VLAN\r\nEt1,up,"10, 20"\r\nEt2,down,30\r\n',
    );
    expect(JSON.parse((await world.netpulse(argv("-", "--json"), { input })).out)).toEqual([
      { PORT: "Et1", STATE: "up", VLAN: ["10", "20"] },
      { PORT: "Et2", STATE: "down", VLAN: ["30"] },
    ]);
  });

  test("reads a file, and one regex", async () => {
    writeFileSync(folder.file("printed.txt"), PRINTED);
    const regex = ["parse", folder.file("printed.txt"), "--regex", "^(?P<port>Et\\d+) (?P<state>up|down)"];
    expect((await world.netpulse(regex)).out).toBe("Et1\tup\nEt2\tdown\n");
    expect((await world.netpulse([...regex, "--first"])).out).toBe("Et1\tup\n");
    expect((await world.netpulse([...regex, "--no-multiline"])).out).toBe("Et1\tup\n");
  });

  test("prints what TTP nests as JSON for people, and in cells of CSV", async () => {
    writeFileSync(
      folder.file("a.ttp"),
      '<group name="ports.{{ port }}">\n{{ port }} is {{ state }}\n</group>\n',
    );
    const ttp = ["parse", "--template", folder.file("a.ttp"), "--structure", "flat_list"];
    const input = "Et1 is up\n";
    expect(JSON.parse((await world.netpulse(ttp, { input })).out)).toEqual([
      { ports: { Et1: { state: "up" } } },
    ]);
    expect((await world.netpulse([...ttp, "--csv"], { input })).out).toBe(
      'ports\r\n"{""Et1"":{""state"":""up""}}"\r\n',
    );
  });

  test("takes what a job has printed", async () => {
    const data = (index: number, text: string) => ({ kind: "data", index, stream: "stdout", text }) as const;
    world.engine.logs.set("job_7", [data(0, "nothing\n"), data(1, "Et1 up 10\n"), data(1, " 20\n")]);
    expect((await world.netpulse(argv("--job", "job_7", "--index", "1"))).out).toBe("Et1\tup\t10, 20\n");
    expect((await world.netpulse(argv("--job", "job_8"))).code).toBe(5);
  });

  test("says where nothing was found, and where the template is wrong", async () => {
    const nothing = await world.netpulse(["parse", "--regex", "(?P<x>y)"], {
      input: "z",
      terminal: people(),
    });
    expect(nothing).toEqual({ code: 0, out: "", err: "nothing was found\n" });
    writeFileSync(folder.file("wrong.textfsm"), "Value X (\nStart\n");
    const wrong = await world.netpulse(["parse", "--template", folder.file("wrong.textfsm")], { input: "z" });
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain("line 1");
  });

  test.each<[string[], string]>([
    [[], "give one of --template, --stored, --regex"],
    [["--template", "a", "--regex", "b"], "give one of"],
    [["--template", "a", "--stored", "b"], "not both"],
    [["--template", "-"], "cannot both come by stdin"],
    [["--stored", "a.txt"], "say with --parser"],
    [["--regex", "a"], "named groups, as (?P<name>\\S+)"],
    [["x.txt", "--job", "job_1", "--regex", "b"], "give a file or --job, not both"],
    [["--regex", "(?P<a>b)", "--parser", "regexx"], "Did you mean regex?"],
    [["--regex", "(?P<a>b)", "--structure", "lst"], "Did you mean list?"],
    [["--command", "show version"], "platform"],
  ])("%p is wrong usage", async (more, message) => {
    const { code, err } = await world.netpulse(["parse", ...more], { input: "x" });
    expect({ code, said: err.includes(message), err }).toEqual({ code: 2, said: true, err });
  });
});
