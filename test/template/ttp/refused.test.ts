import { describe, expect, test } from "bun:test";
import { parse, refused } from "./support.ts";

const GROUP = '<group name="p">\nport {{ port }}\n</group>';
const line = (text: string) => `<group name="p">\nport {{ port }}\n${text}\n</group>`;

/** Templates with what is wrong with them, by the part of TTP that it belongs to. */
const REFUSED: Record<string, [template: string, reason: string][]> = {
  "what would run code, or read or write elsewhere": [
    [
      `<macro>\ndef f(x): return x\n</macro>\n${GROUP}`,
      "line 1: <macro> is not supported: it is code that comes with the template",
    ],
    [`${GROUP}\n<extend template="a.txt"/>`, "line 4: <extend> is not supported: a template is in one piece"],
    [
      line("a {{ a | macro('f') }}"),
      "line 3: the function macro is not supported: it runs code that comes with the template",
    ],
    [
      GROUP.replace(">", ' macro="f">'),
      "line 1: the function macro is not supported: it runs code that comes with the template",
    ],
    [
      `${GROUP}\n<output macro="f"/>`,
      "line 4: macro of an output is not supported: it runs code that comes with the template",
    ],
    [line("a {{ a | dns }}"), "line 3: the function dns is not supported: it asks the network"],
    [line("a {{ a | rdns }}"), "line 3: the function rdns is not supported: it asks the network"],
    [
      line("a {{ a | geoip_lookup('a.b') }}"),
      "line 3: the function geoip_lookup is not supported: it reads databases from files",
    ],
    [
      line("a {{ a | print }}"),
      "line 3: the function print is not supported: there is no terminal to print to",
    ],
    [
      GROUP.replace(">", " cerberus=\"'s'\">"),
      "line 1: the function cerberus is not supported: there is no validation engine",
    ],
    [
      GROUP.replace(">", " validate=\"'s'\">"),
      "line 1: the function validate is not supported: there is no validation engine",
    ],
    [
      `<input url="/etc/"/>\n${GROUP}`,
      "line 1: url of an input is not supported: data comes with the request, or in the template",
    ],
    [
      `<input load="yaml">\nurl: /etc/\n</input>\n${GROUP}`,
      "line 1: url of an input is not supported: data comes with the request, or in the template",
    ],
    [
      `<input load="text" extract_commands="show">\nport 1\n</input>\n${GROUP}`,
      "line 1: extract_commands of an input is not supported: functions of inputs are not known",
    ],
    [
      GROUP.replace(">", ' input="/etc/passwd">'),
      "line 1: there is no input /etc/passwd, and files are not read",
    ],
    [
      `<template base_path="/etc/">\n${GROUP}\n</template>`,
      "line 1: base_path= is not supported: no data from files",
    ],
    [
      `<vars include="a.yaml">a = 1</vars>\n${GROUP}`,
      "line 1: include= is not supported: no data from other files",
    ],
    [
      `<lookup name="l" include="a.csv"/>\n${GROUP}`,
      "line 1: include= is not supported: no data from other files",
    ],
    [
      `<lookup name="l" database="geoip2">a = 1</lookup>\n${GROUP}`,
      "line 1: database= is not supported: no databases in files",
    ],
    [
      `${GROUP}\n<output returner="file" url="/tmp"/>`,
      "line 4: the returner file is not supported: results go back to the caller, self",
    ],
    [
      `${GROUP}\n<output returner="terminal"/>`,
      "line 4: the returner terminal is not supported: results go back to the caller, self",
    ],
    [`${GROUP}\n<output format="csv"/>`, "line 4: the format csv is not supported: results are data, raw"],
    [
      `${GROUP}\n<output filename="x"/>`,
      "line 4: filename of an output is not supported: nothing is written to files",
    ],
    [
      `${GROUP}\n<output deepdiff="a, b"/>`,
      "line 4: deepdiff of an output is not supported: compare results where they are used",
    ],
    [
      `<vars>\nnow = "get_time"\n</vars>\n${GROUP}`,
      "line 1: the getter get_time is not supported: a text gives the same results at any time",
    ],
    [
      `<vars>\nf = "getfilename"\n</vars>\n${GROUP}`,
      "line 1: the getter getfilename is not supported: there are no files",
    ],
  ],
  "what TTP does not know": [
    [`<groups>\n</groups>\n${GROUP}`, "line 1: there is no tag <groups>"],
    [line("a {{ a | uper }}"), "line 3: there is no function uper for a match"],
    [line("a {{ a | constructor }}"), "line 3: there is no function constructor for a match"],
    [GROUP.replace(">", ' contain="a">'), "line 1: there is no function or attribute contain for a group"],
    [`${GROUP}\n<output sort="a"/>`, "line 4: there is no function or attribute sort for an output"],
    [`<template result="per_input">\n${GROUP}\n</template>`, "line 1: a template has no attribute result"],
    [
      `<template results="per_group">\n${GROUP}\n</template>`,
      "line 1: results= is per_input or per_template",
    ],
    [`<vars nam="a">a = 1</vars>\n${GROUP}`, "line 1: <vars> has no attribute nam"],
    [
      `<vars load="toml">a = 1</vars>\n${GROUP}`,
      'line 1: unknown loader "toml"; there are python, json, yaml, ini, csv and text',
    ],
    [GROUP.replace(">", ' method="tables">'), "line 1: the method of a group is group or table"],
    [GROUP.replace(">", ' output="o">'), "line 1: there is no output o"],
    [`<input load="text" groups="q">\nport 1\n</input>\n${GROUP}`, "line 1: there is no group q"],
    [`<lookup load="csv">a,b</lookup>\n${GROUP}`, "line 1: a lookup table needs a name"],
  ],
  "calls that are wrong": [
    [
      line("a {{ a | truncate }}"),
      "line 3: truncate: the argument count is missing; it is called as truncate(count)",
    ],
    [
      line("a {{ a | append('a', 'b') }}"),
      "line 3: append: there are too many arguments; it is called as append(string)",
    ],
    [
      line("a {{ a | append(text='a') }}"),
      "line 3: append: it has no argument text; it is called as append(string)",
    ],
    [
      line("a {{ a | unrange('-', rangechar='-', joinchar=',') }}"),
      "line 3: unrange: the argument rangechar is given twice",
    ],
    [line("a {{ a | contains(open('x')) }}"), "line 3: expected a comma between arguments"],
    [line("a {{ a | contains(1 + 1) }}"), "line 3: expected a comma between arguments"],
    [line("a {{ a | contains(f'{x}') }}"), "line 3: expected a comma between arguments"],
    [line("a {{ a | contains('x) }}"), "line 3: expected a literal: a text, number, list or dictionary"],
    [
      line("a {{ a b | upper }}"),
      'line 3: "a b" is neither a name nor a call; write name or name("argument")',
    ],
    [
      line("a {{ a | re('(') }}"),
      "line 3: the regex is not valid: missing ), unterminated subpattern at position 0",
    ],
    [
      line("a {{ a | re('(?P&lt;x>.)') }}"),
      "line 3: a regex has no named groups: the match variable names what it finds",
    ],
    [
      line("a {{ a | contains_re('[') }}"),
      "line 3: contains_re: the regex is not valid: unterminated character set",
    ],
    [line("a {{ a | resub('(', '') }}"), "line 3: resub: the regex is not valid: missing )"],
    [line("a {{ a | chain('none') }}"), "line 3: chain: there is no variable none"],
    [line("a {{ a | set }}"), "line 3: set takes one value"],
    [
      `<vars>\na = 1\nb = open("x")\n</vars>\n${GROUP}`,
      "line 3: open is no literal; values are texts, numbers, lists and dictionaries",
    ],
    [`<vars>\na = [1,\n\n2\n</vars>\n${GROUP}`, "line 5: expected a comma or ]"],
    [`<vars load="json">{"a": }</vars>\n${GROUP}`, "line 1: the JSON is not valid"],
    [`<vars load="yaml">a: [</vars>\n${GROUP}`, "line 1: the YAML is not valid"],
    [
      `<vars load="yaml">a: !!python/object:os.system 1</vars>\n${GROUP}`,
      "line 1: tags of YAML are not supported",
    ],
    [`<vars load="ini">\n[a]\nb = %(c)s\n</vars>\n${GROUP}`, "line 3: a % of an INI value must be doubled"],
    [`<vars load="ini">\nb = c\n</vars>\n${GROUP}`, "line 2: expected a section: [name]"],
    [`<vars load="csv">\na,b\n1,2,3\n</vars>\n${GROUP}`, "line 3: the row has 3 fields, the head 2"],
    [`<vars load="csv" key="c">\na,b\n</vars>\n${GROUP}`, "line 2: there is no column c"],
    [
      `<lookup name="l" load="json">[1]</lookup>\n${GROUP}`,
      "line 1: the data of <lookup> must be a dictionary",
    ],
  ],
  "lines that would not be matched as they are written": [
    [line("exit"), "line 3: the line has no {{ variable }}, so it would match nothing"],
    [line("a {{ a "), "line 3: a {{ is not closed on its line"],
    [line("a {{ a }} {{ b "), "line 3: a {{ is not closed on its line"],
    [line("a {{ a }} {{ a }}"), "line 3: a variable is named twice on one line"],
    [
      line("a {{ _start_ }} b {{ b }}"),
      "line 3: what stands behind {{ _start_ }}, {{ _end_ }} or a set would not be matched",
    ],
    [line("a {{ b }} {{ _start_ }}"), "line 3: {{ _start_ }} drops what its line matches"],
    [line("a {{ b }} {{ _end_ }}"), "line 3: a line with {{ _end_ }} has no other variables"],
    [line("a {{ b | _end_ }}"), "line 3: _end_ with a match variable is not supported"],
    [line("a {{ b }} {{ _exact_ }}"), "line 3: _exact_ and _exact_space_ stand inside a variable"],
    [line('a {{ b }} {{ c | set("x") }}'), "line 3: set cannot share a line with variables that match"],
    [line('a {{ ignore }} {{ c | set("x") }}'), "line 3: set cannot share a line with variables that match"],
    [line('{{ b }} {{ c | set("x") }}'), "line 3: set cannot share a line with variables that match"],
    [
      line('a {{ _start_ }} {{ c | set("x") }}'),
      "line 3: set cannot share a line with {{ _start_ }} or {{ _end_ }}",
    ],
    [
      line('{{ c | set("1") | to_int }}'),
      "line 3: functions behind a set that stands alone on its line are not run",
    ],
    [line('a {{ c | upper | set("1") }}'), "line 3: set stands before all other functions"],
    [line("a {{ ignore | PHRASE }}"), "line 3: ignore takes no functions"],
    [line("a {{ _start_ | upper }}"), "line 3: _start_ stands alone between {{ and }}"],
    [
      "<group name='p'>\nA B {{ _headers_ | upper }}\n</group>",
      "line 2: _headers_ takes no function but columns()",
    ],
    [
      "<group name='p'>\nA {{ _headers_ }}\n</group>",
      "line 2: the heads of a table are two or more different names",
    ],
    ["<group name='p'>\nA B {{ _headers_ | columns(3) }}\n</group>", "line 2: there are 2 columns only"],
    ["<group name='p'>\nA B {{ _headers_ }} C\n</group>", "line 2: {{ _headers_ }} stands behind the heads"],
    [`<group name="a">\n${GROUP}\nx {{ x }}\n</group>`, "line 1: the group has no line that starts it"],
    [
      "<group name='a'>\nx {{ x }}\n<group>\ny {{ y }}\n</group>\n</group>",
      "line 3: a group inside a group needs a name",
    ],
    ["<group name='a'>\nx {{ x }}\n<vars>\n</vars>\n</group>", "line 3: <vars> cannot stand inside a group"],
    ["<group name='a..b'>\nx {{ x }}\n</group>", 'line 1: the path item "" is not valid'],
    ["<group name='a***'>\nx {{ x }}\n</group>", 'line 1: the path item "a***" is not valid'],
    [
      "<group name='{{ a b }}'>\nx {{ x }}\n</group>",
      'line 1: the path item "{{ a b }}" has a {{ or }} that stands alone',
    ],
    [`port {{ port }}\n${GROUP}`, "line 1: text stands outside of a group"],
    [
      `<template>\n${GROUP}\n</template>\n${GROUP}`,
      "line 6: <group> beside <template> counts for none of them",
    ],
    [
      `<template><template><template>\n${GROUP}\n</template></template></template>`,
      "line 1: templates are nested once only",
    ],
    [`${GROUP}\n<output>text</output>`, "line 4: the text of an output is for its function is_equal"],
    [`<input name="a" load="text"/>\n${GROUP}`, 'line 1: an input has its text inside, and load="text"'],
  ],
  "XML that is not well-formed": [
    ["<group name='a'>\nx {{ x }}", "line 1: <group> is not closed"],
    ["<group name='a'>\n<b>\n</group>", "line 3: </group> closes <b>, which line 2 opens"],
    ["</group>", "line 1: </group> closes nothing"],
    ["<group name=a>\n</group>", 'line 1: the tag <group> is not well-formed; attributes are name="value"'],
    ["<group name='a' name='b'/>", "line 1: the attribute name is given twice"],
    ["a\nb < c {{ x }}", "line 2: a < begins a tag; write &lt; for the character"],
    ["a & b {{ x }}", "line 1: an & begins an entity, and only those of XML are known; write &amp;"],
    ["a &nbsp; {{ x }}", "line 1: an & begins an entity"],
    ["a &#0; {{ x }}", "line 1: an & begins an entity"],
    ["a ]]> {{ x }}", "line 1: ]]> ends a CDATA section; write ]]&gt;"],
    [
      "<!DOCTYPE t [<!ENTITY e SYSTEM 'file:///etc/passwd'>]>\n<group>&e;</group>",
      "line 1: a DOCTYPE and its entities are not supported",
    ],
    ["<?xml version='1.0'?>\n<group/>", "line 1: processing instructions are not supported"],
    ["<!-- a\n", "line 1: a comment is not closed"],
    ["<![CDATA[ a", "line 1: a CDATA section is not closed"],
    ["a\nb\x01 {{ x }}", "line 2: the template has a character that XML does not allow"],
  ],
};

for (const [what, cases] of Object.entries(REFUSED)) {
  describe(what, () => {
    test.each(cases)("%j", (template, reason) => {
      expect(refused(() => parse(template, "port 1\n"))).toStartWith(reason);
    });
  });
}

test("functions that a match is of the wrong kind for", () => {
  const text = "port 1\n";
  expect(refused(() => parse("port {{ port | split(',') | upper }}", text))).toBe(
    "line 1: upper: it works on a text, not on a list",
  );
  expect(refused(() => parse("port {{ port | network }}", text))).toBe(
    "line 1: network: a text has no network",
  );
  expect(refused(() => parse("port {{ port | sformat('{a}') }}", text))).toBe(
    "line 1: sformat: the text has a field other than {}",
  );
  expect(refused(() => parse("port {{ port | sformat('{:>9}') }}", text))).toBe(
    "line 1: sformat: the field {:>9} has a conversion or a format, which is not supported",
  );
  expect(refused(() => parse("port {{ port | resub('1', '\\\\q') }}", text))).toBe(
    "line 1: resub: the replacement is not valid: bad escape \\q at position 0",
  );
});
