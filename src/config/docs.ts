import { showValue } from "./describe.ts";
import { type KeyEntry, keyEntries } from "./schema.ts";

const HEAD = `# Configuration

Made from \`src/config/schema.ts\` by \`bun scripts/config-docs.ts\`; do not edit.

A value comes from, later ones winning: the default, the YAML file that \`NETPULSE_CONFIG\` names, the
environment, the command line (\`--set section.key=value\`). Durations are seconds and may have a
fraction, sizes are bytes or \`4MiB\`. An empty variable counts as not set. A wrong value or an unknown
key stops the start with a line that names it. \`netpulse config\` prints what is in force and from where,
secrets masked.

\`\`\`yaml
server:
  port: 9000
worker:
  fifo: 16
\`\`\`
`;

/** The text of \`docs/configuration.md\`. */
export function configDocs(): string {
  const sections = Map.groupBy(keyEntries(), ({ name }) => name.split(".").slice(0, -1).join("."));
  return [HEAD, ...[...sections].map(([name, entries]) => section(name, entries))].join("\n");
}

function section(name: string, entries: readonly KeyEntry[]): string {
  const head = `## ${name === "" ? "General" : name}

| key | variable | default | may be | meaning |
|---|---|---|---|---|
`;
  return head + entries.map(row).join("");
}

function row({ name, env, key }: KeyEntry): string {
  const secret = key.secret ? " Secret." : "";
  const cells = [`\`${name}\``, `\`${env}\``, defaultOf(key), key.allowed, key.doc + secret];
  return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |\n`;
}

function defaultOf(key: KeyEntry["key"]): string {
  if (key.defaultText !== undefined) return key.defaultText;
  if (typeof key.default === "function" || key.default === null) return "–";
  return `\`${showValue({ value: key.default, unit: key.unit })}\``;
}
