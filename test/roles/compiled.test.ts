import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from "bun:test";
import { compileProgram } from "../../scripts/lib/compile.ts";
import { overHttp, overStdio } from "../e2e/support/mcp.ts";
import { startLab, startNetpulse } from "../support/netpulse.ts";
import { must, run } from "../support/process.ts";
import { type Sshd, startSshd } from "../support/sshd.ts";
import { type TempDir, tempDir } from "../support/tempdir.ts";

setDefaultTimeout(60_000);

let folder: TempDir;
let netpulse: string;
beforeAll(async () => {
  folder = tempDir("compiled");
  netpulse = folder.file("netpulse");
  await compileProgram({ outfile: netpulse, commit: "0123456789ab" });
});
afterAll(() => folder.remove());

describe("compiled into one file, away from its source, the program", () => {
  test("examines a store too", async () => {
    const options = { cwd: folder.path, env: { NETPULSE_DATA_DIR: folder.file("data") } };
    expect(await must([netpulse, "migrate"], options)).toContain("schema version 0 ->");
    expect(await run([netpulse, "doctor"], options)).toMatchObject({
      code: 0,
      stdout: expect.stringContaining("all is in order"),
      stderr: "",
    });
    expect(await must([netpulse, "backup", "copy.db"], options)).toContain("checked");
  });

  test("renders and parses, with what these need inside it", async () => {
    await using product = await startNetpulse({ program: netpulse });
    const rendered = await product.post<string>("/template/render/jinja2", {
      template: "{{ ip|ipaddr('network') }}",
      context: { ip: "192.0.2.7/24" },
    });
    expect(rendered.body).toEqual({ code: 200, message: "success", data: "192.0.2.0" });
    const parsed = await product.post("/template/parse/ttp", { template: "a {{ b }}", context: "a c\n" });
    expect(parsed.body.data as unknown).toEqual([[{ b: "c" }]]);
  });

  test("speaks MCP, on stdio and over HTTP", async () => {
    await using lab = await startLab();
    await using product = await startNetpulse({ program: netpulse });
    const { host, port } = lab.device;
    const connection_args = {
      ...{ host, port, username: "admin", password: "admin" },
      device_type: "cisco_ios",
    };
    await using child = await overStdio({ url: product.url, key: product.key, program: netpulse });
    await using remote = await overHttp(product);
    for (const assistant of [child, remote]) {
      const { content } = await assistant.call("exec", { connection_args, command: "show clock" });
      expect(content.job.result).toMatchObject({ type: "success", outputs: [{ ok: true }] });
    }
  });

  test("reaches a device over a jump host, compressed, with an old key exchange", async () => {
    await using bastion = await startSshd({ config: ["Compression yes"] });
    await using device = await startSshd({ kex: ["diffie-hellman-group1-sha1"] });
    await using product = await startNetpulse({ program: netpulse });
    const login = ({ host, port, account }: Sshd) => ({
      ...{ host, port, username: account.name, password: account.password },
    });
    const connection_args = {
      ...{ ...login(device), legacy: true },
      jump_hosts: [{ ...login(bastion), compression: true }],
    };
    const { id } = await product.exec({ driver: "paramiko", command: "id -un", connection_args });
    expect((await product.ended(id)).result).toMatchObject({
      retval: `${device.account.name}\n`,
      error: null,
    });
  });
});
