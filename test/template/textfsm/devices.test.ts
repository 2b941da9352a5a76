import { describe, expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import { compareTextFsm } from "../support/compare.ts";

const DEVICES = new URL("devices/", import.meta.url).pathname;

async function rowsOf(name: string): Promise<unknown[][]> {
  const read = (ending: string) => readFileSync(`${DEVICES}${name}.${ending}`, "utf8");
  const [answer] = await compareTextFsm([{ template: read("textfsm"), text: read("txt") }]);
  if (!answer || "refused" in answer) throw new Error(answer?.reason ?? "no answer");
  return answer.rows;
}

describe("what devices print becomes the records of python3-textfsm", () => {
  test("interfaces: a record is closed by the next one's first line", async () => {
    expect(await rowsOf("cisco_interfaces")).toEqual([
      ["GigabitEthernet0/0", "up", "up", "uplink to core-1", "192.0.2.1", "30", "1500", "0"],
      ["GigabitEthernet0/1", "administratively down", "down", "", "", "", "9216", "17"],
      ["Loopback0", "up", "up", "", "198.51.100.7", "32", "1514", ""],
    ]);
  });

  test("neighbors: filled down, filled up, listed, and nothing after the end", async () => {
    expect(await rowsOf("lldp_neighbors")).toEqual([
      ["Ethernet1", "leaf-1", ["Bridge", "Router"], "SIP 9.1"],
      ["Ethernet1", "phone-7", ["Telephone"], "SIP 9.1"],
      ["Ethernet2", "leaf-2", [], ""],
    ]);
  });

  test("peers: over two lines, and an empty EOF records nothing", async () => {
    expect(await rowsOf("bgp_summary")).toEqual([
      ["198.51.100.7", "65001", "192.0.2.2", "65002", "1w2d", "42"],
      ["198.51.100.7", "65001", "192.0.2.6", "4200000001", "never", "Idle (Admin)"],
      ["198.51.100.7", "65001", "2001:db8:aaaa:bbbb:cccc:dddd:eeee:ffff", "65003", "00:41:07", "5"],
    ]);
  });

  test("an ARP table: lookahead, a part without case, a group that is no value", async () => {
    expect(await rowsOf("junos_arp")).toEqual([
      ["52:54:00:aa:00:01", "192.0.2.10", "ge-0/0/0.0", []],
      ["52:54:00:aa:00:02", "192.0.2.11", "ge-0/0/1.100", ["permanent", "remote"]],
      ["52:54:00:aa:00:03", "128.0.0.16", "fxp0", ["permanent"]],
    ]);
  });

  test("routes: a List of next hops with groups of their own", async () => {
    expect(await rowsOf("linux_routes")).toEqual([
      ["default", [{ gateway: "192.0.2.1", device: "eth0", weight: null }], "100", "static"],
      [
        "10.1.0.0/16",
        [
          { gateway: "192.0.2.5", device: "eth1", weight: "1" },
          { gateway: "192.0.2.9", device: "eth2", weight: "3" },
        ],
        "20",
        "bgp",
      ],
      ["192.0.2.0/30", [], "", "kernel"],
    ]);
  });

  test("VLANs: several ports on a line", async () => {
    expect(await rowsOf("huawei_vlans")).toEqual([
      ["1", "common", ["GE0/0/1", "GE0/0/2"], ["Eth-Trunk1"]],
      ["20", "common", [], ["GE0/0/3", "Eth-Trunk1"]],
      ["300", "super", [], []],
    ]);
  });
});
