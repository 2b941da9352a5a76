import { describe, expect, test } from "bun:test";
import { one, parse, refused } from "./support.ts";

const PORTS = `port 1
 name uplink
port 2
 name desk
`;
const group = (name: string) => `<group name="${name}">\nport {{ port }}\n name {{ name }}\n</group>`;

/** Expected results follow TTP's documentation, whose page each block names. */
describe("Results Structure/Anonymous group", () => {
  test("a template without tags gives its records alone, one as it is and several as a list", () => {
    expect(parse("port {{ port }}", "port 1\n")).toEqual([[{ port: "1" }]]);
    expect(parse("port {{ port }}", PORTS)).toEqual([[[{ port: "1" }, { port: "2" }]]]);
    expect(parse("port {{ port }}", "nothing\n")).toEqual([[{}]]);
  });

  test("a group without a name gives a list", () => {
    expect(one("<group>\nport {{ port }}\n</group>", "port 1\n")).toEqual([{ port: "1" }]);
  });

  test("beside groups with a name its records come first", () => {
    const template = "<group>\nport {{ port }}\n</group>\n<group name='n'>\n name {{ name }}\n</group>";
    expect(one(template, PORTS)).toEqual([
      { port: "1" },
      { port: "2" },
      { n: [{ name: "uplink" }, { name: "desk" }] },
    ]);
  });
});

describe("Groups/Name Attribute and Results Structure/Path formatters", () => {
  const record = { port: "1", name: "uplink" };
  const both = [record, { port: "2", name: "desk" }];

  test("one record is a dictionary, several are a list", () => {
    expect(one(group("p"), PORTS)).toEqual({ p: both });
    expect(one(group("p"), PORTS.slice(0, 20))).toEqual({ p: record });
  });

  test("* makes a list below it of whatever is there", () => {
    const first = PORTS.slice(0, 20);
    expect(one(group("p*"), first)).toEqual({ p: [record] });
    expect(one(group("a*.b.c*.d"), first)).toEqual({ a: [{ b: { c: [{ d: record }] } }] });
  });

  test("** makes a dictionary, in which the first record counts", () => {
    expect(one(group("p**"), PORTS)).toEqual({ p: record });
  });

  test("a path character of the template's own separates items", () => {
    expect(one(`<template pathchar="/">${group("a.b/c")}</template>`, "port 1\n")).toEqual({
      "a.b": { c: { port: "1" } },
    });
  });
});

describe("Results Structure/Dynamic Path", () => {
  test("a variable of the record becomes an item of the path, and is in the record no more", () => {
    expect(one(group("p.{{ port }}"), PORTS)).toEqual({
      p: { "1": { name: "uplink" }, "2": { name: "desk" } },
    });
    expect(one(group("p.no_{{ port }}_{{ port }}"), "port 1\n name a\n")).toEqual({
      p: { no_1_1: { name: "a" } },
    });
  });

  test("it is looked for in records around, then in the template's variables; else there is no record", () => {
    const template = `<vars>
site = "hq"
</vars>
<group name="{{ site }}.{{ port }}">
port {{ port }}
<group name="vlans.{{ vlan }}">
 vlan {{ vlan }}
  mode {{ mode }}
</group>
</group>
<group name="{{ nowhere }}">
port {{ port }}
</group>`;
    const text =
      "port 1\n vlan 10\n  mode tagged\n vlan 20\n  mode untagged\nport 2\n vlan 10\n  mode tagged\n";
    expect(one(template, text)).toEqual({
      hq: {
        "1": { vlans: { "10": { mode: "tagged" }, "20": { mode: "untagged" } } },
        "2": { vlans: { "10": { mode: "tagged" } } },
      },
    });
  });

  test("what a device prints is never a path formatter or a null path", () => {
    expect(one(group("p.{{ port }}"), "port 1*\n name a\nport _\n name b\n")).toEqual({
      p: { "1*": { name: "a" }, _: { name: "b" } },
    });
  });
});

describe("Groups: nested ones", () => {
  const template = `<group name="vrfs*">
vrf {{ vrf }}
 <group name="peers">
 peer {{ peer }}
  as {{ as }}
 </group>
 rd {{ rd }}
! {{ _end_ }}
</group>`;

  test("go below the record around, which may go on behind them", () => {
    const text =
      "vrf A\n peer 1.1.1.1\n  as 65001\n peer 2.2.2.2\n  as 65002\n rd 1:1\n!\nvrf B\n rd 2:2\n!\n";
    expect(one(template, text)).toEqual({
      vrfs: [
        {
          vrf: "A",
          peers: [
            { peer: "1.1.1.1", as: "65001" },
            { peer: "2.2.2.2", as: "65002" },
          ],
          rd: "1:1",
        },
        { vrf: "B", rd: "2:2" },
      ],
    });
  });

  test("are dropped with a start that a function drops, until the next start", () => {
    const filtered = template.replace("{{ vrf }}", '{{ vrf | exclude("A") }}');
    const text = "vrf A\n peer 1.1.1.1\n  as 65001\n rd 1:1\n!\nvrf B\n peer 3.3.3.3\n rd 2:2\n!\n";
    expect(one(filtered, text)).toEqual({ vrfs: [{ vrf: "B", peers: { peer: "3.3.3.3" }, rd: "2:2" }] });
  });

  test("are looked for between the first start and the last end of the group around only", () => {
    const text = " peer 9.9.9.9\nvrf A\n peer 1.1.1.1\n!\n peer 8.8.8.8\n";
    expect(one(template, text)).toEqual({ vrfs: [{ vrf: "A", peers: { peer: "1.1.1.1" } }] });
  });

  test("may be all that a group has", () => {
    expect(one(`<group name="all">\n${group("ports")}\n</group>`, "port 1\n name a\n")).toEqual({
      all: { ports: { port: "1", name: "a" } },
    });
  });
});

