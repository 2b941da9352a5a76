import { describe, expect, test } from "bun:test";
import { askPython } from "../support/oracle.ts";
import { type Answer, ours, type Question } from "./support.ts";

const DEVICE = {
  hostname: "core-1",
  interfaces: [
    { name: "Ethernet1", ip: "192.0.2.1", mask: "255.255.255.0", vlans: [10, 20], up: true },
    { name: "Ethernet2", ip: "198.51.100.1", mask: "255.255.255.252", vlans: [], up: false },
  ],
  ntp: { a: "192.0.2.10", b: "192.0.2.11" },
  banner: "line one\nline two",
  description: null,
  mtu: 9000,
};

const SAME: readonly string[] = [
  "hostname {{ hostname }}",
  "{% for i in interfaces %}interface {{ i.name }}\n ip address {{ i.ip }} {{ i.mask }}\n{% endfor %}",
  "{% for i in interfaces if i.up %}{{ i.name }}{% endfor %}",
  "{% for i in interfaces %}{% if i.vlans %}{{ i.vlans|join(',') }}{% elif i.up %}up{% else %}none{% endif %}\n{% endfor %}",
  "{% for v in [] %}x{% else %}no vlans{% endfor %}",
  "{% for i in interfaces %}{{ loop.index }}/{{ loop.length }}{{ ', ' if not loop.last }}{% endfor %}",
  "{% for i in interfaces %}{{ loop.index0 }}{{ loop.first|lower }}{{ loop.revindex }}{% endfor %}",
  "{% for k, v in ntp.items() %}ntp server {{ v }} key {{ k }}\n{% endfor %}",
  "{% for k in ntp %}{{ k }}{% endfor %}",
  "{% for k, v in ntp|dictsort %}{{ k }}={{ v }};{% endfor %}",
  "{% for a, b in [[1, 2], [3, 4]] %}{{ a + b }} {% endfor %}",
  "{% set x = 5 %}{{ x * 2 }}",
  "{% set x = 1 %}{% for i in [1, 2] %}{% set x = i %}{% endfor %}{{ x }}",
  "{% set ns = namespace(n=0) %}{% for i in interfaces %}{% set ns.n = ns.n + i.vlans|length %}{% endfor %}{{ ns.n }}",
  "{% set block %}a\nb{% endset %}{{ block|upper }}",
  "{% macro port(name, mode='access') %}interface {{ name }}\n switchport mode {{ mode }}\n{% endmacro %}{{ port('Et1') }}{{ port('Et2', mode='trunk') }}",
  "{% macro wrap() %}<{{ caller() }}>{% endmacro %}{% call wrap() %}in{% endcall %}",
  "{% with a = 1, b = 2 %}{{ a + b }}{% endwith %}",
  "{% filter upper %}up {{ hostname }}{% endfilter %}",
  "{% raw %}{{ kept }}{% endraw %}",
  "a{# a comment\nover lines #}b",
  "{%- if true -%}  x  {%- endif -%}  y",
  "a\n{% if true %}\nb\n{% endif %}\nc\n",
  "{{ 'a' if mtu > 1500 else 'b' }}",
  "{{ mtu + 1 }} {{ mtu - 1 }} {{ mtu * 2 }} {{ mtu // 7 }} {{ mtu % 7 }} {{ 2 ** 10 }} {{ -7 // 2 }} {{ -7 % 3 }} {{ 3 / 2 }}",
  "{{ (1 < 2)|lower }}{{ (2 <= 1)|lower }}{{ (1 != 2)|lower }}{{ (1 == 1.0)|lower }}",
  "{{ hostname ~ '-' ~ mtu }} {{ 'a' + 'b' }} {{ 'ab' * 3 }} {{ 'a' 'b' }}",
  "{{ ('Eth' in interfaces[0].name and mtu == 9000 or false)|lower }} {{ (not true)|lower }} {{ (1 not in [2])|lower }}",
  "{{ interfaces[0]['name'] }} {{ interfaces[-1].name }} {{ hostname[0] }} {{ hostname[:4] }} {{ hostname[5:] }} {{ hostname[::2] }}",
  "{{ ntp.a }} {{ ntp['b'] }} {{ ntp.get('a') }} {{ ntp.keys()|join(',') }} {{ ntp.values()|join(',') }}",
  "{{ missing|default('d') }} {{ (missing is defined)|lower }} {{ (hostname is defined)|lower }} {{ ntp.missing|default('e') }}",
  "{{ ''|default('x', true) }} {{ description is none|lower }}",
  "{{ hostname|upper }} {{ 'ABC'|lower }} {{ 'abc def'|title }} {{ 'aBC'|capitalize }}",
  "{{ ' x '|trim }}| {{ 'xxaxx'|trim('x') }} {{ 'a-b-c'|replace('-', '_') }} {{ 'a-b-c'|replace('-', '_', 1) }}",
  "{{ 'abc'|replace('', '-') }}",
  "{{ banner|indent(2) }}\n{{ banner|indent(2, true) }}",
  "{{ [1, 2, 3]|join('-') }} {{ ['a', 'b']|join }} {{ interfaces|join(',', attribute='name') }}",
  "{{ [3, 1, 2]|sort|join(',') }} {{ [3, 1, 2]|sort(reverse=true)|join(',') }} {{ interfaces|sort(attribute='mask')|map(attribute='name')|join(',') }}",
  "{{ [3, 1, 3]|unique|join(',') }} {{ [1, 2, 3]|reverse|join(',') }} {{ [1, 2]|first }} {{ [1, 2]|last }}",
  "{{ [1, 2, 3]|sum }} {{ [3, 1]|min }} {{ [3, 1]|max }} {{ [1, 2]|length }} {{ 'abc'|count }}",
  "{{ interfaces|map(attribute='name')|list|join(' ') }} {{ ['a', 'b']|map('upper')|join }}",
  "{{ interfaces|selectattr('up')|map(attribute='name')|join }} {{ interfaces|rejectattr('up')|map(attribute='name')|join }}",
  "{{ interfaces|selectattr('name', 'equalto', 'Ethernet2')|map(attribute='ip')|join }}",
  "{{ [1, 2, 3, 4]|select('odd')|join(',') }} {{ [1, 2, 3, 4]|reject('odd')|join(',') }} {{ [1, 6]|select('gt', 5)|join }}",
  "{% for mask, group in interfaces|groupby('mask') %}{{ mask }}: {{ group|map(attribute='name')|join(',') }}\n{% endfor %}",
  "{% for row in [1, 2, 3, 4, 5]|batch(2) %}{{ row|join(',') }};{% endfor %}{% for row in [1, 2, 3]|slice(2) %}{{ row|join(',') }};{% endfor %}",
  "{{ '42'|int + 1 }} {{ 'x'|int }} {{ 'x'|int(7) }} {{ '1f'|int(base=16) }} {{ '0x1f'|int(0, 16) }} {{ '3.9'|int }} {{ 4.7|int }} {{ ' 5 '|int }}",
  "{{ '1_000'|int }} {{ '-5'|int }} {{ ''|int }} {{ true|int }} {{ '12abc'|int }}",
  "{{ '%s-%03d'|format('a', 7) }} {{ '%5s|%-5s|'|format('a', 'b') }} {{ '%x %X %o'|format(255, 255, 8) }} {{ '%.2f'|format(1.5) }} {{ '%d%%'|format(50) }} {{ '%+d % d'|format(1, 2) }}",
  "{{ '%(a)s/%(b)d'|format(a='x', b=3) }}",
  "{{ 'abc'|center(9) }}| {{ 'abcd'|center(9) }}|",
  "{{ 'hello world foo bar baz'|truncate(15) }} {{ 'hello world foo bar baz'|truncate(15, true) }} {{ 'hello world foo'|truncate(9, false, '..', 0) }}",
  "{{ 'a b  c'|wordcount }} {{ '<b>x</b>  y'|striptags }} {{ '<a href=\"x\">'|e }} {{ 'a b/c?d=e'|urlencode }}",
  "{{ {'b': 1, 'a': [1, 'x']}|tojson }} {{ '<x>'|tojson }} {{ [1, 2]|tojson }} {{ {'a': {'b': 1}}|tojson(indent=2) }} {{ 'é'|tojson }}",
  "{{ 'a,b'.split(',')|join(';') }} {{ 'a b'.split()|join(';') }} {{ ' x '.strip() }} {{ 'x.y'.replace('.', '-') }} {{ 'abc'.startswith('ab')|lower }} {{ 'A'.lower() }}{{ 'a'.upper() }}",
  "{{ 'abc'.endswith('c')|lower }} {{ '12'.isdigit()|lower }} {{ 'a.b'.find('.') }} {{ '-'.join(['a', 'b']) }} {{ 'abca'.count('a') }}",
  "{{ range(3)|join(',') }} {{ range(1, 4)|join(',') }} {{ range(0, 10, 5)|join(',') }} {{ range(3, 0, -1)|join(',') }}",
  "{{ 1.5|round }} {{ 1.234|round(2) }} {{ -3|abs }}",
  "{{ (3 is odd)|lower }} {{ (4 is divisibleby(2))|lower }} {{ ('x' is string)|lower }} {{ (ntp is mapping)|lower }} {{ ([1] is sequence)|lower }} {{ (1 in [1, 2])|lower }}",
  "{{ (1, 2)|join(',') }} {{ [[1, 2], [3]]|map('sum')|join(',') }} {{ [1, [2]]|length }}",
  "{% if description is none %}no{% endif %}{% if not interfaces[1].vlans %} none{% endif %}",
  "{% for i in interfaces %}{% set outer = loop %}{% for v in i.vlans %}{{ outer.index }}.{{ loop.index }} {% endfor %}{% endfor %}",
  "{% for v in range(3) recursive %}{{ v }}{% endfor %}",
  "{{ 'ÄÖ'|lower }} {{ 'é'|length }} {{ '日本' ~ 1 }}",
  "{{ dict(a=1, b=2).b }} {{ [1, 2, 3][1:]|join }}",
  "{{ 'x'|default(missing2|default('y')) }}",
  "\\n is kept: {{ 'a\\nb' }}",
  "{{ '\\'' }}{{ \"\\\"\" }}{{ '\\\\' }}",
];

