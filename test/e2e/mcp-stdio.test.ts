import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { type Netpulse, startNetpulse } from "../support/netpulse.ts";
import { must, run } from "../support/process.ts";
import { netpulseCommand } from "../support/product.ts";
import { type Device, startDevice } from "./support/device.ts";
import { overStdio } from "./support/mcp.ts";

setDefaultTimeout(30_000);

const LOGIN = {
  NETPULSE_DEVICE_USERNAME: "admin",
  NETPULSE_DEVICE_PASSWORD: "admin",
  NETPULSE_DEVICE_SECRET: "admin",
};

let netpulse: Netpulse;
let device: Device;
beforeAll(async () => {
  [device, netpulse] = await Promise.all([startDevice(), startNetpulse()]);
});
afterAll(async () => {
  await netpulse?.stop();
  await device?.stop();
});

async function keyFor(name: string, ...options: string[]): Promise<string> {
  const command = netpulseCommand("keys", "add", name, "--json", ...options);
  return JSON.parse(await must([...command, "--set", `data_dir=${netpulse.dataDir}`])).key;
}

const where = () => ({
  host: device.handle.host,
  port: device.handle.port,
  device_type: "cisco_ios",
});

describe("an assistant that starts netpulse mcp", () => {
  test("has the tools of its key, and the key's lists before it", async () => {
    const key = await keyFor("noc", "--scopes", "read,exec", "--allow-command", "show *");
    await using assistant = await overStdio({ url: netpulse.url, key });
    const tools = await assistant.tools();
    expect(tools).toContain("exec");
    expect(tools).not.toContain("config");
    const denied = await assistant.call("exec", { connection_args: device.args(), command: "reload" });
    expect(denied).toMatchObject({
      failed: true,
      content: { status: 403, fields: [{ argument: "command.0" }] },
    });
    expect(device.count("reload")).toBe(0);
  });

  test("needs no login for the devices that the environment's is for, and has it for no other", async () => {
    const argv = ["--login-for", device.handle.host];
    await using assistant = await overStdio({ url: netpulse.url, key: netpulse.key, argv, env: LOGIN });
    const { failed, content } = await assistant.call("exec", {
      connection_args: where(),
      command: "show clock",
    });
    expect([failed, content.job.result.outputs[0].ok]).toEqual([false, true]);
    await using stranger = await startDevice();
    const { host, port } = stranger.handle;
    const other = await assistant.call("exec", {
      connection_args: { ...where(), host, port },
      command: "show clock",
    });
    expect(other).toMatchObject({
      failed: true,
      content: { fields: [{ argument: "connection_args.username", problem: "is required" }] },
    });
    expect(stranger.handle.counts().connections).toBe(0);
  });

  test("configures with its user's consent", async () => {
    const asked: string[] = [];
    await using assistant = await overStdio({
      ...{ url: netpulse.url, key: netpulse.key },
      user(message) {
        asked.push(message);
        return asked.length === 1 ? "no" : "yes";
      },
    });
    const args = { connection_args: device.args(), config: ["interface Loopback21", "description stdio"] };
    expect((await assistant.call("config", args)).failed).toBe(true);
    expect(device.count("interface Loopback21")).toBe(0);
    expect((await assistant.call("config", args)).content.job.status).toBe("finished");
    expect(device.count("interface Loopback21")).toBe(1);
    expect(asked[0]).toContain("  | interface Loopback21");
  });

  test("cannot configure where only a user may consent, and it has no way to ask one", async () => {
    const at = { url: netpulse.url, key: netpulse.key };
    await using assistant = await overStdio({ ...at, argv: ["--confirm", "user"] });
    const refused = await assistant.call("config", { connection_args: device.args(), config: "hostname x" });
    expect(refused).toMatchObject({ failed: true, content: { applied: false } });
    expect(refused.content.confirm).toBeUndefined();
    await using without = await overStdio({ ...at, argv: ["--confirm", "off"] });
    expect(await without.tools()).not.toContain("config");
  });
});

describe("the program", () => {
  const hello = {
    ...{ jsonrpc: "2.0", id: 0, method: "initialize" },
    params: { protocolVersion: "2025-11-25", capabilities: {}, clientInfo: { name: "x", version: "1" } },
  };
  const mcp = (stdin: string, env: Record<string, string>, argv: string[] = []) =>
    run(netpulseCommand("mcp", ...argv), {
      stdin,
      env: { PATH: process.env.PATH ?? "", ...env },
    });
  const at = () => ({ NETPULSE_URL: netpulse.url, NETPULSE_API_KEY: netpulse.key });

  test("writes messages to stdout and nothing else, and ends with its stdin", async () => {
    const lines = [JSON.stringify(hello), "this is no message", '{"jsonrpc":"2.0","id":1,"method":"ping"}'];
    const { code, stdout, stderr } = await mcp(`${lines.join("\n")}\n`, at());
    const messages = stdout
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line));
    expect(messages.map(({ id }) => id)).toEqual([0, 1]);
    expect(messages[0].result.serverInfo.name).toBe("netpulse");
    expect({ code, stderr }).toEqual({ code: 0, stderr: "" });
  });

  test("says on stderr why it does not start, and writes nothing else", async () => {
    const wrong = await mcp("", { ...at(), NETPULSE_API_KEY: "wrong" });
    expect(wrong).toEqual({ code: 3, stdout: "", stderr: expect.stringContaining("wrong API key") });
    const pattern = await mcp("", at(), ["--login-for", "10.0.0.0/99"]);
    expect(pattern).toMatchObject({ code: 2, stdout: "" });
    expect(pattern.stderr).toContain("--login-for");
    const mode = await mcp("", at(), ["--confirm", "usr"]);
    expect(mode).toMatchObject({
      code: 2,
      stdout: "",
      stderr: expect.stringContaining("Did you mean user?"),
    });
  });
});
