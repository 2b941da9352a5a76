import { describe, expect, test } from "bun:test";
import { made, one, parse, refused } from "./support.ts";

/** Expected results follow TTP's documentation, page "Match Variables/Functions", unless a block says otherwise. */
describe("action functions", () => {
  test.each<[string, string, unknown]>([
    ["append(' (lab)')", "e1", "e1 (lab)"],
    ["split(',') | append('z')", "x,y", ["x", "y", "z"]],
    ["prepend('to ')", "core", "to core"],
    ["truncate(2)", "foo bar foo-bar", "foo bar"],
    ["truncate(5)", "foo bar", "foo bar"],
    ["split(',') | join(':')", "1,2,3", "1:2:3"],
    ["join('.')", "abc", "abc"],
    ["item(0)", "xyz", "x"],
    ["split(' ') | item(1)", "a b c", "b"],
    ["split(' ') | item(-1)", "a b c", "c"],
    ["split(' ') | item(9)", "a b c", "c"],
    ["split(' ') | item(-9)", "a b c", "a"],
    ["unrange('-', ',')", "8,10-13,20", "8,10,11,12,13,20"],
    ["unrange(rangechar='-', joinchar=',')", "7", "7"],
    ["unrange('-', ',')", "a-b", "a-b"],
    ["resub('^GigabitEthernet', 'Ge')", "GigabitEthernet3/3", "Ge3/3"],
    ["resub(old='\\d', new='#', count=2)", "a1b2c3", "a#b#c3"],
    ["resub('(a)(b)', '\\\\2\\\\1')", "abab", "baab"],
    ["replaceall('Ethernet')", "GigEthernet5/7", "Gig5/7"],
    ["replaceall('Ge', 'GigabitEthernet', 'GigEth')", "GigEth5/7", "Ge5/7"],
    ["resuball('-', '\\s', '_')", "a b_c", "a-b-c"],
    ["sformat('AS {} or {0}')", "65000", "AS 65000 or 65000"],
    ["mac_eui", "AABB.CCDD.EEFF", "aa:bb:cc:dd:ee:ff"],
    ["mac_eui", "aabb.ccdd.ee", "aa:bb:cc:dd:ee:00"],
    ["mac_eui", "no mac!", "no mac!"],
    ["uptimeparse", "27 weeks, 3 days, 10 hours, 46 minutes, 10 seconds", 16_627_570],
    ["uptimeparse(format='dict')", "2 years, 1 day", { years: "2", days: "1" }],
    ["uptimeparse", "a while", "a while"],
    ["to_int", "42", 42],
    ["to_int", "4x", "4x"],
    ["to_int", "99999999999999999999", "99999999999999999999"],
    ["to_float", "4.5", 4.5],
    ["to_float", "NaN", "NaN"],
    ["to_int | to_str", "007", "7"],
    ["split('-') | to_str", "a-b", "['a', 'b']"],
    ["to_list", "a", ["a"]],
    ["split(' ') | to_list", "a b", ["a", "b"]],
    ["to_cidr", "255.255.254.0", 23],
    ["let('fixed')", "x", "fixed"],
    ["let(None)", "x", null],
  ])("%s of %j", (functions, value, result) => {
    expect(made(functions, value)).toEqual(result as never);
  });

  test("let and copy may add a field of another name", () => {
    expect(made("let('mask', '24') | copy('raw') | upper", "ab", { whole: true })).toEqual({
      v: "AB",
      mask: "24",
      raw: "ab",
    });
  });

  test("replaceall and resuball take texts from variables, and dictionaries of them", () => {
    const data = `<vars>
names = ["Gigabit", "Ten"]
short = {"Ge": ["^GigabitEthernet"], "Te": "^TenGig[a-z]+"}
plain = {"Ge": ["GigabitEthernet"]}
dot = "."
</vars>\n`;
    expect(made("replaceall('X', 'names')", "TenGigabit1", { data })).toBe("XX1");
    expect(made("replaceall('plain')", "GigabitEthernet1", { data })).toBe("Ge1");
    expect(made("resuball('short')", "TenGige1", { data })).toBe("Te1");
    expect(made("resuball('-', 'dot')", "a.b.c", { data })).toBe("a-b-c");
    expect(made("resub('dot', '-', 0)", "a.b", { data })).toBe("a-b");
  });

  test("joinmatches joins texts with a character, and lists", () => {
    const joined = (functions: string) =>
      one(
        `<group name="p">\nport {{ port }}\n vlans {{ vlans | ${functions} }}\n</group>`,
        "port 1\n vlans 1,2\n vlans 3\n",
      );
    expect(joined("joinmatches(',')")).toEqual({ p: { port: "1", vlans: "1,2,3" } });
    expect(joined("joinmatches")).toEqual({ p: { port: "1", vlans: "1,2\n3" } });
    expect(joined("to_list | joinmatches")).toEqual({ p: { port: "1", vlans: ["1,2", "3"] } });
    expect(joined("split(',') | joinmatches")).toEqual({ p: { port: "1", vlans: ["1", "2", "3"] } });
    expect(joined("to_int | joinmatches")).toEqual({ p: { port: "1", vlans: ["1,2", 3] } });
  });

  test("chain takes functions from a variable, a text or a list", () => {
    const data = `<vars>
vlans = "unrange('-', ',') | split(',')"
deep = ["chain('vlans')", "join(':')"]
</vars>\n`;
    expect(made("chain('vlans')", "1-3", { data })).toEqual(["1", "2", "3"]);
    expect(made("chain('deep')", "1-3", { data })).toBe("1:2:3");
  });

  test("default fills what was not matched, and may be any literal", () => {
    const template =
      '<group name="p*">\nport {{ port }}\n ip {{ ip | default("none") }}\n tags {{ tags | default([1, {"a": None}]) }}\n</group>';
    expect(one(template, "port 1\n ip 1.1.1.1\nport 2\n tags x\n")).toEqual({
      p: [
        { port: "1", ip: "1.1.1.1", tags: [1, { a: null }] },
        { port: "2", ip: "none", tags: "x" },
      ],
    });
  });

  test("set says that a line is there, or names a variable", () => {
    const template = `<vars>
layer = "three"
</vars>
<group name="p*">
port {{ port }}
 no switchport {{ layer | set("layer") }} {{ routed | set(True) }}
 shutdown {{ state | set("down") }}
 {{ site | set("layer") }}
 {{ kind | set("port") }}
</group>`;
    expect(one(template, "port 1\n no switchport\nport 2\n shutdown\n shutdown now\n")).toEqual({
      p: [
        { port: "1", layer: "three", routed: true, site: "three", kind: "port" },
        { port: "2", state: "down", site: "three", kind: "port" },
      ],
    });
  });

  test("record keeps a match for set, in this input and in those that follow", () => {
    const template = `<input name="a" load="text">
vrf RED
port 1
</input>
<input name="b" load="text">
port 2
</input>
<group name="v" input="a">
vrf {{ vrf | record("last") }}
</group>
<group name="p" input="a">
port {{ port }}
{{ vrf | set("last") }}
</group>
<group name="q" input="b">
port {{ port }}
{{ vrf | set("last") }}
</group>`;
    expect(parse(template, "")).toEqual([
      [{ v: { vrf: "RED" }, p: { port: "1", vrf: "RED" } }, { q: { port: "2", vrf: "RED" } }],
    ]);
  });

  test("count counts in an input and over all of them", () => {
    const template = `<vars name="counters">
ups = 0
</vars>
<group name="p*">
{{ port }} {{ state | equal("up") | count(var="ups", globvar="all_up") }}
</group>
<group name="n">
name {{ name }} x
{{ total | set("all_up") }}
</group>`;
    expect(one(template, "e1 up\ne2 down\ne3 up\nname a x\n")).toEqual({
      counters: { ups: 2 },
      p: [
        { port: "e1", state: "up" },
        { port: "e3", state: "up" },
      ],
      n: { name: "a", total: 2 },
    });
  });

  test("raise ends the parse with its message", () => {
    expect(refused(() => made('raise("the device refused")', "x"))).toBe("line 3: raise: the device refused");
  });
});

