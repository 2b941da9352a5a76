import type { BulkAnswer, BulkRequest } from "../../../client/index.ts";
import { codeOf, type Outcome, outcomeColumns, outcomeOf, watchBatch } from "../batch-run.ts";
import {
  type JobOptions,
  LOGIN_HELP,
  type Shared,
  sharedOf,
  withJobOptions,
  withPassword,
} from "../device.ts";
import { groupsOf, type ListedDevice, readDevices } from "../devices-file.ts";
import { EXIT, usage } from "../exit.ts";
import { readBytes, readLines } from "../lines.ts";
import { type OnlineDeps, online, type Work, withOnlineOptions } from "../online.ts";
import type { Column } from "../screen.ts";
import { counted } from "../text.ts";
import { count } from "../values.ts";
import { withSaving } from "./configure.ts";

const title = {
  name: "netpulse bulk",
  summary: "Run commands or apply a configuration on many devices.",
  help: `The list is a CSV or a sheet of a workbook (.xlsx), whose first line names the columns, or a JSON list of objects; - is stdin.
host is required; other columns are connection_args and override the options, command and config override what all do.

${LOGIN_HELP}

Examples:
  netpulse bulk devices.csv "show version" -t cisco_ios -u admin --csv > versions.csv
  netpulse bulk sites.xlsx "show clock" --sheet Branches -t cisco_ios -u admin --output
  netpulse bulk devices.csv --config-from ntp.txt --save --canary 2 --stop-after-failures 5
  netpulse bulk devices.json "show clock" --group-by region --dry-run

Exit code 0 when all finished well, 4 when some did, 1 when none did.`,
};

interface BulkOptions extends JobOptions {
  sheet?: string;
  configFrom?: string;
  save?: boolean;
  commitConfirm?: number;
  groupBy?: string;
  keepGoing?: boolean;
  dryRun?: boolean;
  canary?: number;
  stopAfterFailures?: number;
  retry?: string;
  cancelled?: boolean;
  wait?: boolean;
  output?: boolean;
}

/** `netpulse bulk LIST COMMAND…`. */
export function bulkCommand(deps: () => OnlineDeps) {
  return online(title, deps, (command, act) => {
    withJobOptions(withOnlineOptions(command))
      .argument("<list>", "the devices: a .csv, .xlsx or .json file, - for stdin")
      .argument("[commands...]", "what to run on each")
      .option(
        "--sheet <name>",
        "of a workbook: the sheet's name, or its place from 1 on (default: the first)",
      )
      .option(
        "--config-from <path>",
        "a file with the configuration lines to apply on each, instead of commands",
      )
      .option("--save", "save the configuration once all lines were taken")
      .option(
        "--commit-confirm <s>",
        "commit on trial: a device takes it back unless it can still be reached",
        count,
      )
      .option(
        "--group-by <column>",
        "one batch for each value of a column, one after another; stops after one with failures",
      )
      .option("--keep-going", "with --group-by: also after a group with failures")
      .option("--canary <n>", "so many must finish well before the rest begins", count)
      .option("--stop-after-failures <n>", "cancel the rest after so many failures", count)
      .option(
        "--retry <batch>",
        "run again what of this batch has failed; the list and what to do are the same as then",
      )
      .option("--cancelled", "with --retry: what was cancelled as well")
      .option("--dry-run", "print what would be sent, and send nothing")
      .option("--output", "print what each device printed; what failed goes to stderr")
      .option("--no-wait", "print the batch's id and end")
      .action((list: string, commands: string[], options: BulkOptions) =>
        act(options, (work) => runBulk(work, list, commands, options)),
      );
  });
}

