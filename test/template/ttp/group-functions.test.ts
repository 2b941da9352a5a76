import { describe, expect, test } from "bun:test";
import { one } from "./support.ts";

const TEXT = `port e1
 ip 10.0.0.1
 mask 255.255.255.0
port e2
 name desk
port e3
 ip 10.0.0.3
 name uplink
`;

function ports(attributes: string, data = "") {
  const template = `${data}<group name="p*" ${attributes}>
port {{ port }}
 ip {{ ip }}
 mask {{ mask }}
 name {{ name }}
</group>`;
  const { p = [] } = one(template, TEXT) as { p?: { [name: string]: unknown }[] };
  return p;
}

const names = (attributes: string, data?: string) => ports(attributes, data).map(({ port }) => port);

/** Expected results follow TTP's documentation, page "Groups/Functions". */
describe("functions that keep or drop a record", () => {
  test.each([
    ['contains="ip"', ["e1", "e3"]],
    ['contains="mask, name"', ["e1", "e2", "e3"]],
    ['containsall="ip, name"', ["e3"]],
    ['exclude="ip"', ["e2"]],
    ['exclude="mask, name"', []],
    ['excludeall="ip, name"', ["e1", "e2"]],
    ["equal=\"name, 'desk'\"", ["e2"]],
    ["equal=\"key='name', value='wanted'\"", ["e3"]],
    ["contains_val=\"'ip', '0.3'\"", ["e3"]],
    ["exclude_val=\"'ip', '0.3'\"", ["e1", "e2"]],
    ['void=""', []],
    ["functions=\"contains('ip') | contains('name')\"", ["e3"]],
    ['chain="both"', ["e3"]],
  ])("%s", (attributes, kept) => {
    const data = "<vars>\nwanted = 'uplink'\nboth = [\"contains('ip')\", \"contains('name')\"]\n</vars>\n";
    expect(names(attributes, data)).toEqual(kept);
  });

  test("contains and containsall take a default for what was not matched", () => {
    expect(names('contains="ip" default="none"')).toEqual(["e1", "e3"]);
    expect(names('containsall="ip, name" default="none"')).toEqual(["e3"]);
  });
});

describe("functions that change a record", () => {
  test("del takes fields out", () => {
    expect(ports('del="ip, mask"')[0]).toEqual({ port: "e1" });
  });

  test("to_ip makes an address of two fields", () => {
    expect(ports("to_ip=\"'ip', 'mask'\"")[0]).toEqual({
      port: "e1",
      ip: "10.0.0.1/24",
      mask: "255.255.255.0",
    });
    expect(ports("functions=\"to_ip(ip_key='ip', mask_key='mask')\"")[1]).toEqual({
      port: "e2",
      name: "desk",
    });
  });

  test("to_int makes numbers of some fields, or of all, and in lists when told so", () => {
    const template = (attribute: string) => `<group name="v" ${attribute}>
vlan {{ vlan }} {{ size }} {{ ids | split(",") }} {{ ratio }}
</group>`;
    const text = "vlan 10 x1 1,2 0.5\n";
    expect(one(template('to_int=""'), text)).toEqual({
      v: { vlan: 10, size: "x1", ids: ["1", "2"], ratio: 0.5 },
    });
    expect(one(template("to_int=\"'vlan'\""), text)).toMatchObject({ v: { vlan: 10, ratio: "0.5" } });
    expect(one(template('to_int="ids, intlist=True"'), text)).toMatchObject({
      v: { vlan: "10", ids: [1, 2] },
    });
  });

  test("sformat makes a field of the record, the template's variables and what was recorded", () => {
    const data = "<vars>\nsite = 'hq'\n</vars>\n";
    const made = ports("sformat=\"string='{port}.{name}.{site}', add_field='full'\"", data);
    expect(made.map(({ full }) => full)).toEqual([undefined, "e2.desk.hq", "e3.uplink.hq"]);
  });

  test("set takes a variable, or a default, into a field", () => {
    const data = "<vars>\nsite = 'hq'\n</vars>\n";
    expect(ports("set=\"'site'\"", data)[1]).toEqual({ port: "e2", name: "desk", site: "hq" });
    expect(ports("set=\"'none', target='x', default='d'\"")[1]).toEqual({ port: "e2", name: "desk", x: "d" });
  });

  test("record keeps a field for records that follow", () => {
    const template = `<group name="a" record="'host'">
host {{ host }}
</group>
<group name="b" set="'host'">
port {{ port }}
</group>`;
    expect(one(template, "host r1\nport e1\n")).toEqual({ a: { host: "r1" }, b: { port: "e1", host: "r1" } });
  });

  test("itemize makes a list of one field, here or at another path", () => {
    const template = (attributes: string) =>
      `<group name="p" ${attributes}>\nport {{ port }}\n ip {{ ip }}\n</group>`;
    expect(one(template('itemize="port"'), TEXT)).toEqual({ p: ["e1", "e2", "e3"] });
    expect(one(template("itemize=\"key='ip', path='all.ips'\""), TEXT)).toEqual({
      all: { ips: ["10.0.0.1", "10.0.0.3"] },
      p: [
        { port: "e1", ip: "10.0.0.1" },
        { port: "e3", ip: "10.0.0.3" },
      ],
    });
  });

  test("items2dict makes a field of two", () => {
    const template =
      "<group name=\"x**\" functions=\"items2dict(key_name='k', value_name='v')\">\n{{ k }}: {{ v }}\n</group>";
    expect(one(template, "a: 1\nb: 2\n")).toEqual({ x: { a: "1", b: "2" } });
  });

  test("expand makes dictionaries of names with dots (Forming Results Structure/Expanding Match Variables)", () => {
    const template =
      '<group name="x" expand="">\nport {{ port.name }} {{ port.speed.rate }} {{ mtu }}\n</group>';
    expect(one(template, "port e1 10 1500\n")).toEqual({
      x: { port: { name: "e1", speed: { rate: "10" } }, mtu: "1500" },
    });
  });

  test("lookup replaces a field, adds one, or takes all fields of what it finds", () => {
    const data = '<lookup name=\'rooms\' load=\'json\'>{"desk": {"room": "12", "floor": 1}}</lookup>\n';
    const looked = (more: string) => ports(`lookup="'name', name='rooms'${more}"`, data)[1];
    expect(looked("")).toEqual({ port: "e2", name: { room: "12", floor: 1 } });
    expect(looked(", add_field='at'")).toEqual({ port: "e2", name: "desk", at: { room: "12", floor: 1 } });
    expect(looked(", update=True")).toEqual({ port: "e2", name: "desk", room: "12", floor: 1 });
  });
});
