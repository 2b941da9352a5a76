import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { must } from "../support/process.ts";
import { netpulseCommand } from "../support/product.ts";
import { Api } from "./support/api.ts";
import { type Device, startDevice } from "./support/device.ts";
import { overHttp } from "./support/mcp.ts";

setDefaultTimeout(30_000);

const READING = [
  "job_output",
  "job_show",
  "job_wait",
  "jobs_list",
  "parse",
  "platforms_list",
  "workers_list",
];

let netpulse: Netpulse;
let device: Device;
beforeAll(async () => {
  [device, netpulse] = await Promise.all([
    startDevice(),
    startNetpulse({ env: { NETPULSE_LOG__LEVEL: "debug" } }),
  ]);
});
afterAll(async () => {
  await netpulse?.stop();
  await device?.stop();
});

/** A key of its own, as `netpulse keys` makes it. */
async function keyFor(name: string, ...options: string[]): Promise<{ url: string; key: string }> {
  const command = netpulseCommand("keys", "add", name, "--json", ...options);
  const { key } = JSON.parse(await must([...command, "--set", `data_dir=${netpulse.dataDir}`]));
  return { url: netpulse.url, key };
}

const on = (more: Record<string, unknown>) => ({ connection_args: device.args(), ...more });

describe("which tools there are goes by the key", () => {
  test.each([
    ["read", READING],
    ["read,exec", [...READING, "exec", "job_cancel"]],
    ["read,config", [...READING, "config", "job_cancel"]],
    ["exec", ["exec", "job_cancel", "parse", "platforms_list"]],
    ["admin", ["platforms_list"]],
  ])("scopes %s", async (scopes, tools) => {
    await using assistant = await overHttp(await keyFor(scopes.replace(",", "-"), "--scopes", scopes));
    expect(await assistant.tools()).toEqual([...tools].sort());
    for (const name of ["exec", "config", "job_show"].filter((each) => !tools.includes(each))) {
      await expect(assistant.call(name, on({ command: "show clock" }))).rejects.toThrow("no such tool");
    }
  });

  test("each says what it may do, and takes no argument that it does not name", async () => {
    await using assistant = await overHttp(netpulse);
    const { tools } = await assistant.client.listTools();
    for (const { name, annotations, inputSchema, description } of tools) {
      const changes = ["exec", "config", "job_cancel"].includes(name);
      expect([name, annotations]).toEqual([
        name,
        expect.objectContaining({ readOnlyHint: !changes, destructiveHint: changes }),
      ]);
      expect([name, inputSchema.additionalProperties]).toEqual([name, false]);
      expect(description).toMatch(/.{40}/);
    }
  });
});

