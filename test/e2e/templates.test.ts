import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { type TempDir, tempDir } from "../support/tempdir.ts";
import { Api, failure, resultOf } from "./support/api.ts";
import { type Device, startDevice } from "./support/device.ts";
import { on } from "./support/held-job.ts";
import { descendants, gone } from "./support/processes.ts";
import { until } from "./support/until.ts";

setDefaultTimeout(120_000);

const VERSION_FSM =
  "Value HOSTNAME (\\S+)\nValue UPTIME (.+)\n\nStart\n  ^$HOSTNAME uptime is $UPTIME -> Record\n";
const INDEX =
  "Template, Hostname, Platform, Command\n\nversion.textfsm, .*, cisco_ios, sh[[ow]] ver[[sion]]\n";

/** Neither steps nor memory end it. */
const ENDLESS = {
  template: "{% for a in range(99999) %}{{ x|sort|join|length }}{% endfor %}",
  context: { x: Array.from({ length: 20_000 }, (_, n) => n) },
};

async function templateHosts({ pid }: Netpulse): Promise<number[]> {
  const found = await descendants(pid);
  return found.filter((each) => readFileSync(`/proc/${each}/cmdline`, "utf8").includes("template-host"));
}

let folder: TempDir;
let netpulse: Netpulse;
let hurried: Netpulse;
let api: Api;
let device: Device;
beforeAll(async () => {
  folder = tempDir("templates");
  mkdirSync(folder.file("cisco"));
  writeFileSync(folder.file("index"), INDEX);
  writeFileSync(folder.file("version.textfsm"), VERSION_FSM);
  writeFileSync(
    folder.file("cisco/loopback.j2"),
    "interface Loopback{{ id }}\n{% include 'cisco/text.j2' %}\n ip address {{ ip|ipaddr('address') }} {{ ip|netmask }}\n",
  );
  writeFileSync(folder.file("cisco/text.j2"), " description {{ text|upper }}");
  const env = { NETPULSE_TEMPLATES_DIR: folder.path };
  // What ends by itself has ample time, as the machine may be busy with others; what does not is ended soon.
  netpulse = await startNetpulse({ env: { ...env, NETPULSE_TEMPLATES__TIMEOUT: "60" } });
  hurried = await startNetpulse({ env: { ...env, NETPULSE_TEMPLATES__TIMEOUT: "1" } });
  api = new Api(netpulse);
  device = await startDevice();
});
afterAll(async () => {
  await netpulse?.stop();
  await hurried?.stop();
  await device?.stop();
  folder?.remove();
});

const post = (path: string, json: unknown) => api.call("POST", path, { json });

describe("over HTTP", () => {
  test("a template of the folder is rendered, with what it includes", async () => {
    const context = { id: 7, text: "uplink", ip: "192.0.2.1/24" };
    for (const template of [
      "cisco/loopback.j2",
      "file:///cisco/loopback.j2",
      `${folder.path}/cisco/loopback.j2`,
    ]) {
      const answer = await post("/template/render/jinja2", { template, context });
      const named = template.startsWith("file:///") ? 422 : 200;
      expect([template, answer.status]).toEqual([template, named]);
      if (named === 200)
        expect(answer.data).toBe(
          "interface Loopback7\n description UPLINK\n ip address 192.0.2.1 255.255.255.0",
        );
    }
  });

  test("a text is parsed by platform and command", async () => {
    const context = "core-1 uptime is 4 weeks, 2 days\n";
    const answer = await post("/template/parse/textfsm", {
      platform: "cisco_ios",
      command: "show ver",
      context,
    });
    expect([answer.status, answer.data]).toEqual([200, [{ hostname: "core-1", uptime: "4 weeks, 2 days" }]]);
    const none = await post("/template/parse/textfsm", { platform: "acme", command: "show ver", context });
    expect([none.status, none.message]).toEqual([
      404,
      expect.stringContaining("no template for this platform"),
    ]);
    expect((await post("/template/render/jinja2", { template: "none.j2" })).status).toBe(404);
  });

  test.each([
    [
      "loops",
      "render/jinja2",
      { template: "{% for a in range(99999) %}{% for b in range(99999) %}{{ a }}{% endfor %}{% endfor %}" },
    ],
    ["what never ends", "render/jinja2", ENDLESS],
    ["much memory", "render/jinja2", { template: "{{ 'a' * n }}", context: { n: 2_000_000_000 } }],
    ["much text", "render/jinja2", { template: "{{ 'a' * 5000000 }}" }],
    ["a file elsewhere", "render/jinja2", { template: "{% include '../../etc/passwd' %}" }],
    ["a file elsewhere by its address", "render/jinja2", { template: "file:///etc/passwd" }],
    ["a macro in a macro", "render/jinja2", { template: "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}" }],
    [
      "a regex that goes back for ever",
      "parse/regex",
      { template: "(?P<x>(a*)*(a*)*(a*)*)\\2\\3\\4b", context: "a".repeat(3000) },
    ],
    ["groups in TTP without end", "parse/ttp", { template: "<group>".repeat(100_000), context: "x" }],
  ])("%s costs its sender a 422", async (_what, path, body) => {
    const answer = await new Api(hurried).call("POST", `/template/${path}`, { json: body });
    expect([answer.status, answer.code]).toEqual([422, -1]);
  });
});

