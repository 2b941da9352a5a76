import type { CliCommand } from "../cli/cli.ts";
import { BUILD } from "../observe/version.ts";
import { runTemplateHost } from "../template-host/host-process.ts";
import { dieWithParent } from "../worker/parent-death.ts";

/** `netpulse template-host`: what an API or a node starts; of no use by hand. */
export const templateHostCommand: CliCommand["run"] = () => runTemplateHost({ build: BUILD, dieWithParent });
