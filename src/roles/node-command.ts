import { node } from "./node.ts";
import { roleCommand } from "./role-command.ts";

const SUMMARY = `Runs a node without the API: takes jobs from the store and runs them on devices.

Every node of a store has a name of its own: node.name, by default the machine's host name. On Redis give it \
the NETPULSE_SECRET_KEY of the others; on SQLite it shares one data folder with them on one machine.`;

export const nodeCommand = roleCommand({ name: "node", summary: SUMMARY, start: node });
