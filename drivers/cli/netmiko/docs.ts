import { type NetmikoArgument, netmikoArguments } from "./table.ts";

const HEAD = `# Netmiko's arguments

Made from \`drivers/cli/netmiko/table.ts\` by \`bun scripts/netmiko-docs.ts\`; do not edit. What the driver does with commands:
[commands.md](commands.md).

Requests to driver \`netmiko\` hold netmiko's arguments: those of \`ConnectHandler\` in \`connection_args\`, those of its calls in
\`driver_args\`. Each of them (netmiko 2 to 4) is one of these:

- **works**: it means what it means there, but for what is said beside it;
- **no effect**: taken, so that a request runs unchanged; most of these tune sleeps, and the driver never sleeps;
- **only** a value: taken where it changes nothing, refused (422) where it would;
- **refused**: a 422 that names it and the way out. Whatever would open a file or run a program of the service's machine is.

Any other is refused as an unknown field. Beside a command of a list stand those of \`send_command\`.
`;

const PLACES: readonly [NetmikoArgument["place"], string][] = [
  ["connection_args", "connection_args"],
  ["driver_args", "driver_args"],
];

/** The text of `docs/netmiko.md`. */
export function netmikoDocs(): string {
  return [HEAD, ...PLACES.map(section)].join("\n");
}

function section([place, title]: readonly [NetmikoArgument["place"], string]): string {
  const rows = netmikoArguments.filter((row) => row.place === place);
  const head = "| argument | of | | |\n|---|---|---|---|\n";
  return `## ${title}\n\n${head}${rows.map(line).join("")}`;
}

function line(row: NetmikoArgument): string {
  const cells = [`\`${row.name}\``, row.of.map((call) => `\`${call}\``).join(", "), fate(row), sentence(row)];
  return `| ${cells.join(" | ")} |\n`;
}

function fate({ fate, only }: NetmikoArgument): string {
  return fate === "only" ? `only \`${only}\`` : fate;
}

function sentence({ fate, says }: NetmikoArgument): string {
  return fate === "refused" ? `It ${says}.` : says;
}