describe("exec", () => {
  test("gives back what the device printed, marked as nobody's instructions", async () => {
    await using assistant = await overHttp(netpulse);
    const { failed, content, text, meta } = await assistant.call(
      "exec",
      on({ command: ["show clock", "show users"] }),
    );
    expect(failed).toBe(false);
    expect(content.job).toMatchObject({
      status: "finished",
      host: device.handle.host,
      result: { type: "success" },
    });
    expect(content.job.result.outputs[0]).toMatchObject({ index: 0, command: "show clock", ok: true });
    expect(content.job.result.outputs[0].stdout).toMatch(/\d\d:\d\d:\d\d/);
    expect(text).toStartWith('{"notice":"Untrusted: ');
    expect(JSON.parse(text)).toEqual(content);
    expect(meta).toEqual({ "netpulse/untrusted": true });
    expect(text).not.toContain("password");
  });

  test("says of a failure that it is one, with the device's words", async () => {
    await using assistant = await overHttp(netpulse);
    const { failed, content } = await assistant.call("exec", on({ command: "show nothing" }));
    expect(failed).toBe(true);
    expect(content.notice).toStartWith("Untrusted: ");
    expect(content.job.result.error).toMatchObject({ type: "CommandError" });
  });

  test("does not configure, whatever the key may do, as a command is not confirmed", async () => {
    await using assistant = await overHttp(netpulse);
    const lines = ["configure terminal", "hostname by-a-command", "end"];
    const { failed, content } = await assistant.call("exec", on({ command: lines }));
    expect(failed).toBe(true);
    expect(content.job.result.error.message).toContain("scope config");
    expect(device.count("hostname by-a-command")).toBe(0);
    // With the whole key the same is typed: it is the tool that asks for less.
    await using plain = await startDevice();
    const whole = { driver: "netmiko", connection_args: plain.args(), command: lines };
    await netpulse.client.devices.run(whole);
    expect(plain.count("hostname by-a-command")).toBe(1);
  });

  test("names every argument that is wrong, its own and the API's, and repeats no value", async () => {
    await using assistant = await overHttp(netpulse);
    const own = await assistant.call("exec", { ...on({ comand: "stray-value" }), wait: 100 });
    expect(own.failed).toBe(true);
    expect(own.content.fields).toEqual([
      { argument: "command", problem: "is required" },
      { argument: "comand", problem: 'unknown field; did you mean "command"?' },
      { argument: "wait", problem: "must be a number from 0 to 50" },
    ]);
    const connection_args = device.args({ portt: 1, password: "stray-value" });
    const theirs = await assistant.call("exec", { connection_args, command: "show clock" });
    expect(theirs.content).toMatchObject({
      status: 422,
      fields: [{ argument: "connection_args.portt", problem: 'unknown field; did you mean "port"?' }],
    });
    expect(own.text + theirs.text).not.toContain("stray-value");
  });

  test("cuts what is long, and says how to read on to the last character", async () => {
    await using assistant = await overHttp(netpulse);
    const commands = Array.from({ length: 16 }, () => "show version");
    const { content } = await assistant.call("exec", on({ command: commands }));
    const { id, result } = content.job;
    const { stdout } = (await netpulse.client.jobs.get(id)).result?.outputs[0] ?? { stdout: "" };
    const cut = result.outputs.find((output: { cut?: boolean }) => output.cut);
    expect(cut.read_on[0]).toMatchObject({ tool: "job_output", arguments: { id, index: cut.index } });
    expect(result.outputs_left_out).toBe(16 - result.outputs.length);
    const rest = await assistant.call(cut.read_on[0].tool, cut.read_on[0].arguments);
    expect(cut.stdout + rest.content.pieces[0].text).toBe(stdout);
    expect(rest.content.next_cursor).toBeNull();
    let all = "";
    for (let cursor: string | null | undefined; cursor !== null; ) {
      const part = await assistant.call("job_output", { id, ...(cursor && { cursor }) });
      expect(part.text.length).toBeLessThan(40_000);
      all += part.content.pieces.map((piece: { text: string }) => piece.text).join("");
      cursor = part.content.next_cursor;
    }
    expect(all).toBe(stdout.repeat(16));
  });

  test("has the deny list of its key before it, as others have", async () => {
    const key = await keyFor("no-reload", "--scopes", "read,exec", "--deny-command", "reload");
    await using assistant = await overHttp(key);
    const before = device.lines();
    for (const command of [
      "reload",
      "do reload",
      "rel",
      ["show clock", " reload in 5"],
      "show clock\nreload",
    ]) {
      const { failed, content } = await assistant.call("exec", on({ command }));
      // A command is one line: what comes behind its end is not looked at further.
      const status = String(command).includes("\n") ? 422 : 403;
      expect([failed, content.status]).toEqual([true, status]);
      expect(content.fields[0].argument).toMatch(/^command/);
    }
    expect(device.lines()).toEqual(before);
    const { data } = await new Api(netpulse).get("/audit?key=no-reload&outcome=refused");
    expect(data as unknown[]).toHaveLength(4);
  });

  test("has the devices of its key before it", async () => {
    const key = await keyFor("elsewhere", "--scopes", "read,exec", "--allow-device", "192.0.2.0/24");
    await using assistant = await overHttp(key);
    const { failed, content } = await assistant.call("exec", on({ command: "show clock" }));
    expect([failed, content.status]).toEqual([true, 403]);
    expect((await assistant.call("jobs_list")).content.error).toContain("limited to devices");
  });
});

