import { describe, expect, test } from "bun:test";
import { one } from "./support.ts";

/** Expected results follow TTP's documentation, whose page each block names. */
describe("Match Variables/Indicators", () => {
  test("_start_ behind a text starts a group and keeps nothing of its line", () => {
    const template = `<group name="fans">
== fan == {{ _start_ }}
Slot {{ slot }}
Speed {{ speed }} rpm
</group>`;
    const text = "== fan ==\nSlot A\nSpeed 4200 rpm\n== fan ==\nSlot B\n";
    expect(one(template, text)).toEqual({ fans: [{ slot: "A", speed: "4200" }, { slot: "B" }] });
  });

  test("_start_ in a variable lets several lines start a group", () => {
    const template = `<group name="ports">
port copper{{ id }}
port fibre{{ id | _start_ }}
 speed {{ speed }}
</group>`;
    expect(one(template, "port copper1\n speed 100M\nport fibre9\n speed 10G\n")).toEqual({
      ports: [
        { id: "1", speed: "100M" },
        { id: "9", speed: "10G" },
      ],
    });
  });

  test("_end_ ends a group: lines behind it are not its own", () => {
    const template = `<group name="users">
user {{ name }}
 role {{ role }}
exit {{ _end_ }}
</group>`;
    const text = "user ann\nexit\n role lost\nuser bob\n role admin\nexit\n role lost\n";
    expect(one(template, text)).toEqual({ users: [{ name: "ann" }, { name: "bob", role: "admin" }] });
  });

  test("digits stand for numbers unless the line is _exact_", () => {
    const group = (mark: string) => `<group name="af">
family ipv4 unicast {{ _start_ }}${mark}
 limit {{ limit }}
! {{ _end_ }}
</group>`;
    const text = "family ipv4 unicast\n limit 10\n!\nfamily ipv6 unicast\n limit 20\n!\n";
    expect(one(group(""), text)).toEqual({ af: [{ limit: "10" }, { limit: "20" }] });
    expect(one(group("{{ _exact_ }}"), text)).toEqual({ af: { limit: "10" } });
    expect(one("vlan 10 name {{ name | _exact_ }}", "vlan 20 name a\nvlan 10 name b\n")).toEqual({
      name: "b",
    });
  });

  test("runs of blanks stand for runs of any length unless the line is _exact_space_", () => {
    expect(one("a  b {{ x }}", "a b 1\n")).toEqual({ x: "1" });
    expect(one("a  b {{ x | _exact_space_ }}", "a b 1\na  b 2\n")).toEqual({ x: "2" });
  });

  test("indentation counts as it is written, and blanks at the end of a line do not", () => {
    expect(one(" mtu {{ mtu }}", "mtu 1\n  mtu 2\n mtu 3 \t\n")).toEqual({ mtu: "3" });
  });

  test("_line_ takes lines that nothing else takes, with its functions", () => {
    const template = `<group name="ports*">
port {{ port }}
 mode {{ mode }}
 {{ rest | _line_ | contains("guard") | joinmatches }}
</group>`;
    const text = "port 1\n mode access\n bpdu guard\n root guard on\n shutdown\nport 2\n mode trunk\n";
    expect(one(template, text)).toEqual({
      ports: [
        { port: "1", mode: "access", rest: "bpdu guard\nroot guard on" },
        { port: "2", mode: "trunk" },
      ],
    });
  });

  test("ignore passes over a word, a pattern, a regex or a variable's regex", () => {
    const template = `<vars>
sides = "left|right"
</vars>
<group name="x">
from {{ ignore }} to {{ to }}
code {{ ignore("\\d{3}") }} {{ code }}
text {{ ignore("PHRASE") }}: {{ value }}
side {{ ignore("sides") }} {{ side }}
</group>`;
    const text = "from a1 to b\ncode 12 x\ncode 123 y\ntext some words here: z\nside right r\nside up u\n";
    expect(one(template, text)).toEqual({ x: { to: "b", code: "y", value: "z", side: "r" } });
  });

  describe("_headers_", () => {
    const head = "Port  Name      State  Note";
    const text = `Port  Name      State  Note
p1    alpha     up     first one
p2              down
p3    gamma ray up
p4
`;
    const parsed = (columns: string) =>
      one(`<group name="t*">\n${head}  {{ _headers_${columns} }}\n</group>`, text);

    test("takes rows apart by the width of columns; two columns may be missing", () => {
      expect(parsed("")).toEqual({
        t: [
          { Port: "p1", Name: "alpha", State: "up", Note: "first one" },
          { Port: "p2", Name: "", State: "down", Note: "" },
          { Port: "p3", Name: "gamma ray", State: "up", Note: "" },
        ],
      });
    });

    test("takes as many columns for given as columns() says", () => {
      const ports = (columns: number) => {
        const found = parsed(` | columns(${columns})`) as { t?: { Port: string }[] };
        return (found.t ?? []).map(({ Port }) => Port);
      };
      expect([4, 3, 2, 1].map(ports)).toEqual([
        ["p1"],
        ["p1", "p2", "p3"],
        ["p1", "p2", "p3"],
        ["p1", "p2", "p3", "p4"],
      ]);
    });

    test("counts the head's indentation to the first column", () => {
      const template = '<group name="t">\n   Net       Via {{ _headers_ }}\n</group>';
      expect(one(template, "   Net       Via\n*> 10/8      a b\n")).toEqual({
        t: { Net: "*> 10/8", Via: "a b" },
      });
    });
  });
});