describe("Python's methods of texts", () => {
  test.each<[string, string, unknown]>([
    ["upper", "aß", "ASS"],
    ["lower", "AB", "ab"],
    ["title", "the big one", "The Big One"],
    ["capitalize", "aBC d", "Abc d"],
    ["swapcase", "aB", "Ab"],
    ["strip('/')", "/a/b/", "a/b"],
    ["lstrip('/') | rstrip('b')", "/a/b", "a/"],
    ["split", "a   b c", ["a", "b", "c"]],
    ["split(None, 1)", "a b  c", ["a", "b  c"]],
    ["split('-', 1)", "a-b-c", ["a", "b-c"]],
    ["rsplit('-', 1)", "a-b-c", ["a-b", "c"]],
    ["replace('a', 'xy')", "aba", "xybxy"],
    ["replace('a', 'x', 1)", "aba", "xba"],
    ["replace('', '.')", "ab", ".a.b."],
    ["removeprefix('Gi')", "Gi1", "1"],
    ["removesuffix('x')", "Gi1", "Gi1"],
  ])("%s of %j", (functions, value, result) => {
    expect(made(functions, value)).toEqual(result as never);
  });

  test.each([
    ["startswith('Gi')", "Gi1", "Te1"],
    ["endswith('1')", "Gi1", "Gi2"],
    ["isalpha", "abc", "ab1"],
    ["isalnum", "ab1", "a-1"],
    ["isupper", "AB1", "Ab"],
    ["islower", "ab1", "aB"],
  ])("%s lets %j pass and drops %j", (functions, passes, drops) => {
    expect([made(functions, passes), made(functions, drops)]).toEqual([passes, null]);
  });
});

