/** By Python's names and those of the web, as far as devices speak them. */
const LABELS: Readonly<Record<string, string>> = {
  "utf-8": "utf-8",
  utf8: "utf-8",
  ascii: "utf-8",
  "latin-1": "latin1",
  latin1: "latin1",
  "iso-8859-1": "latin1",
  "iso-8859-15": "iso-8859-15",
  cp1251: "windows-1251",
  "windows-1251": "windows-1251",
  cp1252: "windows-1252",
  "windows-1252": "windows-1252",
  "koi8-r": "koi8-r",
  gbk: "gbk",
  gb2312: "gbk",
  gb18030: "gb18030",
  big5: "big5",
  shift_jis: "shift_jis",
  euc_jp: "euc-jp",
  "euc-jp": "euc-jp",
  euc_kr: "euc-kr",
  "euc-kr": "euc-kr",
};

export const UTF_8 = "utf-8";

export const ENCODINGS: readonly string[] = Object.keys(LABELS);

/** What a decoder calls it. */
export function encodingLabel(name: string | undefined): string {
  return LABELS[name ?? UTF_8] ?? UTF_8;
}
