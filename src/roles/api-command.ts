import { api } from "./api.ts";
import { roleCommand } from "./role-command.ts";

const SUMMARY = `Runs the API without a node: jobs wait in the store until a node takes them.

Any number may run behind a balancer. On Redis give all of them the same NETPULSE_SECRET_KEY and \
NETPULSE_SERVER__API_KEY; on SQLite they share one data folder on one machine.`;

export const apiCommand = roleCommand({ name: "api", summary: SUMMARY, start: api });
