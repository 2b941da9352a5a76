/** One value of DER, the encoding of keys in PEM. */
export interface DerValue {
  tag: number;
  /** Without tag and length. */
  content: Buffer;
  /** With them. */
  whole: Buffer;
}

export const DER = { integer: 0x02, octets: 0x04, oid: 0x06, sequence: 0x30 } as const;

/** The values one after another in `data`; `null` when they are cut off or written otherwise. */
export function readDer(data: Buffer): DerValue[] | null {
  const values: DerValue[] = [];
  let at = 0;
  while (at < data.length) {
    const header = readHeader(data, at);
    if (header === null || header.end > data.length) return null;
    const { tag, start, end } = header;
    values.push({ tag, content: data.subarray(start, end), whole: data.subarray(at, end) });
    at = end;
  }
  return values;
}

function readHeader(data: Buffer, at: number): { tag: number; start: number; end: number } | null {
  const tag = data[at];
  const first = data[at + 1];
  if (tag === undefined || first === undefined) return null;
  if (first < 0x80) return { tag, start: at + 2, end: at + 2 + first };
  const bytes = first & 0x7f;
  if (bytes < 1 || bytes > 4 || at + 2 + bytes > data.length) return null;
  const start = at + 2 + bytes;
  return { tag, start, end: start + data.readUIntBE(at + 2, bytes) };
}

/** `1.2.840.113549.1.5.13` */
export function oidOf(content: Buffer): string {
  const numbers: number[] = [];
  let value = 0;
  for (const byte of content) {
    value = value * 128 + (byte & 0x7f);
    if (byte >= 0x80) continue;
    numbers.push(value);
    value = 0;
  }
  const [first = 0, ...rest] = numbers;
  const top = Math.min(2, Math.floor(first / 40));
  return [top, first - top * 40, ...rest].join(".");
}

/** A whole number that is not negative; `null` when it needs more than 48 bits. */
export function intOf(content: Buffer): number | null {
  if (content.length === 0 || content.length > 6 || (content[0] ?? 0) >= 0x80) return null;
  return content.readUIntBE(0, content.length);
}
