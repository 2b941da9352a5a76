import { describe, expect, test } from "bun:test";
import { linesOf, readXml, textOf } from "../../../src/template/ttp/xml.ts";

function child(source: string, at = 0) {
  const found = readXml(source).children[at];
  if (found === undefined) throw new Error("there is no such element");
  return found;
}

describe("XML of a template", () => {
  test("is elements with attributes, and the texts in them and behind them", () => {
    const group = child("<group name='a' x = \"1\n2\">\none\n<b/>two\n</group> three");
    expect([...group.attributes].map(([name, { value }]) => [name, value])).toEqual([
      ["name", "a"],
      ["x", "1 2"],
    ]);
    expect([textOf(group.text), textOf(group.tail)]).toEqual(["\none\n", " three"]);
    expect(group.children.map(({ name, tail }) => [name, textOf(tail)])).toEqual([["b", "two\n"]]);
  });

  test("has the entities of XML, references to characters, and CDATA", () => {
    expect(textOf(child("<a>&lt;&gt;&amp;&quot;&apos;&#65;&#x42;<![CDATA[<b>&x;]]></a>").text)).toBe(
      "<>&\"'AB<b>&x;",
    );
    expect(child("<a b='&lt;&quot;'/>").attributes.get("b")?.value).toBe('<"');
    // What a reference gives is not read again.
    expect(textOf(child("<a>&amp;lt;</a>").text)).toBe("&lt;");
  });

  test("numbers its lines, across comments as well", () => {
    const a = child("\n<a>one\ntwo <!-- x\ny --> more\nlast</a>");
    expect(a.line).toBe(2);
    expect(linesOf(a.text)).toEqual([
      { text: "one", line: 2 },
      { text: "two  more", line: 3 },
      { text: "last", line: 5 },
    ]);
  });

  test("may have several roots, with text between them", () => {
    const root = readXml("a<b/>c<d/>e");
    expect([textOf(root.text), ...root.children.map(({ tail }) => textOf(tail))]).toEqual(["a", "c", "e"]);
  });

  test("ends its lines in one way", () => {
    expect(linesOf(child("<a>x\r\ny\rz</a>").text).map(({ text }) => text)).toEqual(["x", "y", "z"]);
  });
});