test("while hostile templates are at work everything else is answered, and a client that goes away ends its own", async () => {
  await using own = await startNetpulse({ env: { NETPULSE_TEMPLATES__TIMEOUT: "300" } });
  const giveUp = new AbortController();
  let answered = 0;
  const hostile = Array.from({ length: 4 }, () =>
    fetch(`${own.url}/template/render/jinja2`, {
      method: "POST",
      headers: { "X-API-KEY": own.key, "Content-Type": "application/json" },
      body: JSON.stringify(ENDLESS),
      signal: giveUp.signal,
    }).then(
      () => answered++,
      () => {},
    ),
  );
  await until("one is at work", async () => ((await templateHosts(own)).length > 0 ? true : null));
  for (let n = 0; n < 20; n++) expect((await own.get("/health")).status).toBe(200);
  const { id } = await own.exec(on(device, { command: "show {{ 'clock' }}", rendering: {} }));
  expect((await own.ended(id)).status).toBe("finished");
  expect(answered).toBe(0);
  giveUp.abort();
  await Promise.all(hostile);
  const rendered = await own.post<string>("/template/render/jinja2", { template: "{{ 6 * 7 }}" });
  expect(rendered.body.data).toBe("42");
});

describe("in a job", () => {
  test("a config is rendered and applied, its secrets hidden", async () => {
    const config = { id: 7, text: "uplink", ip: "192.0.2.1/24" };
    const job = await api.run(on(device, { config, rendering: { template: "cisco/loopback.j2" } }));
    expect(job.status).toBe("finished");
    expect(resultOf(job).outputs.map(({ command }) => command)).toEqual([
      "interface Loopback7",
      " description UPLINK",
      " ip address 192.0.2.1 255.255.255.0",
    ]);
    const shown = await api.run(on(device, { command: "show running-config" }));
    expect(`${resultOf(shown).retval}`).toContain("description UPLINK");
  });

  test.each([
    ["parsing", { parsing: { name: "textfsm" } }],
    ["netmiko's use_textfsm", { driver_args: { use_textfsm: true } }],
  ])("commands are rendered, and what they print is parsed by the device's kind: %s", async (_by, asked) => {
    const request = {
      command: ["show {{ what }}", "show clock"],
      rendering: { context: { what: "version" } },
    };
    const job = await api.run(on(device, { ...request, ...asked }));
    expect(job.status).toBe("finished");
    const [version, clock] = resultOf(job).outputs;
    expect(version).toMatchObject({
      command: "show version",
      parsed: [{ hostname: device.handle.hostname(), uptime: expect.any(String) }],
      parse_error: null,
    });
    expect(clock).toMatchObject({
      ok: true,
      parsed: null,
      parse_error: expect.stringContaining("no template"),
    });
    expect(clock?.stdout).toMatch(/\d\d:\d\d:\d\d/);
  });

  test("a command asks for its own parser, whatever holds for the others", async () => {
    const own = "Value NAME (\\S+)\n\nStart\n  ^hostname $NAME -> Record\n";
    const job = await api.run(
      on(device, {
        command: [
          "show version",
          { command: "show running-config", use_textfsm: true, textfsm_template: own },
          { command: "show version", use_textfsm: false },
        ],
        driver_args: { use_textfsm: true },
      }),
    );
    const hostname = device.handle.hostname();
    expect(resultOf(job).outputs.map(({ parsed, parse_error: wrong }) => [parsed, wrong])).toEqual([
      [[{ hostname, uptime: expect.any(String) }], null],
      [[{ NAME: hostname }], null],
      [null, null],
    ]);
  });

  test("a template's fault fails it, and nothing reaches the device", async () => {
    await using untouched = await startDevice();
    for (const template of ["{{ missing }}", "{% include '../secret' %}", ENDLESS.template]) {
      const job = await new Api(hurried).run(
        on(untouched, { config: ENDLESS.context, rendering: { template } }),
      );
      expect(failure(job)).toEqual({ status: "failed", type: "failed", error: "TemplateError" });
    }
    expect(untouched.lines()).toEqual([]);
  });

  test("a parser's fault leaves it finished, with the output", async () => {
    const parsing = { name: "regex", template: "(?P<x>(.*)*(.*)*(.*)*)\\2\\3\\4!!!" };
    const job = await new Api(hurried).run(on(device, { command: "show running-config", parsing }));
    expect(job.status).toBe("finished");
    expect(resultOf(job).outputs[0]).toMatchObject({
      parsed: null,
      parse_error: expect.any(String),
      ok: true,
    });
    expect(`${resultOf(job).retval}`).toContain("hostname");
  });

  test("what was parsed is told as an event", async () => {
    const parsing = { name: "regex", template: "(?P<time>\\d\\d:\\d\\d:\\d\\d)" };
    const job = await api.run(on(device, { command: "show clock", parsing }));
    const stream = await fetch(`${netpulse.url}/job/${job.id}/events`, {
      headers: { "X-API-KEY": netpulse.key },
    });
    const told = [...(await stream.text()).matchAll(/^event: (parsed\w*)\nid: .*\ndata: (.*)$/gm)];
    const [[, , piece = ""] = [], [, end, verdict = ""] = []] = told;
    expect(JSON.parse(JSON.parse(piece).json)).toEqual([{ time: expect.any(String) }]);
    expect([end, JSON.parse(verdict)]).toEqual(["parsed_end", { index: 0, parse_error: null }]);
  });
});

test("a server that is killed leaves no process behind, whatever it is at", async () => {
  await using own = await startNetpulse();
  const asked = own.post("/template/render/jinja2", ENDLESS).catch(() => null);
  const hosts = await until("it is at it", async () => {
    const found = await templateHosts(own);
    return found.length > 0 ? found : null;
  });
  await own.kill9();
  await gone(hosts);
  await asked;
});