const REFUSED: readonly string[] = [
  "{{ missing }}",
  "a {{ ntp.missing }}",
  "{{ missing.inner }}",
  "{{ missing|upper }}",
  "{{ missing|lower|title }}",
  "{{ missing|join(',') }}",
  "{{ missing|replace('a', 'b') }}",
  "{{ missing|int }}",
  "{{ missing|trim }}",
  "{{ missing|length }}",
  "{{ missing + 1 }}",
  "{% for x in missing %}{% endfor %}",
  "{% if missing %}x{% endif %}",
  "{{ interfaces[7].name }}",
  "{{ missing() }}",
  "{{ hostname|no_such_filter }}",
  "{{ hostname is no_such_test }}",
  "{% if x %}",
  "{% endfor %}",
  "{{ 1 + }}",
  "{{ }}",
  "{% include 'none.j2' %}",
  "{% extends 'none.j2' %}",
  "{% import 'none.j2' as x %}",
  "{{ '%d'|format('x') }}",
  "{{ '%s %s'|format(1) }}",
  "{{ '%s'|format(1, 2) }}",
  "{{ 1 + 'a' }}",
  "{% set %}",
  "{{ hostname|truncate(1) }}",
  "{{ hostname|trim(1, 2, 3) }}",
];

const FILES: Question["files"] = {
  "base.j2": "start\n{% block body %}default{% endblock %}\nend{% block tail %}{% endblock %}",
  "child.j2": "{% extends 'base.j2' %}{% block body %}[{{ super() }}]{% endblock %}",
  "part.j2": "part of {{ hostname }}",
  "macros.j2": "{% macro vlan(id) %}vlan {{ id }}{% endmacro %}{% set site = 'lab' %}",
  "dir/nested.j2": "nested {% include 'part.j2' %}",
  "vendor_cisco.j2": "cisco",
};

