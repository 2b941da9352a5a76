import { resolve } from "node:path";
import { BUILD } from "../observe/version.ts";
import { memoryOf } from "../template-host/memory.ts";
import { TemplateHosts } from "../template-host/template-hosts.ts";
import { hostEnvironment, spawnHosts } from "../worker/spawn-host.ts";
import type { Base } from "./base.ts";
import { selfCommand } from "./self-command.ts";

/**
 * Processes for templates. An API has its own and a node has its own, also where they share a process: what clients try
 * out does not hold up jobs.
 */
export function templateHosts({ config, env, clock }: Pick<Base, "config" | "env" | "clock">): TemplateHosts {
  const { dir, maxOutput, maxMemory, timeout, processes, queue } = config.templates;
  return new TemplateHosts({
    spawn: spawnHosts(selfCommand("template-host"), hostEnvironment(env)),
    clock,
    build: BUILD,
    // A template host works in another folder.
    settings: { dir: dir === null ? null : resolve(dir), maxOutput },
    limits: { timeoutMs: timeout * 1000, memory: maxMemory },
    memoryOf,
    processes,
    queue,
  });
}
