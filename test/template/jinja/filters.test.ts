import { describe, expect, test } from "bun:test";
import { TemplateError } from "../../../src/core/errors.ts";
import { callFilter } from "../../../src/template/jinja/call-filter.ts";
import { FILTERS } from "../../../src/template/jinja/filters/index.ts";
import ansible from "./ansible.json";
import { refusal, text } from "./support.ts";

/** A filter, what it is given, and what ansible.utils 2.11 makes of it. */
type Row = [filter: string, given: unknown[], result: unknown];

function made(filter: string, given: unknown[]): unknown {
  const found = FILTERS[filter];
  if (found === undefined) throw new Error(`there is no filter ${filter}`);
  try {
    return callFilter(filter, found, given) ?? null;
  } catch (error) {
    if (error instanceof TemplateError) return { error: true };
    throw error;
  }
}

test("filters for addresses give what ansible.utils gives", () => {
  const rows = ansible as Row[];
  const differing = rows
    .map(([filter, given, theirs]) => ({ filter, given, theirs, ours: made(filter, given) }))
    .filter(({ ours, theirs }) => !Bun.deepEquals(ours, theirs));
  expect(differing).toEqual([]);
  expect(rows.length).toBeGreaterThan(1000);
});

describe("in a template", () => {
  test.each([
    [
      "{{ '192.0.2.10/24'|ipaddr('address') }} {{ '192.0.2.10/24'|ipaddr('netmask') }}",
      "192.0.2.10 255.255.255.0",
    ],
    [
      "{{ '192.0.2.10/24'|network }} {{ '192.0.2.10/24'|netmask }} {{ '192.0.2.10/24'|wildcard }}",
      "192.0.2.0 255.255.255.0 0.0.0.255",
    ],
    [
      "{{ '10.0.0.0/8'|ipsubnet(16, index=3) }} {{ '10.0.0.0/8'|nthhost(5) }} {{ '10.0.0.1'|ipmath(-1) }}",
      "10.3.0.0/16 10.0.0.5 10.0.0.0",
    ],
    ["{% for ip in ['192.0.2.1', 'x', '::1']|ipv4 %}{{ ip }}{% endfor %}", "192.0.2.1"],
    [
      "{{ '1a2b.3c4d.5e6f'|hwaddr('linux') }} {{ '1a:2b:3c:4d:5e:6f'|macaddr(query='cisco') }}",
      "1a:2b:3c:4d:5e:6f 1a2b.3c4d.5e6f",
    ],
    [
      "{{ d|json }} {{ d|to_json(sort_keys=true) }} {{ d|to_nice_json(indent=1) }}",
      '{"a": [1, null], "b": "é"} {"a": [1, null], "b": "é"} {\n "a": [\n  1,\n  null\n ],\n "b": "é"\n}'.replaceAll(
        "é",
        "\\u00e9",
      ),
    ],
    ['{{ (\'{"a": {"b": [7]}}\'|from_json).a.b[0] }}', "7"],
    ["{% for line in 'a\\nb\\r\\nc'|splitlines %}<{{ line }}>{% endfor %}", "<a><b><c>"],
    [
      "{{ 'a  b'|split|join(',') }} {{ 'a,b,c'|split(',', 1)|join(';') }} {{ ' a b  c '|split(maxsplit=1)|join(';') }}",
      "a,b a;b,c a;b  c ",
    ],
    [
      "{{ 'Eth1/2'|regex_replace('^Eth(\\\\d+)', 'Ethernet\\\\1') }} {{ 'v15.2'|regex_search('\\\\d+') }} {{ 'a1b2'|regex_findall('[a-z](\\\\d)')|join(',') }}",
      "Ethernet1/2 15 1,2",
    ],
    ["{{ 'a.b'|regex_escape }}", "a\\.b"],
    [
      "{{ [1, 2, 3, 5, 10, 11]|vlan_parser|join(' ') }} {{ '1-3,7'|vlan_expander|join(',') }}",
      "1-3,5,10,11 1,2,3,7",
    ],
    [
      "{{ ({'a': 1}|combine({'b': 2}))|json }} {{ ({'a': {'x': 1}}|combine({'a': {'y': 2}}, recursive=true))|json }}",
      '{"a": 1, "b": 2} {"a": {"x": 1, "y": 2}}',
    ],
    [
      "{{ ({'a': 1}|dict2items)|json }} {{ ([{'key': 'b', 'value': 2}]|items2dict)|json }}",
      '[{"key": "a", "value": 1}] {"b": 2}',
    ],
    ["{{ true|ternary('up', 'down') }} {{ none|ternary('a', 'b', 'c') }} {{ 'yes'|bool }}", "up c true"],
    [
      "{{ [1, 2]|union([2, 3])|join }} {{ [1, 2]|intersect([2])|join }} {{ [1, 2]|difference([2])|join }} {{ [1, [2, [3]]]|flatten|join }}",
      "123 2 1 123",
    ],
    ["{% for a, b in ['x', 'y']|zip([1, 2]) %}{{ a }}{{ b }} {% endfor %}", "x1 y2 "],
    ["{{ 'netpulse'|b64encode|b64decode }}", "netpulse"],
  ])("%s", (template, expected) => {
    expect(text(template, { d: { a: [1, null], b: "é" } })).toBe(expected);
  });

  test.each([
    ["a\n{{ 'x'|netmask }}", "line 2: the value is no address with a netmask"],
    ["{{ '192.0.2.1'|ipaddr('nonsense') }}", 'line 1: ipaddr has no query "nonsense"'],
    ["a\n\nip {{ nothing|ipaddr }}", "line 3: ipaddr is given a value that is undefined or none"],
    ["{{ '{'|from_json }}", "line 1: the text is no JSON"],
    ["{{ 'a'|regex_search('(') }}", "line 1: the regex is not valid"],
    ["{{ 'a'|regex_replace('a', '\\\\7') }}", "line 1: the replacement is not valid"],
    ["{{ [1]|upper }}", "line 1: the value is a list where text is needed"],
    ["{{ '5000'|vlan_expander }}", "line 1: a VLAN is a number from 1 to 4094"],
    ["{{ {'a': 1}|combine(7) }}", "line 1: what is combined is a number where an object is needed"],
    ["{{ 'a'|upper('b') }}", "line 1: upper takes at most 0 arguments"],
    ["{{ 'a'|center(10000000000) }}", "line 1: a filter makes more than"],
    ["{{ ('x' * 100000)|replace('x', 'y' * 1000) }}", "line 1: a filter makes more than"],
    ["{{ 'a'|upper }}\n{{ [1]|upper }}", "the value is a list where text is needed"],
  ])("%s is refused", (template, reason) => {
    expect(refusal(template)).toStartWith(reason);
  });
});