async function runBulk(work: Work, list: string, commands: string[], options: BulkOptions): Promise<number> {
  const shared = sharedOf(work, options);
  const operation = await operationOf(work, list, commands, options);
  const devices = await readDevices(await readBytes(list, work.terminal), {
    hint: shared.hint,
    groupBy: options.groupBy,
    sheet: options.sheet,
  });
  checkOperations(devices, operation);
  const groups = groupsOf(devices);
  if (options.dryRun) return dryRun(work, devices, { ...operation, args: shared.args }, groups.size);
  if (options.retry !== undefined && groups.size > 1) throw usage("--retry takes the list of one batch");
  const args = await passwordFor(work, shared, devices, options);
  const request = (some: ListedDevice[]): BulkRequest => ({
    ...shared.request,
    ...withSaving(shared.request.driver_args, options),
    ...operation,
    ...(options.canary !== undefined && { canary: options.canary }),
    ...(options.stopAfterFailures !== undefined && { stop_after_failures: options.stopAfterFailures }),
    connection_args: args,
    devices: some.map(({ args, command, config, credential }) => ({
      ...args,
      ...(credential !== undefined && { credential }),
      ...(command !== undefined && { command }),
      ...(config !== undefined && { config }),
    })),
  });
  return await runGroups(work, groups, request, options);
}

type Operation = Pick<ListedDevice, "command" | "config">;

async function operationOf(
  { terminal }: Work,
  list: string,
  commands: string[],
  { configFrom }: BulkOptions,
): Promise<Operation> {
  if (configFrom === undefined)
    return commands.length === 0 ? {} : { command: commands.length === 1 ? (commands[0] ?? "") : commands };
  if (commands.length > 0) throw usage("give commands or --config-from, not both");
  if (configFrom === "-" && list === "-") throw usage("the list and the lines cannot both come by stdin");
  return { config: await readLines(configFrom, terminal) };
}

function checkOperations(devices: ListedDevice[], { command, config }: Operation): void {
  if (command !== undefined || config !== undefined) return;
  const without = devices.find((device) => device.command === undefined && device.config === undefined);
  if (without !== undefined) {
    throw usage(`${without.args.host} has no command or config of its own; give commands, or --config-from`);
  }
}

/** Asked once, where not every device brings its own way to log in. */
async function passwordFor(work: Work, { args }: Shared, devices: ListedDevice[], options: BulkOptions) {
  const own = devices.every(
    ({ args, credential }) => "password" in args || "pkey" in args || credential !== undefined,
  );
  return own ? args : await withPassword(work, args, options);
}

interface Planned extends Pick<ListedDevice, "group"> {
  host: string;
  device_type: unknown;
  does: string;
}

const plannedColumns: Column<Planned>[] = [
  { name: "host", of: ({ host }) => host },
  { name: "device_type", of: ({ device_type }) => (device_type === undefined ? "" : String(device_type)) },
  { name: "group", of: ({ group }) => group },
  { name: "does", of: ({ does }) => does },
];

/** No argument is shown but who is meant: any other may be a secret. */
function dryRun(
  { screen }: Work,
  devices: ListedDevice[],
  shared: Operation & Pick<Shared, "args">,
  batches: number,
): number {
  const planned = devices.map(({ args, command, config, group }) => ({
    host: args.host,
    device_type: args.device_type ?? shared.args.device_type,
    group,
    does: doesText(command !== undefined || config !== undefined ? { command, config } : shared),
  }));
  screen.list(planned, plannedColumns, "");
  screen.note(
    `${counted(devices.length, "device")} in ${counted(batches, "batch", "batches")}; nothing was sent`,
  );
  return EXIT.done;
}

function doesText({
  command,
  config,
}: {
  command?: string | string[] | undefined;
  config?: string | string[] | undefined;
}): string {
  const text = (what: string, given: string | string[]) => `${what}: ${[given].flat().join("; ")}`;
  return [
    ...(command === undefined ? [] : [text("command", command)]),
    ...(config === undefined ? [] : [text("config", config)]),
  ].join(", ");
}

