import { ends, prints, reads, type Step } from "../../support/replay.ts";

/**
 * Dialogues composed from general knowledge of Cisco IOS (modes, `enable`, `--More--`, error markers), and netmiko's and
 * scrapli's platform definitions. What is said to be recorded was copied from a session.
 */

/** IOS' pager: its question, and how it takes it off the screen. */
export const more = " --More-- ";
export const eraseMore = `${"\b".repeat(9)}${" ".repeat(8)}${"\b".repeat(9)}`;

/** Login as an ordinary user: banner, prompt, and the set-up we do. */
export const iosLogin: Step[] = [
  prints("\r\n*** Authorised users only ***\r\n# Maintenance on Sunday #\r\n\r\nRouter>"),
  ...told("terminal width 511", "Router>"),
  ...told("terminal length 0", "Router>"),
];

export const iosEnable: Step[] = [
  reads("enable\n"),
  prints("enable\r\nPassword: "),
  reads("s3cr3t-enable\n"),
  prints("\r\nRouter#"),
];

/** Recorded from FRRouting 8.4.4. */
export const frrLogin: Step[] = [
  prints(
    "\r\nHello, this is FRRouting (version 8.4.4).\r\nCopyright 1996-2005 Kunihiro Ishiguro, et al.\r\n\r\nfrr1# ",
  ),
  reads("terminal length 0\n"),
  prints("terminal length 0\r\nfrr1# "),
];

/** The device repeats a line, prints something, and asks for the next. */
export function told(line: string, prompt: string, output = ""): Step[] {
  return [reads(`${line}\n`), prints(`${line}\r\n${output}${prompt}`)];
}

export { ends, prints, reads };