const WITH_FILES: readonly string[] = [
  "{% include 'part.j2' %}",
  "{% extends 'base.j2' %}{% block tail %}!{% endblock %}",
  "{% include 'child.j2' %}",
  "{% extends 'child.j2' %}{% block body %}<{{ super() }}>{% endblock %}",
  "{% import 'macros.j2' as m %}{{ m.vlan(7) }} {{ m.site }}",
  "{% from 'macros.j2' import vlan, site as where %}{{ vlan(8) }} {{ where }}",
  "{% include 'dir/nested.j2' %}",
  "{% include 'none.j2' ignore missing %}-",
  "{% include ['none.j2', 'part.j2'] %}",
  "{% set vendor = 'cisco' %}{% include 'vendor_' ~ vendor ~ '.j2' %}",
  "{% set name = 'part.j2' %}{% include name %}",
  "{% for n in ['part.j2', 'vendor_cisco.j2'] %}{% include n %};{% endfor %}",
];

/** What docs/templates.md says is not as in Jinja2. */
const DIFFERENT: readonly (readonly [template: string, made: string | null])[] = [
  ["{% for k in {'b': 1, 'a': 2} %}{{ k }}{% endfor %}", "ab"],
  ["{{ true }} {{ none }} {{ ['a'] }}", 'true none ["a"]'],
  ["{{ missing ~ 'x' }}{{ not missing }}{{ missing == 1 }}", "xtruefalse"],
  ["{{ description|upper }}", null],
  ["{{ '%d' % 7 }}", null],
  ["{{ '{}'.format(7) }}", null],
  ["{{ ntp.get('z', 'x') }}", null],
  ["{{ 'a b'|wordwrap(1) }}", null],
  ["{{ [1]|random }}", null],
  ["{{ lipsum() }}", null],
  ["{% for i in [1] %}{% break %}{% endfor %}", null],
  ["{% do ntp.update({}) %}", null],
  ["{% set a, b = 1, 2 %}", null],
  ["{{ 1 / 0 }}", "inf"],
  ["{{ 2.7|round(method='floor') }}", null],
];

