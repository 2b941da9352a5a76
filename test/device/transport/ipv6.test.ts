import { describe, expect, setDefaultTimeout, test } from "bun:test";
import { systemClock } from "../../../src/core/clock.ts";
import { connectSsh } from "../../../src/device/transport/ssh.ts";
import { SshShared } from "../../../src/device/transport/ssh-shared.ts";
import { SSH_TERMS } from "../../support/ssh-terms.ts";
import { startSshd } from "../../support/sshd.ts";
import { around, exec, failure, target } from "../support/ssh.ts";

setDefaultTimeout(30_000);

describe("IPv6", () => {
  test("a device and its jump host are reached over ::1", async () => {
    await using device = await startSshd({ host: "::1" });
    await using bastion = await startSshd({ host: "::1" });
    const ssh = new SshShared(SSH_TERMS, systemClock);
    const addresses: string[] = [];
    const verifyHostKey = async (_key: unknown, { host }: { host: string }) => void addresses.push(host);
    const hops = [target(bastion)];
    const connection = await connectSsh(target(device, { hops }), around({ ssh, verifyHostKey }));
    expect((await exec(connection, "echo $SSH_CONNECTION")).stdout).toMatch(
      new RegExp(`^::1 \\d+ ::1 ${device.port}\n$`),
    );
    expect(addresses).toEqual(["::1", "::1"]);
    await connection.close();
    ssh.destroy();
  });

  test("a link-local address needs a network interface, and one that there is", async () => {
    const connect = (host: string) =>
      failure(connectSsh(target({ host, port: 22, account: NOBODY }), around()));
    const without = await connect("fe80::1");
    expect(without).toEqual({
      type: "ConnectionError",
      message:
        "fe80::1 port 22 cannot be reached: a link-local address needs the node's network interface, as in fe80::1%eth0",
      retryable: false,
    });
    const unknown = await connect("fe80::1%nosuch0");
    expect(unknown).toEqual({
      type: "ConnectionError",
      message: "fe80::1%nosuch0 port 22 cannot be reached: this node has no such network interface",
      retryable: false,
    });
  });
});

const NOBODY = { name: "nobody", password: "none" };
