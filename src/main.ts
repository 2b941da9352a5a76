import { type CliCommand, runCli } from "./cli/cli.ts";
import type { OnlineDeps } from "./cli/online/online.ts";

/**
 * Roles and commands by the first argument. Each is loaded when it is asked for: a session host that
 * loads no HTTP stack starts faster and stays small.
 */
const commands: CliCommand[] = [
  {
    name: "serve",
    group: "Services",
    summary: "run the API and a node in one process: the default on a single machine",
    run: async (argv, io) => (await import("./roles/serve-command.ts")).serveCommand(argv, io),
  },
  {
    name: "api",
    group: "Services",
    summary: "run the API alone; nodes run beside it or on other machines",
    run: async (argv, io) => (await import("./roles/api-command.ts")).apiCommand(argv, io),
  },
  {
    name: "node",
    group: "Services",
    summary: "run a node alone: takes jobs from the store and runs them on devices",
    run: async (argv, io) => (await import("./roles/node-command.ts")).nodeCommand(argv, io),
  },
  {
    name: "lab",
    group: "Services",
    summary: "run simulated network devices to try NetPulse with",
    run: async (argv, io) => (await import("./lab/command.ts")).runLab([...argv], io),
    define: async (io) => (await import("./lab/command.ts")).labCommand(io),
  },
  {
    name: "config",
    group: "Devices and jobs",
    summary: "apply a configuration to a device; without one, print the program's own that is in force",
    run: async (argv, io) => {
      const { configCommand, isAboutProgram } = await import("./cli/commands/config.ts");
      if (isAboutProgram(argv)) return await configCommand.run(argv, io);
      const { configureCommand } = await import("./cli/online/commands/configure.ts");
      return await configureCommand(await onlineWithDrivers())(argv, io);
    },
  },
  {
    name: "platforms",
    group: "Devices and jobs",
    summary: "list the kinds of network devices there are: the values of device_type",
    run: async (argv, io) => {
      const { platformsCommand } = await import("./cli/commands/platforms.ts");
      const { describePlatforms } = await import("../drivers/cli/describe.ts");
      return platformsCommand(describePlatforms())(argv, io);
    },
  },
  {
    name: "alive",
    summary: "whether the API or the node of this machine answers: for health checks",
    run: async (argv, io) => (await import("./roles/alive-command.ts")).aliveCommand(argv, io),
  },
  {
    name: "migrate",
    group: "Store and keys",
    summary: "bring the store to this program's schema",
    run: async (argv, io) => (await import("./roles/migrate-command.ts")).migrateCommand(argv, io),
  },
  {
    name: "backup",
    group: "Store and keys",
    summary: "copy the SQLite store into a file while the server runs",
    run: async (argv, io) => (await import("./roles/backup-command.ts")).backupCommand(argv, io),
  },
  {
    name: "doctor",
    group: "Store and keys",
    summary: "check whether the store is in order, and say what is off",
    run: async (argv, io) => (await import("./roles/doctor-command.ts")).doctorCommand(argv, io),
  },
  {
    name: "keys",
    group: "Store and keys",
    summary: "make, list and revoke keys of the API, each with what it may do",
    run: async (argv, io) => (await import("./roles/keys-command.ts")).keysCommand(argv, io),
  },
  {
    name: "secrets",
    group: "Store and keys",
    summary: "keep named credentials, sealed; change the key that seals",
    run: async (argv, io) => (await import("./roles/secrets-command.ts")).secretsCommand(argv, io),
  },
  {
    name: "hostkeys",
    group: "Store and keys",
    summary: "list the known SSH host keys; forget that of a device that was replaced",
    run: async (argv, io) => (await import("./roles/hostkeys-command.ts")).hostkeysCommand(argv, io),
  },
  {
    name: "webhook-secret",
    group: "Store and keys",
    summary: "print the secret that webhooks are signed with",
    run: async (argv, io) =>
      (await import("./roles/webhook-secret-command.ts")).webhookSecretCommand(argv, io),
  },
  {
    name: "login",
    group: "This program",
    summary: "keep where the API is and the key for it",
    run: async (argv, io) =>
      (await import("./cli/online/commands/login.ts")).loginCommand(await online())(argv, io),
  },
  {
    name: "health",
    group: "How it is",
    summary: "how the service is: storage, workers, queues, jobs",
    run: async (argv, io) =>
      (await import("./cli/online/commands/health.ts")).healthCommand(await online())(argv, io),
  },
  {
    name: "exec",
    group: "Devices and jobs",
    summary: "run commands on a device and print what they print",
    run: async (argv, io) =>
      (await import("./cli/online/commands/exec.ts")).execCommand(await onlineWithDrivers())(argv, io),
  },
  {
    name: "test",
    group: "Devices and jobs",
    summary: "connect to a device, log in, and say how it went",
    run: async (argv, io) =>
      (await import("./cli/online/commands/test.ts")).testCommand(await onlineWithDrivers())(argv, io),
  },
  {
    name: "jobs",
    group: "Devices and jobs",
    summary: "list jobs, see, follow, wait for and cancel them",
    run: async (argv, io) =>
      (await import("./cli/online/commands/jobs.ts")).jobsCommand(await online())(argv, io),
  },
  {
    name: "bulk",
    group: "Devices and jobs",
    summary: "run commands or apply a configuration on many devices",
    run: async (argv, io) =>
      (await import("./cli/online/commands/bulk.ts")).bulkCommand(await onlineWithDrivers())(argv, io),
  },
  {
    name: "batch",
    group: "Devices and jobs",
    summary: "see, wait for and cancel the jobs of one bulk request",
    run: async (argv, io) =>
      (await import("./cli/online/commands/batch.ts")).batchCommand(await online())(argv, io),
  },
  {
    name: "workers",
    group: "How it is",
    summary: "list workers, stop, suspend and resume them",
    run: async (argv, io) =>
      (await import("./cli/online/commands/workers.ts")).workersCommand(await online())(argv, io),
  },
  {
    name: "mcp",
    group: "Services",
    summary: "serve assistants that speak the Model Context Protocol, on stdin and stdout",
    run: async (argv, io) => {
      const { mcpCommand } = await import("./mcp/command.ts");
      const { describePlatforms } = await import("../drivers/cli/describe.ts");
      return await mcpCommand(await online(), describePlatforms())(argv, io);
    },
  },
  {
    name: "render",
    group: "Templates",
    summary: "render a template with its variables",
    run: async (argv, io) =>
      (await import("./cli/online/commands/render.ts")).renderCommand(await online())(argv, io),
  },
  {
    name: "parse",
    group: "Templates",
    summary: "make data of what a device printed",
    run: async (argv, io) =>
      (await import("./cli/online/commands/parse.ts")).parseCommand(await online())(argv, io),
  },
  {
    name: "top",
    group: "How it is",
    summary: "watch the service: queues, rates, workers, sessions, what runs and what fails",
    run: async (argv, io) =>
      (await import("./cli/online/commands/top.ts")).topCommand(await online())(argv, io),
  },
  {
    name: "completion",
    group: "This program",
    summary: "print what makes bash, zsh or fish complete commands, options and values",
    run: async (argv, io) => (await import("./cli/completion/command.ts")).completionCommand(argv, io),
  },
  {
    name: "complete",
    summary: "what may stand at the cursor, for what completion prints",
    hidden: true,
    run: async (argv, io) => {
      const { completeCommand } = await import("./cli/completion/command.ts");
      const { knownValues } = await import("./cli/completion/known.ts");
      return await completeCommand(commands, knownValues(await onlineWithDrivers()))(argv, io);
    },
  },
  {
    name: "audit",
    group: "How it is",
    summary: "list who did what to which device",
    run: async (argv, io) =>
      (await import("./cli/online/commands/audit.ts")).auditCommand(await online())(argv, io),
  },
  {
    name: "session-host",
    summary: "hold device sessions for the node that started this process",
    hidden: true,
    run: async (argv, io) => (await import("./roles/session-host-command.ts")).sessionHostCommand(argv, io),
  },
  {
    name: "template-host",
    summary: "render and parse for the process that started this one",
    hidden: true,
    run: async (argv, io) => (await import("./roles/template-host-command.ts")).templateHostCommand(argv, io),
  },
];

/** For the commands that ask an API. */
async function online(): Promise<() => OnlineDeps> {
  const { onlineDeps } = await import("./cli/online/online.ts");
  return () => onlineDeps();
}

/** The drivers' schemas tell mistyped names and kinds of devices. */
async function onlineWithDrivers(): Promise<() => OnlineDeps> {
  const { onlineDeps } = await import("./cli/online/online.ts");
  const { builtinDrivers } = await import("../drivers/index.ts");
  return () => onlineDeps(builtinDrivers);
}

process.exit(await runCli(process.argv.slice(2), commands));