async function compare(questions: readonly Question[]): Promise<Answer[]> {
  const theirs = await askPython<Question, Answer>("jinja_oracle.py", questions);
  const answers = questions.map((question) => ours(question));
  const differing = answers.flatMap((mine, at) => {
    const python = theirs[at] as Answer;
    const alike =
      "text" in mine && "text" in python ? mine.text === python.text : "text" in mine === "text" in python;
    return alike ? [] : [{ template: questions[at]?.template, ours: mine, python }];
  });
  expect(differing).toEqual([]);
  return answers;
}

describe("Debian's Jinja2, with undefined values refused, makes the same", () => {
  test("of the language and its filters", async () => {
    const answers = await compare(SAME.map((template) => ({ template, context: DEVICE })));
    expect(answers.flatMap((answer, at) => ("refused" in answer ? [[SAME[at], answer.reason]] : []))).toEqual(
      [],
    );
  });

  test("of what is refused", async () => {
    const answers = await compare(REFUSED.map((template) => ({ template, context: DEVICE })));
    expect(answers.filter((answer) => "text" in answer)).toEqual([]);
  });

  test("but for what is documented", async () => {
    const questions = DIFFERENT.map(([template]) => ({ template, context: DEVICE }));
    const theirs = await askPython<Question, Answer>("jinja_oracle.py", questions);
    for (const [at, [template, made]] of DIFFERENT.entries()) {
      const mine = ours({ template, context: DEVICE });
      expect([template, "text" in mine ? mine.text : null]).toEqual([template, made]);
      expect(theirs[at]).not.toEqual({ text: made });
    }
  });

  test("of templates that bring in others", async () => {
    const questions = WITH_FILES.map((template) => ({ template, context: DEVICE, files: FILES }));
    const answers = await compare(questions as Question[]);
    expect(answers.filter((answer) => "refused" in answer)).toEqual([]);
  });

  test("with blocks trimmed and the last line end kept", async () => {
    const template = "a\n  {% if true %}\n  b\n  {% endif %}\nc\n";
    const options = [
      {},
      { trim_blocks: true },
      { lstrip_blocks: true },
      { trim_blocks: true, lstrip_blocks: true },
      { keep_trailing_newline: true },
    ];
    const answers = await compare(options.map((each) => ({ template, options: each })));
    expect(new Set(answers.map((answer) => JSON.stringify(answer))).size).toBe(5);
  });
});