async function runGroups(
  work: Work,
  groups: Map<string, ListedDevice[]>,
  request: (devices: ListedDevice[]) => BulkRequest,
  options: BulkOptions,
): Promise<number> {
  const outcomes: Outcome[] = [];
  let left = groups.size;
  let skipped = 0;
  for (const [group, devices] of groups) {
    if (groups.size > 1)
      work.screen.note(`${options.groupBy} ${group || "(none)"}: ${counted(devices.length, "device")}`);
    const some = await runBatch(work, request(devices), options);
    outcomes.push(...some);
    left -= 1;
    if (
      some.every(({ status }) => status === "finished" || status === "queued") ||
      options.keepGoing ||
      left === 0
    )
      continue;
    skipped = [...groups.values()].slice(-left).flat().length;
    work.screen.note(
      `netpulse: stopped after ${options.groupBy} ${group || "(none)"}: ${counted(skipped, "device")} left alone`,
    );
    break;
  }
  return report(work, outcomes, skipped, options);
}

async function runBatch(work: Work, request: BulkRequest, options: BulkOptions): Promise<Outcome[]> {
  const { client, screen } = work;
  if (options.wait === false) {
    const { batch_id, succeeded, failed } = await submit(work, request, options);
    if (batch_id !== null) screen.note(`batch ${batch_id}`);
    return [...failed.map(refusedOutcome), ...succeeded.map(outcomeOf)];
  }
  let refused: Outcome[] = [];
  try {
    const { id } = await watchBatch(work, async () => {
      const { batch_id, failed } = await submit(work, request, options);
      refused = failed.map(refusedOutcome);
      if (batch_id === null) throw new NothingTaken();
      return batch_id;
    });
    const jobs = await Array.fromAsync(client.batches.all(id));
    return [...refused, ...jobs.map(outcomeOf)];
  } catch (error) {
    if (!(error instanceof NothingTaken)) throw error;
    return refused;
  }
}

/** There is no batch to wait for. */
class NothingTaken extends Error {}

async function submit(
  { client, screen }: Work,
  request: BulkRequest,
  options: BulkOptions,
): Promise<BulkAnswer> {
  const { retry, cancelled = false } = options;
  const answer =
    retry === undefined
      ? await client.devices.bulk(request)
      : await client.batches.retry(retry, request, { cancelled });
  for (const { host, reason } of answer.failed) screen.note(`netpulse: ${host ?? "?"}: ${reason}`);
  return answer;
}

function refusedOutcome({ host, reason }: BulkAnswer["failed"][number]): Outcome {
  return { host: host ?? "?", status: "refused", duration: null, error: reason, output: "", job: null };
}

const csvColumns: Column<Outcome>[] = [...outcomeColumns, { name: "output", of: ({ output }) => output }];

function report(
  { screen, terminal }: Work,
  outcomes: Outcome[],
  skipped: number,
  options: BulkOptions,
): number {
  const well = outcomes.filter(
    ({ status }) => status === "finished" || (options.wait === false && status === "queued"),
  );
  const people = screen.format === "people";
  // People look for what went wrong; a program wants all of it.
  const shown = people && terminal.out ? outcomes.filter((outcome) => !well.includes(outcome)) : outcomes;
  if (people && options.output) showOutputs(screen, outcomes);
  else if (shown.length > 0 || !people) {
    screen.list(shown, screen.format === "csv" ? csvColumns : outcomeColumns, "");
  }
  screen.note(
    `${well.length} of ${outcomes.length + skipped} ${options.wait === false ? "are queued" : "finished well"}`,
  );
  return codeOf(well.length, outcomes.length + skipped);
}

function showOutputs(screen: Work["screen"], outcomes: Outcome[]): void {
  for (const { host, status, output, error } of outcomes) {
    if (status !== "finished") screen.note(`netpulse: ${host}: ${status}${error === "" ? "" : `: ${error}`}`);
    if (output === "") continue;
    screen.heading(`# ${host}`);
    screen.output(output.replace(/\n?$/, "\n"));
  }
}
