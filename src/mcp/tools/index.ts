import type { Scope } from "../../core/access.ts";
import type { ApprovalPolicy } from "../approvals.ts";
import type { Tool } from "../tool.ts";
import { configTool } from "./config.ts";
import { execTool } from "./exec.ts";
import { jobCancelTool, jobOutputTool, jobShowTool, jobsListTool, jobWaitTool } from "./jobs.ts";
import { parseTool } from "./parse.ts";
import { type PlatformInfo, platformsListTool } from "./platforms.ts";
import { workersListTool } from "./workers.ts";

export interface ToolChoice {
  scopes: readonly Scope[];
  approval: ApprovalPolicy;
  platforms: readonly PlatformInfo[];
}

/** The tools that a key has: what it may not do is not even named. */
export function toolsFor({ scopes, approval, platforms }: ToolChoice): Tool[] {
  const all = [
    execTool,
    ...(approval === "off" ? [] : [configTool]),
    ...[jobsListTool, jobShowTool, jobWaitTool, jobOutputTool, jobCancelTool],
    workersListTool,
    platformsListTool(platforms),
    parseTool,
  ];
  return all.filter(({ needs }) => needs.length === 0 || needs.some((scope) => scopes.includes(scope)));
}
