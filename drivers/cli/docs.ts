import { nextMode } from "./engine/modes.ts";
import type { Platform, Rehearsed } from "./platform.ts";
import { platforms } from "./platforms/index.ts";

const HEAD = `# Platforms

Made from \`drivers/cli/platforms/\` by \`bun scripts/platform-docs.ts\`; do not edit. \`netpulse platforms\` prints the
table. How to add one: [Writing a platform](writing-a-platform.md).

The \`device_type\` of a request is a platform's name or one of its others; as in netmiko, \`_ssh\` may stand behind each (\`cisco_ios_ssh\`).
Lines of a \`config\` job take effect

- **at once**: a job that a device refuses a line of leaves those before it in force. They are the entries of
  \`outputs\` that are \`ok\`. Nothing is saved then;
- **at commit**: together, when all were taken. When one is refused, or the commit is, nothing is in force: what was
  typed is dropped, and configuration mode left. \`driver_args.commit_confirm\` (seconds) commits on trial: the device
  takes it back by itself unless the job confirms it, which it does once the device has answered again. A
  \`commit confirmed\` among the lines themselves is confirmed by the commit at their end.

\`autodetect\` in place of a platform's name asks the device with the commands below. It logs in twice, once to ask, and
goes on as what was found; \`stderr\` of a job's first output names it, and so does \`POST /device/test\`. Where nothing fits, the job fails. \`generic\` takes
any command line, and does less.

\`driver_args.dry_run\` shows what a commit would change and puts nothing into force: the lines are typed, the device is asked
with the command below, and the candidate is dropped. Where lines are in force at once, but the device has sessions of
configuration, they are typed in one that is aborted. Platforms that have no such command, or only put lines into force at
once, refuse it (422). \`driver_args.diff\` reads the running configuration before and after, and shows what differs as
\`diff -u\` has it, less the lines that change by themselves, such as times; also where a line was refused and those before it are in
force. Both are the last entry of \`outputs\`. Secrets are masked in both.

The names are netmiko's, those for Telnet too. What differs then: [Telnet](connections.md#telnet).

A configuration that someone else has locked is a \`ConfigLocked\`, which may be retried.
`;

/** The text of `docs/platforms.md`; `sources` says what each platform's transcript was made after. */
export function platformDocs(sources: ReadonlyMap<string, string>): string {
  return [HEAD, table(), ...platforms.map((each) => section(each, sources.get(each.deviceType)))].join("\n");
}

function table(): string {
  const head = `| \`device_type\` | also | over Telnet | devices | config | \`commit_confirm\` | \`save\` types | ntc-templates |
|---|---|---|---|---|---|---|---|
`;
  return head + platforms.map(row).join("");
}

function row({ deviceType, aliases, telnet, title, configMode, candidate, save, ntcName }: Platform): string {
  const trial = candidate?.trial ?? null;
  const cells = [
    code(deviceType),
    aliases.map(code).join(", ") || "–",
    telnet.map(code).join(", ") || "–",
    title,
    configMode === null ? "–" : candidate === null ? "at once" : "at commit",
    trial === null ? "–" : `${trial.min} to ${trial.max} s`,
    save === null ? "–" : code(save.send),
    ntcName === null ? "–" : code(ntcName),
  ];
  return `| ${cells.join(" | ")} |\n`;
}

function section(platform: Platform, source: string | undefined): string {
  const { title, privilegedMode, configMode, commandModes, onOpen, onMode, detect } = platform;
  const { candidate, rehearsal, runningConfig, save } = platform;
  const [loginMode = privilegedMode] = commandModes;
  const facts: [string, string][] = [
    ["Found out by", detect === null ? "" : typed([detect.send])],
    ["After login", typed(onOpen)],
    [
      "Privileged mode",
      typed([...way(platform, loginMode, privilegedMode), ...(onMode[privilegedMode] ?? [])]),
    ],
    ["Configuration", configMode === null ? "" : typed(way(platform, privilegedMode, configMode))],
    ["Commit", candidate === null ? "" : typed([candidate.commit.send, candidate.trial?.send ?? ""])],
    ["Dry run", typed(rehearsal === null ? [candidate?.diff ?? ""] : rehearsing(platform, rehearsal))],
    ["Compared for `diff`", typed([runningConfig?.send ?? ""])],
    ["Leaving it", configMode === null ? "" : typed(way(platform, configMode, privilegedMode))],
    ["Saving", save === null ? "" : typed([save.send])],
  ];
  const remarks = platform.remarks.map((each) => `- ${each}\n`).join("");
  const lines = facts.filter(([, what]) => what !== "").map(([name, what]) => `- ${name}: ${what}\n`);
  return `## ${title}\n\n${lines.join("")}${remarks}- Proof: ${source}\n`;
}

function rehearsing(platform: Platform, { mode, enter, diff }: Rehearsed): string[] {
  return [enter.send, diff, ...way(platform, mode, platform.privilegedMode)];
}

/** What is typed on the way from one mode to another. */
function way(platform: Platform, from: string, to: string): string[] {
  const sends: string[] = [];
  for (let mode = from; mode !== to; ) {
    const next = nextMode(platform, mode, to);
    const step = next === null ? undefined : platform.modes[mode]?.steps[next];
    if (next === null || step === undefined) return sends;
    sends.push(step.send);
    mode = next;
  }
  return sends;
}

function typed(lines: readonly string[]): string {
  return lines
    .filter((line) => line !== "")
    .map(code)
    .join(", ");
}

function code(text: string): string {
  return `\`${text}\``;
}
