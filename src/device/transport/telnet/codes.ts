/** Bytes of the Telnet protocol, RFC 854. */
export const IAC = 255;
export const SE = 240;
/** The mark of a Synch: what was printed before it was thrown away. */
export const DM = 242;
export const SB = 250;
export const WILL = 251;
export const WONT = 252;
export const DO = 253;
export const DONT = 254;

export type Verb = typeof WILL | typeof WONT | typeof DO | typeof DONT;

/** Options, each by the RFC that has it. */
export const OPTIONS = {
  /** RFC 856 */
  binary: 0,
  /** RFC 857 */
  echo: 1,
  /** RFC 858 */
  suppressGoAhead: 3,
  /** RFC 1091 */
  terminalType: 24,
  /** RFC 1073 */
  windowSize: 31,
} as const;

export function isVerb(byte: number): byte is Verb {
  return byte >= WILL && byte <= DONT;
}
