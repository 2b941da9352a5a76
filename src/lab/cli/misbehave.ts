import { garble } from "../garble.ts";
import type { Line } from "../platform.ts";

/** What a fault needs of the session whose output it spoils. */
interface Spoiled {
  line: Line;
  hostname: string;
  write(text: string): void;
  flushed(): Promise<boolean>;
}

/** Prints as a device with a fault does; false when it has none that shows in output. */
export async function misbehave(lines: readonly string[], session: Spoiled): Promise<boolean> {
  const { line, hostname } = session;
  const broken = line.breakAt("output");
  if (broken !== null) {
    const whole = lines.join("\n");
    session.write(whole.slice(0, Math.ceil(whole.length / 2)));
    await line.breakOff(broken);
    return true;
  }
  const spoils = line.spoils();
  if (spoils === "flood") await flood(`${lines.join("\n")}\n`, session);
  if (spoils === "garble") line.out.write(garble(lines, hostname, line.newline, line.dice()));
  return spoils !== null;
}

/** As fast as the other side takes it. Nothing that is typed ends it. */
async function flood(text: string, { line, write, flushed }: Spoiled): Promise<void> {
  while (!line.isClosed()) {
    write(text);
    await flushed();
  }
}