describe("Match Variables/Patterns", () => {
  test.each([
    ["WORD", "a-b/c", true],
    ["WORD", "a b", false],
    ["PHRASE", "a b c", true],
    ["PHRASE", "a", false],
    ["PHRASE", "a  b", false],
    ["ORPHRASE", "a", true],
    ["ORPHRASE", "a b", true],
    ["ORPHRASE", "a  b", false],
    ["ROW", "a   b  c", true],
    ["DIGIT", "0012300", true],
    ["DIGIT", "1a", false],
    ["IP", "192.0.2.1", true],
    ["IP", "321.751.123.999", true],
    ["IP", "1.2.3", false],
    ["PREFIX", "999.321.192.6/99", true],
    ["PREFIX", "10.0.0.1", false],
    ["IPV6", "2001:DB8::FE31", true],
    ["IPV6", "2002::fd37::91", true],
    ["IPV6", "::", true],
    ["IPV6", "beef", false],
    ["PREFIXV6", "2001:DB8::FE31/64", true],
    ["PREFIXV6", "2001:DB8::FE31", false],
    ["MAC", "aa:bb:cc:dd:11:33", true],
    ["MAC", "aa.bb.cc.dd.11.33", true],
    ["MAC", "aabb:ccdd:1133", true],
    ["MAC", "aabb.ccdd.1133", true],
    ["MAC", "aabb.ccdd", false],
  ])("%s and %j: %p", (pattern, value, fits) => {
    expect(one(`is {{ x | ${pattern} }} .`, `is ${value} .\n`)).toEqual(fits ? { x: value } : {});
  });

  test("re takes a variable of the template, a pattern, or a regex, and several mean any of them", () => {
    const template = `<vars>
gig = "Gi\\S+"
</vars>
<group name="x*">
{{ port | re("gig") }} {{ vlan | re("DIGIT") }} {{ side | re("[LR]") | re("both") }}
</group>`;
    const text = "Gi1 10 L\nTe1 10 L\nGi2 x L\nGi3 30 both\nGi4 40 X\n";
    expect(one(template, text)).toEqual({
      x: [
        { port: "Gi1", vlan: "10", side: "L" },
        { port: "Gi3", vlan: "30", side: "both" },
      ],
    });
  });

  test("a regex may have a pipe inside its quotes", () => {
    expect(one('{{ state | re("up|down") }}', "up\nsideways\n")).toEqual({ state: "up" });
  });
});
