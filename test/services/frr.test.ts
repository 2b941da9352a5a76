import { afterAll, beforeAll, describe, expect, test } from "bun:test";
import { until } from "../e2e/support/until.ts";
import { type Frr, startFrr } from "../support/frr.ts";
import { must, mustAsRoot } from "../support/process.ts";
import { ssh } from "../support/ssh-client.ts";
import { type Sshd, startSshd } from "../support/sshd.ts";

describe("two FRRouting routers behind the OpenSSH server of the tests", () => {
  let one: Frr;
  let two: Frr;
  let sshd: Sshd;
  beforeAll(async () => {
    [one, two] = await Promise.all([startFrr({ hostname: "one" }), startFrr({ hostname: "two" })]);
    sshd = await startSshd({ accounts: [one.account, two.account] });
  });
  afterAll(async () => {
    await sshd?.stop();
    await Promise.all([one?.stop(), two?.stop()]);
  });

  test("whoever logs in stands on the router's command line", async () => {
    const { stdout } = await ssh(sshd, one.account, ["-tt"], "show version\nexit\n");
    expect(stdout).toMatch(/one# show version/);
    expect(stdout).toMatch(/FRRouting \d+\.\d+.* \(one\)/);
  });

  test("a static route is seen in the running config and reaches the router's own table", async () => {
    await ssh(
      sshd,
      one.account,
      ["-tt"],
      "configure terminal\nip route 192.0.2.0/24 10.255.0.2\nend\nexit\n",
    );
    expect(await one.vtysh("show running-config")).toContain("ip route 192.0.2.0/24 10.255.0.2");
    await until("the route is in the table", async () => {
      const table = await one.vtysh("show ip route static");
      return table.includes("S>* 192.0.2.0/24 [1/0] via 10.255.0.2, eth0") || null;
    });
  });

  test("write memory saves", async () => {
    const { stdout } = await ssh(sshd, one.account, ["-tt"], "write memory\nexit\n");
    expect(stdout).toContain(`Integrated configuration saved to /etc/frr/${one.name}/frr.conf`);
    expect(await mustAsRoot(["cat", `/etc/frr/${one.name}/frr.conf`])).toContain("frr defaults traditional");
  });

  test("they see neither each other's routes nor the machine's", async () => {
    await one.vtysh("configure terminal", "ip route 198.51.100.0/24 10.255.0.2");
    expect(await two.vtysh("show running-config")).not.toContain("198.51.100.0");
    expect(await two.vtysh("show ip route")).not.toContain("198.51.100.0");
    expect(await must(["ip", "route", "show", "table", "all"])).not.toContain("198.51.100.0");
  });
});

test("a stopped router leaves no process, namespace, file or user behind", async () => {
  const frr = await startFrr();
  await frr.stop();
  expect(await mustAsRoot(["ip", "netns", "list"])).not.toContain(frr.name);
  expect(await must(["ps", "-e", "-o", "args="])).not.toContain(`-N ${frr.name}`);
  expect(await mustAsRoot(["ls", "/etc/frr", "/run/frr"])).not.toContain(frr.name);
  expect(await must(["getent", "passwd"])).not.toContain(frr.account.name);
});