describe("condition functions", () => {
  const data = '<vars>\nwanted = "core"\nnet = "10.0.0.0/8"\n</vars>\n';

  test.each([
    ["equal('core')", "core", "core-1"],
    ["equal('wanted')", "core", "wanted"],
    ["notequal('core')", "edge", "core"],
    ["contains('a', 'b')", "xb", "xc"],
    ["contains('wanted')", "core-1", "wanted"],
    ["exclude('core')", "edge", "core-1"],
    ["startswith_re('c\\w')", "core", "edge c1"],
    ["endswith_re('\\d')", "core1", "core"],
    ["contains_re('o.e')", "core", "cob"],
    ["exclude_re('\\d')", "core", "core1"],
    ["notstartswith_re('c')", "edge", "core"],
    ["notendswith_re('\\d')", "core", "core1"],
    ["isdigit", "42", "4a"],
    ["notdigit", "4a", "42"],
    ["greaterthan('9')", "10", "9"],
    ["lessthan('10')", "9", "x"],
    ["is_ip", "192.168.0.113/24", "192.168.1.341/24"],
    ["is_ip('ipv6')", "2001:db8::1", "10.0.0.1"],
    ["cidr_match('192.168.0.0/16')", "192.168.0.113/24", "10.0.1.251/24"],
    ["cidr_match('net')", "10.1.1.1", "192.0.2.1"],
    ["to_net | is_private | to_str", "10.0.0.0/24", "8.8.8.0/24"],
    ["split(' ') | contains('b')", "a b", "ab c"],
  ])("%s lets %j pass and drops %j", (functions, passes, drops) => {
    expect(made(functions, passes, { data })).not.toBeNull();
    expect(made(functions, drops, { data })).toBeNull();
  });

  test("void drops all", () => {
    expect(made("void", "x")).toBeNull();
  });
});