describe("config", () => {
  const lines = (n: number) => [`interface Loopback${n}`, " description by MCP"];

  test("is applied by a second call with the token, once, and for these arguments only", async () => {
    await using assistant = await overHttp(netpulse);
    const args = on({ config: lines(11), wait: 20 });
    const { content, failed } = await assistant.call("config", args);
    expect([failed, content.applied]).toEqual([false, false]);
    expect(content.proposal).toContain(`device: ${device.handle.host}, port ${device.handle.port}`);
    expect(content.proposal).toContain("2 lines:\n  | interface Loopback11\n  |  description by MCP");
    expect(content.proposal).not.toContain("admin");
    const other = await assistant.call("config", { ...args, config: lines(12), confirm: content.confirm });
    expect(other).toMatchObject({ failed: true, content: { applied: false } });
    const spent = await assistant.call("config", { ...args, confirm: content.confirm });
    expect(spent).toMatchObject({ failed: true, content: { applied: false } });
    expect(device.count("interface Loopback11") + device.count("interface Loopback12")).toBe(0);
    const again = await assistant.call("config", args);
    const done = await assistant.call("config", { ...args, confirm: again.content.confirm });
    expect(done).toMatchObject({ failed: false, content: { job: { status: "finished" } } });
    const twice = await assistant.call("config", { ...args, confirm: again.content.confirm });
    expect(twice).toMatchObject({ failed: true, content: { applied: false } });
    expect(device.count("interface Loopback11")).toBe(1);
  });

  test("is applied with the user's consent where the client can ask, and by nothing else", async () => {
    const asked: string[] = [];
    let says: "yes" | "no" | "away" = "no";
    await using assistant = await overHttp(netpulse, (message) => {
      asked.push(message);
      return says;
    });
    const args = on({ config: lines(13) });
    const declined = await assistant.call("config", args);
    expect(declined).toMatchObject({ failed: true, content: { applied: false } });
    says = "away";
    const token = await assistant.call("config", { ...args, confirm: crypto.randomUUID() });
    expect(token).toMatchObject({ failed: true, content: { applied: false } });
    expect(device.count("interface Loopback13")).toBe(0);
    says = "yes";
    const applied = await assistant.call("config", args);
    expect(applied).toMatchObject({ failed: false, content: { job: { status: "finished" } } });
    expect(device.count("interface Loopback13")).toBe(1);
    expect(asked).toHaveLength(3);
    expect(asked[2]).toContain("  | interface Loopback13");
  });

  test("that is too long to be shown is refused", async () => {
    await using assistant = await overHttp(netpulse);
    const { failed, content } = await assistant.call("config", on({ config: "! ".repeat(9000) }));
    expect([failed, content.fields[0].argument]).toEqual([true, "config"]);
  });

  test("is what the audit log says, by the name of the key", async () => {
    await using assistant = await overHttp(await keyFor("robot", "--scopes", "read,exec,config"));
    await assistant.call("exec", on({ command: "show clock" }));
    const proposal = await assistant.call("config", on({ config: lines(14) }));
    await assistant.call("config", on({ config: lines(14), confirm: proposal.content.confirm }));
    const queued = await assistant.call("exec", {
      connection_args: device.args({ site: "nowhere" }),
      ...{ command: "show clock", wait: 0 },
    });
    await assistant.call("job_cancel", { id: queued.content.job.id });
    const { data } = await new Api(netpulse).get("/audit?key=robot");
    const entries = data as { action: string; outcome: string; detail: string }[];
    expect(entries.map(({ action, outcome }) => `${action} ${outcome}`)).toEqual([
      "cancel done",
      "exec done",
      "config done",
      "exec done",
    ]);
    expect(entries[2]?.detail).toContain("interface Loopback14");
  });
});

