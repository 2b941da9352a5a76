import { TemplateError } from "../../core/errors.ts";

/** A run of text with the line of the template on which it begins. */
export interface XmlText {
  text: string;
  line: number;
}

export interface XmlAttribute {
  value: string;
  line: number;
}

export interface XmlElement {
  name: string;
  attributes: Map<string, XmlAttribute>;
  /** Up to the first child; comments are left out of it. */
  text: XmlText[];
  children: XmlElement[];
  /** Behind the element, up to the next one or the end of its parent. */
  tail: XmlText[];
  line: number;
}

/** Deeper templates are no person's work. */
const MAX_DEPTH = 30;

const NAME = "[\\p{L}_][\\p{L}\\p{N}_.-]*";
const OPEN = new RegExp(`<(${NAME})`, "uy");
const CLOSE = new RegExp(`</(${NAME})\\s*>`, "uy");
const ATTRIBUTE = new RegExp(`\\s+(${NAME})\\s*=\\s*(?:"([^"<]*)"|'([^'<]*)')`, "uy");
const END_OF_TAG = /\s*(\/?)>/y;
const COMMENT = /<!--([\s\S]*?)-->/y;
const CDATA = /<!\[CDATA\[([\s\S]*?)\]\]>/y;
const TEXT = /[^<]+/y;
const REFERENCE = /&(?:(amp|lt|gt|quot|apos);|#(\d{1,7});|#x([\da-fA-F]{1,6});)?/g;
const NO_XML_CHAR =
  /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/;

const ENTITIES: Readonly<Record<string, string>> = { amp: "&", lt: "<", gt: ">", quot: '"', apos: "'" };

/**
 * Reads the XML of a template: elements, attributes, text, CDATA and comments. There are no entities but the
 * five of XML itself, no DOCTYPE and no processing instructions, so that nothing grows and nothing is fetched
 * (docs/decisions/0025-own-xml-reader.md). What is given may have several roots, with text between them; they
 * become children of an element `template`.
 */
export function readXml(source: string): XmlElement {
  return new Reader(source.replace(/\r\n?/g, "\n")).document();
}

class Reader {
  readonly #source: string;
  #at = 0;
  #line = 1;

  constructor(source: string) {
    this.#source = source;
    const bad = NO_XML_CHAR.exec(source);
    if (bad !== null) {
      const line = source.slice(0, bad.index).split("\n").length;
      throw new TemplateError("the template has a character that XML does not allow", { line });
    }
  }

  document(): XmlElement {
    const root = element("template", 1);
    const open = [root];
    while (this.#at < this.#source.length) this.#node(open);
    const unclosed = open.at(-1);
    if (unclosed !== undefined && unclosed !== root) {
      throw new TemplateError(`<${unclosed.name}> is not closed`, { line: unclosed.line });
    }
    return root;
  }

  #node(open: XmlElement[]): void {
    const into = open.at(-1);
    if (into === undefined) this.#fail("an element is closed that is not open");
    const line = this.#line;
    const [text] = this.#take(TEXT) ?? [];
    if (text !== undefined) {
      if (text.includes("]]>")) this.#fail("]]> ends a CDATA section; write ]]&gt;", line);
      append(into, { text: this.#resolved(text, line), line });
    } else if (this.#take(COMMENT) === null) this.#markup(open, into, line);
  }

  #markup(open: XmlElement[], into: XmlElement, line: number): void {
    const [, verbatim] = this.#take(CDATA) ?? [];
    if (verbatim !== undefined) return append(into, { text: verbatim, line });
    const [, closed] = this.#take(CLOSE) ?? [];
    if (closed !== undefined) {
      if (open.length === 1) this.#fail(`</${closed}> closes nothing`, line);
      if (into.name !== closed) {
        this.#fail(`</${closed}> closes <${into.name}>, which line ${into.line} opens`, line);
      }
      open.pop();
      return;
    }
    this.#open(open, into, line);
  }

  #open(open: XmlElement[], into: XmlElement, line: number): void {
    const [, name] = this.#take(OPEN) ?? [];
    if (name === undefined) return this.#refuseMarkup(line);
    const child = element(name, line);
    for (let found = this.#take(ATTRIBUTE); found !== null; found = this.#take(ATTRIBUTE)) {
      this.#attribute(child, found);
    }
    const end = this.#take(END_OF_TAG);
    if (end === null) this.#fail(`the tag <${name}> is not well-formed; attributes are name="value"`, line);
    into.children.push(child);
    if (end[1] === "/") return;
    if (open.length > MAX_DEPTH) this.#fail(`tags are nested more than ${MAX_DEPTH} deep`, line);
    open.push(child);
  }

  /** Line breaks in a value are blanks, as XML has it. */
  #attribute({ attributes }: XmlElement, found: RegExpExecArray): void {
    const [, name = "", double, single] = found;
    if (attributes.has(name)) this.#fail(`the attribute ${name} is given twice`);
    const text = (double ?? single ?? "").replace(/[\n\t]/g, " ");
    attributes.set(name, { value: this.#resolved(text, this.#line), line: this.#line });
  }

  #refuseMarkup(line: number): never {
    const rest = this.#source.slice(this.#at, this.#at + 9);
    if (rest.startsWith("<!--")) this.#fail("a comment is not closed", line);
    if (rest === "<![CDATA[") this.#fail("a CDATA section is not closed", line);
    if (rest.startsWith("<!")) this.#fail("a DOCTYPE and its entities are not supported", line);
    if (rest.startsWith("<?")) this.#fail("processing instructions are not supported", line);
    this.#fail("a < begins a tag; write &lt; for the character", line);
  }

  #resolved(text: string, line: number): string {
    return text.replace(REFERENCE, (whole, name?: string, decimal?: string, hex?: string) => {
      if (name !== undefined) return ENTITIES[name] ?? "";
      const code = decimal === undefined ? Number.parseInt(hex ?? "", 16) : Number(decimal);
      const char = whole === "&" || code > 0x10ffff ? "\0" : String.fromCodePoint(code);
      if (!NO_XML_CHAR.test(char)) return char;
      return this.#fail("an & begins an entity, and only those of XML are known; write &amp;", line);
    });
  }

  #take(pattern: RegExp): RegExpExecArray | null {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.#source);
    if (found === null) return null;
    this.#at = pattern.lastIndex;
    this.#line += found[0].split("\n").length - 1;
    return found;
  }

  #fail(reason: string, line = this.#line): never {
    throw new TemplateError(reason, { line });
  }
}

function element(name: string, line: number): XmlElement {
  return { name, attributes: new Map(), text: [], children: [], tail: [], line };
}

function append(into: XmlElement, text: XmlText): void {
  (into.children.at(-1)?.tail ?? into.text).push(text);
}

/** The lines of a text. A comment inside a line does not end it; the line's number is that of its beginning. */
export function linesOf(texts: readonly XmlText[]): XmlText[] {
  const lines: XmlText[] = [];
  let last: XmlText | null = null;
  for (const { text, line } of texts) {
    for (const [index, part] of text.split("\n").entries()) {
      if (index === 0 && last !== null) last.text += part;
      else {
        last = { text: part, line: line + index };
        lines.push(last);
      }
    }
  }
  return lines;
}

export function textOf(texts: readonly XmlText[]): string {
  return texts.map(({ text }) => text).join("");
}