describe("Results Structure/Null path name attribute", () => {
  test("the records of a nested group join the record around", () => {
    const template = `<group name="devices*">
Device {{ device }}
 <group name="_">
 Software: {{ _start_ }}
 {{ software | _line_ }}
. {{ _end_ }}
 </group>
Uptime {{ uptime }}
</group>`;
    const text = "Device a\n Software:\n one\n two\n.\nUptime 5\nDevice b\n Software:\n three\n.\n";
    expect(one(template, text)).toEqual({
      devices: [
        { device: "a", software: "one\ntwo", uptime: "5" },
        { device: "b", software: "three" },
      ],
    });
  });

  test("an item of the path may be null as well", () => {
    const template = `<group name="a">
port {{ port }}
 <group name="_.names*">
 name {{ name }}
 </group>
</group>`;
    expect(one(template, "port 1\n name a\n name b\n")).toEqual({
      a: { port: "1", names: [{ name: "a" }, { name: "b" }] },
    });
  });
});

describe("Forming Results Structure/Absolute path", () => {
  test("a name that begins with / leads away from the groups around", () => {
    const template = `<group name="bgp">
router {{ as }}
 <group name="/peers**.{{ peer }}**" method="table">
 peer {{ peer }} as {{ remote }}
 </group>
</group>`;
    const text = "router 65000\n peer 1.1.1.1 as 1\n peer 2.2.2.2 as 2\n";
    expect(one(template, text)).toEqual({
      bgp: { as: "65000" },
      peers: { "1.1.1.1": { remote: "1" }, "2.2.2.2": { remote: "2" } },
    });
  });

  test("/ alone leads to the results without a name", () => {
    const template = `<group void="">
port {{ port }}
 <group name="/">
 name {{ name }}
 </group>
</group>`;
    expect(one(template, PORTS)).toEqual([{ name: "uplink" }, { name: "desk" }]);
  });
});

describe("Groups/Attributes", () => {
  test("method=table starts a record with each line", () => {
    const template = `<group name="arp" method="table">
{{ ip | IP }} {{ age | DIGIT }} {{ mac }}
{{ ip | IP }} - {{ mac }}
</group>`;
    expect(one(template, "10.0.0.1 5 aa\n10.0.0.2 - bb\n")).toEqual({
      arp: [
        { ip: "10.0.0.1", age: "5", mac: "aa" },
        { ip: "10.0.0.2", mac: "bb" },
      ],
    });
  });

  test("default= is what variables are that were not matched", () => {
    const template =
      '<group name="p" default="unset">\nport {{ port }}\n name {{ name }}\n vlan {{ vlan }}\n</group>';
    expect(one(template, "port 1\n name a\n")).toEqual({ p: { port: "1", name: "a", vlan: "unset" } });
  });

  test("default= of a group that is not found gives its record", () => {
    const template =
      '<group name="d" default="unknown">\ndomain {{ domain }}\n ttl {{ ttl | default(5) }}\n</group>';
    expect(one(template, "nothing\n")).toEqual({ d: { domain: "unknown", ttl: 5 } });
  });

  test("default= may name a variable with a dictionary", () => {
    const template = `<vars>
unset = {"mode": "access", "tags": []}
</vars>
<group name="p*" default="unset">
port {{ port }}
 mode {{ mode }}
</group>`;
    expect(one(template, "port 1\nport 2\n mode trunk\n")).toEqual({
      p: [
        { port: "1", mode: "access", tags: [] },
        { port: "2", mode: "trunk", tags: [] },
      ],
    });
  });

  test("input= and output= count for top groups", () => {
    const nested = (attribute: string) =>
      `<group name="a">\nx {{ x }}\n<group name="b" ${attribute}="i">\ny {{ y }}\n</group>\n</group>`;
    expect(refused(() => parse(nested("input"), ""))).toBe(
      "line 3: input= counts for groups that are in no other group",
    );
    expect(refused(() => parse(nested("output"), ""))).toStartWith("line 3: output= counts for");
  });
});

test("where a value is in the way of a group's results, that is said", () => {
  const template = `<group name="a">
port {{ b }}
 <group name="b">
 name {{ name }}
 </group>
</group>`;
  expect(refused(() => parse(template, PORTS))).toBe("a value is in the way of the results at a.b");
});

test("names that JavaScript knows are names like others", () => {
  const template =
    '<group name="__proto__.{{ constructor }}">\nport {{ constructor }}\n name {{ __proto__ }}\n</group>';
  const found = one(template, "port toString\n name x\n");
  expect(JSON.stringify(found)).toBe('{"__proto__":{"toString":{"__proto__":"x"}}}');
});