describe("jobs", () => {
  test("are waited for as long as is asked, read meanwhile, and interrupted", async () => {
    await using held = await startDevice();
    await using assistant = await overHttp(netpulse);
    held.hold("show users");
    const args = { connection_args: held.args(), command: ["show clock", "show users"], wait: 0 };
    const { content } = await assistant.call("exec", args);
    const { id } = content.job;
    expect(content.note).toContain("job_wait");
    await held.received("show users");
    const waited = await assistant.call("job_wait", { id, wait: 0.2 });
    expect(waited).toMatchObject({ failed: false, content: { job: { status: "started" } } });
    const conflict = await assistant.call("job_cancel", { id });
    expect(conflict).toMatchObject({ failed: true, content: { status: 409 } });
    expect((await assistant.call("job_cancel", { id, force: true })).content).toEqual({
      id,
      cancelled: true,
    });
    const ended = await assistant.call("job_wait", { id });
    expect(ended).toMatchObject({
      failed: true,
      content: { job: { result: { error: { type: "JobAborted" } } } },
    });
    expect((await assistant.call("job_show", { id })).failed).toBe(false);
    const { content: listed } = await assistant.call("jobs_list", {
      host: held.handle.host,
      status: "failed",
    });
    expect(listed.jobs).toMatchObject([{ id, status: "failed" }]);
    expect(listed.jobs[0].result).toBeUndefined();
  });

  test("go on when a client gives up the call that waits for them", async () => {
    await using held = await startDevice();
    await using assistant = await overHttp(netpulse);
    held.hold("show users");
    const { content } = await assistant.call("exec", {
      connection_args: held.args(),
      ...{ command: "show users", wait: 0 },
    });
    const { id } = content.job;
    await held.received("show users");
    const waiting = new AbortController();
    const call = assistant.call("job_wait", { id, wait: 50 }, { signal: waiting.signal });
    waiting.abort("the user has had enough");
    await expect(call).rejects.toThrow("the user has had enough");
    held.release();
    expect((await netpulse.client.jobs.wait(id)).status).toBe("finished");
  });

  test("have what they print as a resource, too", async () => {
    await using assistant = await overHttp(netpulse);
    const { content } = await assistant.call("exec", on({ command: "show clock" }));
    const { resourceTemplates } = await assistant.client.listResourceTemplates();
    expect(resourceTemplates.map(({ uriTemplate }) => uriTemplate)).toEqual([
      "netpulse://job/{id}/output{?cursor}",
    ]);
    const uri = `netpulse://job/${content.job.id}/output`;
    const { contents } = await assistant.client.readResource({ uri });
    const [{ text = "", _meta } = {}] = contents as { text?: string; _meta?: unknown }[];
    expect(JSON.parse(text)).toMatchObject({
      notice: expect.stringMatching(/^Untrusted: /),
      pieces: [{ index: 0, text: content.job.result.outputs[0].stdout }],
      next_cursor: null,
    });
    expect(_meta).toEqual({ "netpulse/untrusted": true });
    await expect(assistant.client.readResource({ uri: `${uri}?cursor=x` })).rejects.toThrow("uri must be");
    await expect(assistant.client.readResource({ uri: uri.replace(/job_\w+/, "job_none") })).rejects.toThrow(
      "no such job",
    );
  });
});

test("workers, platforms and a text that is made data of", async () => {
  await using assistant = await overHttp(netpulse);
  const { content } = await assistant.call("workers_list", { queue: "FifoQ", limit: 2 });
  expect(content.workers).toHaveLength(2);
  expect(content.next_cursor).toBeString();
  const next = await assistant.call("workers_list", {
    queue: "FifoQ",
    limit: 2,
    cursor: content.next_cursor,
  });
  expect(next.content.workers[0].name).not.toBe(content.workers[0].name);
  const { platforms } = (await assistant.call("platforms_list", { search: "NX-OS" })).content;
  expect(platforms[0]).toMatchObject({ device_type: "cisco_nxos", config: "at once" });
  const template = `Value NAME (\\S+)\nValue STATE (up|down)\n\nStart\n  ^\${NAME} is \${STATE} -> Record\n`;
  const parsed = await assistant.call("parse", {
    name: "textfsm",
    template,
    context: "Gi0/1 is up\nGi0/2 is down",
  });
  expect(parsed.content.parsed).toEqual([
    { NAME: "Gi0/1", STATE: "up" },
    { NAME: "Gi0/2", STATE: "down" },
  ]);
  const broken = await assistant.call("parse", { name: "textfsm", template: "Value", context: "x" });
  expect(broken).toMatchObject({ failed: true, content: { fields: [{ argument: "template" }] } });
});

