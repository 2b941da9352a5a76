import { roleCommand } from "./role-command.ts";
import { serve } from "./serve.ts";

const SUMMARY = `Runs the API and a node in one process: the default on a single machine.

One serve has a data folder. More nodes for its jobs: netpulse node.`;

export const serveCommand = roleCommand({ name: "serve", summary: SUMMARY, start: serve });
