import { isIPv4 } from "node:net";
import { copyConfig, newConfig } from "../../cli/config-tree.ts";
import type { Answer, Call, CliState } from "../../cli/model.ts";
import { addressNumber } from "./interfaces.ts";
import { acceptsEnable, enableSecret } from "./secrets.ts";

const ENABLE_TRIES = 3;
const ECHO_MS = 30;
const ECHO_TIMEOUT_MS = 2000;

export async function enable({ session, state }: Call): Promise<Answer> {
  if (session.mode === "privileged") return null;
  const secret = enableSecret(state);
  if (secret === null && state.seed.enable !== "") return "% No password set";
  for (let tries = 0; secret !== null; tries++) {
    if (tries === ENABLE_TRIES) return "% Bad secrets\n\n";
    const given = await session.ask("Password: ", { hidden: true });
    if (given === null) return null;
    if (acceptsEnable(state, given)) break;
  }
  session.enter("privileged");
  return null;
}

export function configureTerminal({ session, state }: Call): Answer {
  session.enter("config", state.running);
  return "Enter configuration commands, one per line.  End with CNTL/Z.";
}

export async function configureFrom(call: Call): Promise<Answer> {
  const from = await call.session.ask("Configuring from terminal, memory, or network [terminal]? ");
  if (from === null) return null;
  if ("terminal".startsWith(from.trim().toLowerCase())) return configureTerminal(call);
  return '?Must be "terminal", "memory" or "network"';
}

export function writeMemory({ session, state }: Call): Answer {
  state.startup = copyConfig(state.running);
  state.saved = { at: state.chassis.clock.now(), by: session.user };
  return "Building configuration...\n[OK]";
}

export async function copyRunningStartup(call: Call): Promise<Answer> {
  const name = await call.session.ask("Destination filename [startup-config]? ");
  if (name === null) return null;
  if (name.trim() !== "" && name.trim() !== "startup-config") {
    return `%Error opening nvram:${name.trim()} (Permission denied)`;
  }
  return writeMemory(call);
}

export async function eraseStartup({ session, state }: Call): Promise<Answer> {
  const sure = await session.confirm(
    "Erasing the nvram filesystem will remove all configuration files! Continue? [confirm]",
  );
  if (!sure) return null;
  state.startup = newConfig();
  return "[OK]\nErase of nvram: complete";
}

export async function clearCounters({ session }: Call): Promise<Answer> {
  await session.confirm('Clear "show interface" counters on all interfaces [confirm]');
  return null;
}

/** The device starts again from its startup configuration; every session ends. */
export async function reload({ session, state }: Call): Promise<Answer> {
  if (isUnsaved(state)) {
    const answer = await session.ask("\nSystem configuration has been modified. Save? [yes/no]: ");
    if (answer === null) return null;
    if (/^y/i.test(answer)) {
      state.startup = copyConfig(state.running);
      session.write("Building configuration...\n[OK]\n");
    }
  }
  if (!(await session.confirm("Proceed with reload? [confirm]"))) return null;
  state.running = copyConfig(state.startup);
  state.changed = null;
  state.bootedAt = state.chassis.clock.monotonic();
  await session.flushed();
  session.leave();
  state.chassis.hangUpAll();
  return null;
}

function isUnsaved(state: CliState): boolean {
  return state.changed !== null && (state.saved === null || state.saved.at < state.changed.at);
}

/** Five echoes, printed as they come back. Addresses kept for documentation never answer. */
export async function ping({ session, args }: Call): Promise<Answer> {
  const host = args.host ?? "";
  if (!isIPv4(host)) return "% Unrecognized host or address, or protocol not running.\n";
  const count = Number(args.count ?? 5);
  const answers = answersPing(host);
  session.write(
    `Type escape sequence to abort.\nSending ${count}, 100-byte ICMP Echos to ${host}, timeout is 2 seconds:\n`,
  );
  let sent = 0;
  while (sent < count && (await session.sleep(answers ? ECHO_MS : ECHO_TIMEOUT_MS))) {
    session.write(answers ? "!" : ".");
    sent += 1;
  }
  session.write("\n");
  const received = answers ? sent : 0;
  const percent = sent === 0 ? 0 : Math.floor((100 * received) / sent);
  const times = received > 0 ? ", round-trip min/avg/max = 1/1/4 ms" : "";
  return `Success rate is ${percent} percent (${received}/${sent})${times}`;
}

function answersPing(host: string): boolean {
  const top = Math.floor(addressNumber(host) / 256);
  const documentation = [0xc00002, 0xc63364, 0xcb0071].includes(top);
  return !documentation && top >= 0x010000 && top < 0xe00000;
}