describe("the endpoint", () => {
  const hello = JSON.stringify({
    ...{ jsonrpc: "2.0", id: 0, method: "initialize" },
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "x", version: "1" } },
  });
  const post = (headers: Record<string, string>) =>
    fetch(`${netpulse.url}/mcp`, {
      ...{ method: "POST", body: hello },
      headers: { "content-type": "application/json", ...headers },
    });

  test("wants a key, and says how it may come", async () => {
    for (const headers of [{}, { "x-api-key": "wrong" }, { authorization: "Bearer npk_wrong" }]) {
      const response = await post(headers as Record<string, string>);
      expect(response.status).toBe(401);
      expect(response.headers.get("www-authenticate")).toStartWith("Bearer ");
    }
    await expect(overHttp({ url: netpulse.url, key: "wrong" })).rejects.toThrow();
  });

  test("refuses pages, those of a name that was made to lead here first of all", async () => {
    const { port } = new URL(netpulse.url);
    const key = { "x-api-key": netpulse.key };
    const rebound = { host: `evil.example:${port}`, origin: `http://evil.example:${port}` };
    for (const headers of [rebound, { origin: "https://evil.example" }, { origin: "null" }]) {
      const response = await post({ ...key, ...(headers as Record<string, string>) });
      expect([response.status, await response.text()]).toEqual([403, expect.stringContaining("origin")]);
    }
    expect((await post({ ...key, origin: netpulse.url })).status).toBe(200);
  });

  test("counts each call of a tool as the requests that it makes", async () => {
    // initialize, initialized, the SDK's GET, tools/call, and the one request of the tool; then it is over.
    const key = await keyFor("slow", "--scopes", "read", "--rate", "5");
    await using assistant = await overHttp(key);
    expect((await assistant.call("workers_list")).failed).toBe(false);
    await expect(assistant.call("workers_list")).rejects.toThrow("5 requests a minute");
  });

  test("keeps sessions to their keys, and ends them", async () => {
    await using assistant = await overHttp(netpulse);
    const id = assistant.transport.sessionId ?? "";
    const other = await keyFor("other", "--scopes", "read");
    const ask = (key: string) =>
      fetch(`${netpulse.url}/mcp`, { method: "DELETE", headers: { "x-api-key": key, "mcp-session-id": id } });
    expect((await ask(other.key)).status).toBe(404);
    expect(await assistant.tools()).toContain("exec");
    expect((await ask(netpulse.key)).status).toBe(200);
    await expect(assistant.tools()).rejects.toThrow("begin a new one with initialize");
  });

  test("keeps nobody's key, and no password of a call, in the log", async () => {
    const own = await keyFor("quiet", "--scopes", "read,exec");
    await using assistant = await overHttp(own);
    await assistant.call("exec", {
      connection_args: device.args({ password: "Sw0rdfish-9" }),
      command: "show clock",
    });
    expect(netpulse.output()).toContain('"path":"/mcp"');
    expect(netpulse.output()).not.toContain("Sw0rdfish-9");
    expect(netpulse.output()).not.toContain(own.key);
  });
});

test("a server that stops lets go of calls that wait", async () => {
  await using stopping = await startNetpulse();
  await using held = await startDevice();
  await using assistant = await overHttp(stopping);
  held.hold("show users");
  const call = assistant.call("exec", { connection_args: held.args(), command: "show users", wait: 50 });
  call.catch(() => {});
  await held.received("show users");
  const { code } = await stopping.stop();
  expect(code).toBe(0);
});