describe("addresses", () => {
  test.each<[string, string, unknown]>([
    ["to_ip | with_prefixlen", "1.0.0.3 255.255.255.0", "1.0.0.3/24"],
    ["to_ip | with_netmask", "192.168.0.1/24", "192.168.0.1/255.255.255.0"],
    ["to_ip | network | to_str", "10.12.13.1 255.255.255.0", "10.12.13.0/24"],
    ["to_ip | network | broadcast_address", "10.0.0.1/30", "10.0.0.3"],
    ["to_ip", "2001:0DB8::0001", "2001:db8::1"],
    ["to_ip | version", "10.0.0.1", 4],
    ["to_net | num_addresses", "10.0.0.0/30", 4],
    ["to_net | num_addresses", "2001:db8::/32", "79228162514264337593543950336"],
  ])("%s of %j", (functions, value, result) => {
    expect(made(functions, value)).toEqual(result as never);
  });

  test("ip_info tells what an address, or one with its network, is", () => {
    expect(made("to_ip | ip_info", "1.0.0.3")).toEqual({
      compressed: "1.0.0.3",
      exploded: "1.0.0.3",
      ip: "1.0.0.3",
      is_link_local: false,
      is_loopback: false,
      is_multicast: false,
      is_private: false,
      is_reserved: false,
      is_unspecified: false,
      max_prefixlen: 32,
      version: 4,
    });
    expect(made("ip_info", "fe80::fd37/124")).toMatchObject({
      exploded: "fe80:0000:0000:0000:0000:0000:0000:fd37/124",
      ip: "fe80::fd37",
      hosts: 14,
      hostmask: "::f",
      is_link_local: true,
      network: "fe80::fd30/124",
      network_address: "fe80::fd30",
      broadcast_address: "fe80::fd3f",
      num_addresses: 16,
      prefixlen: 124,
      with_hostmask: "fe80::fd37/::f",
    });
    expect(made("ip_info", "no address")).toBe("no address");
  });

  test("what is none ends the parse, and says what to do", () => {
    expect(refused(() => made("to_ip", "10.0.0.256"))).toBe(
      "line 3: to_ip: what was matched is no IP address; put is_ip before it",
    );
  });
});

describe("lookups", () => {
  const data = `<lookup name="as" load="csv">
number,name,note
65100,Subs,"one, two"
65200,Privs,none
</lookup>
<lookup name="sites" load="ini">
[cities]
-ber- : Berlin
-par- : Paris
</lookup>
<lookup name="domains" load="python">
{"kinds": {"corporate": ["*CORP*", "wifi-?"], "lab": ["lab[0-9]*", "*CORP-LAB"]}}
</lookup>\n`;

  test.each<[string, string, unknown]>([
    ["lookup('as')", "65100", { name: "Subs", note: "one, two" }],
    ["lookup('as')", "1", "1"],
    ["lookup('sites.cities')", "-ber-", "Berlin"],
    ["rlookup('sites.cities')", "sw-par-1", "Paris"],
    ["rlookup('sites.cities')", "sw-rom-1", "sw-rom-1"],
    ["gpvlookup('domains.kinds')", "A-CORP-LAB", ["corporate"]],
    ["gpvlookup('domains.kinds', multimatch=True)", "A-CORP-LAB", ["corporate", "lab"]],
    ["gpvlookup('domains.kinds')", "wifi-1", ["corporate"]],
    ["gpvlookup('domains.kinds')", "labx", "labx"],
  ])("%s of %j", (functions, value, result) => {
    expect(made(functions, value, { data })).toEqual(result as never);
  });

  test("add_field keeps the match beside what is found", () => {
    expect(made("rlookup('sites.cities', add_field='site')", "a-ber-b", { data, whole: true })).toEqual({
      v: "a-ber-b",
      site: "Berlin",
    });
  });

  test("lookup finds what groups and templates have found before", () => {
    const template = `<template name="ports">
<group name="by.{{ port }}">
port {{ port }} vlan {{ vlan }}
</group>
</template>
<template>
<input name="a" load="text">
port e1 vlan 7
</input>
<input name="b" load="text">
arp e1 e9
</input>
<group name="own.{{ port }}" input="a">
port {{ port }} vlan {{ vlan }}
</group>
<group name="arp" input="b">
arp {{ one | lookup(group="own", add_field="found") }} {{ other | lookup(template="ports.by") }}
</group>
</template>`;
    expect(parse(template, "port e9 vlan 8\n")).toEqual([
      [{ by: { e9: { vlan: "8" } } }],
      [
        { own: { e1: { vlan: "7" } } },
        { arp: { one: "e1", found: { vlan: "7" }, other: { vlan: "8" } } },
        {},
      ],
    ] as never);
  });

  test("a table that is not there ends the parse", () => {
    expect(refused(() => made("lookup('none')", "x"))).toBe("line 3: lookup: there is no lookup table none");
  });
});
