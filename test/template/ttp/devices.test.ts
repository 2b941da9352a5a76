import { expect, test } from "bun:test";
import { readFileSync } from "node:fs";
import type { Parsed } from "../../../src/template/parser.ts";
import { parse } from "./support.ts";

const DEVICES = new URL("devices/", import.meta.url).pathname;

function results(name: string): Parsed {
  const read = (ending: string) => readFileSync(`${DEVICES}${name}.${ending}`, "utf8");
  return parse(read("ttp"), read("txt"));
}

test("a router's configuration: interfaces by name, neighbours with their owners, families in BGP", () => {
  expect(results("ios_config")).toEqual([
    [
      {
        "edge-1": {
          interfaces: {
            "Gi0/0/0": { description: "Uplink to core-1 (10G)", vrf: "INTERNET", ip: "192.0.2.1", mask: 30 },
            "Gi0/0/1": { vlans: ["10", "20", "21", "22", "30"], shutdown: true },
          },
          bgp: {
            as: 64700,
            router_id: "198.51.100.1",
            neighbors: [
              {
                neighbor: "192.0.2.2",
                remote_as: "64701",
                peer: { owner: "transit" },
                description: "Transit, primary",
              },
              { neighbor: "192.0.2.6", remote_as: "64799" },
            ],
            families: {
              ipv4: { redistribute: ["connected", "static"] },
              ipv6: { redistribute: ["connected"] },
            },
          },
        },
      },
    ],
  ]);
});

test("statements of one line each: what belongs together by its path", () => {
  expect(results("junos_set")).toEqual([
    [
      {
        interfaces: {
          "ge-0/0/0": {
            unit: {
              "0": { description: "to core, left", inet: "192.0.2.9/255.255.255.252" },
              "100": { vlan: 100, tagged: true },
            },
          },
          lo0: { unit: { "0": { inet: "198.51.100.9/255.255.255.255", inet6: "2001:db8::9/128" } } },
        },
        ntp: ["192.0.2.123", "2001:db8::123"],
      },
    ],
  ] as never);
});

test("blocks behind a rule: descriptions over several lines, addresses that are none", () => {
  expect(results("lldp_detail")).toEqual([
    [
      {
        neighbors: [
          {
            port: "Gi1/0/1",
            chassis: "00:11:22:33:44:55",
            name: "core-1",
            software: "Example OS, Version 9.1 Compiled at night",
            capabilities: ["B", "R"],
            address: "192.0.2.17",
          },
          { port: "Gi1/0/2", name: "phone-7", capabilities: ["T"] },
        ],
      },
    ],
  ]);
});

test("a table of fixed columns, twice: all of it, and a list of some of its ports", () => {
  const row = (
    Port: string,
    Name: string,
    Status: string,
    Vlan: unknown,
    Duplex: string,
    Speed: string,
    Type: string,
  ) => ({
    Port,
    Name,
    Status,
    Vlan,
    Duplex,
    Speed,
    Type,
  });
  expect(results("interface_status")).toEqual([
    {
      ports: [
        row("Gi1/0/1", "desk 12, window", "connected", 120, "a-full", "a-100", "10/100/1000BaseTX"),
        row("Gi1/0/2", "", "notconnect", 1, "auto", "auto", "10/100/1000BaseTX"),
        row("Te1/1/1", "uplink core-1", "connected", "trunk", "full", "10G", "10GBase-LR"),
      ],
      down: ["Gi1/0/2"],
    },
  ] as never);
});
