import { IAC } from "./codes.ts";

const CR = 13;
const LF = 10;

/**
 * What is typed, as it goes over the line. As a network virtual terminal Enter is CR LF, and a CR alone CR NUL (RFC 854);
 * byte by byte it is the key's own CR: a terminal's driver would take CR LF for two.
 */
export function encodeTyped(text: string, binary: boolean): Uint8Array {
  const bytes: number[] = [];
  const typed = Buffer.from(text, "utf8");
  for (const [at, byte] of typed.entries()) {
    if (byte === LF) bytes.push(...(binary ? [CR] : [CR, LF]));
    else if (byte !== CR) bytes.push(...(byte === IAC ? [IAC, IAC] : [byte]));
    else if (typed[at + 1] !== LF) bytes.push(...(binary ? [CR] : [CR, 0]));
  }
  return Uint8Array.from(bytes);
}
