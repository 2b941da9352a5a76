import type { ConfigEntry } from "../../cli/config-tree.ts";
import type { Answer, Call, CliDefinition, Command } from "../../cli/model.ts";
import {
  factoryConfig,
  order,
  pager,
  port,
  refuse,
  save,
  screenLength,
  system,
  types,
} from "../huawei/common.ts";
import { commit, lockedBy } from "../shared/candidate.ts";
import { vrpLike } from "../shared/vrp-like.ts";

const VERSION = `Huawei Versatile Routing Platform Software
VRP (R) software, Version 8.190 (CE6881 V200R019C10SPC800)
Copyright (C) 2012-2019 Huawei Technologies Co., Ltd.
HUAWEI CE6881-48S6CQ uptime is 41 days, 3 hours, 17 minutes`;

const UNCOMMITTED =
  "Warning: Uncommitted configurations found, commit them before exiting? [Y(yes)/N(no)/C(cancel)]:";

/** `commit`, `commit trial SECONDS`. */
function commitCommand(call: Call): Answer {
  const { session, args } = call;
  const lock = lockedBy(call);
  if (lock !== null)
    return `Error: The configuration is locked by other user. [Session ID = ${lock.session}]`;
  if (session.root.children.filter(({ text }) => text.startsWith("bgp ")).length > 1) {
    return "Error: Failed to generate committed config, because BGP is already running.";
  }
  const seconds = args.seconds === undefined ? null : Number(args.seconds);
  commit(call, seconds);
  if (seconds === null) return null;
  return `Committing..done.\nInfo: The system enters the trial configuration mode. The system will revert to previous configuration if the trial configuration is not confirmed in ${seconds} seconds.`;
}

/** What is not committed yet, in the order of the whole. */
function showCandidate({ session, state }: Call): Answer {
  const committed = new Set(lines(state.running));
  return lines(session.root)
    .filter((line) => !committed.has(line))
    .join("\n");
}

function lines({ children }: ConfigEntry, indent = ""): string[] {
  return children.flatMap((entry) => [indent + entry.text, ...lines(entry, `${indent} `)]);
}

async function leave(call: Call): Promise<Answer> {
  const { session } = call;
  if (session.dirty) {
    const answer = (await session.ask(UNCOMMITTED)) ?? "";
    if (/^y/i.test(answer)) {
      const said = commitCommand(call);
      if (said !== null) return said;
    } else if (!/^n/i.test(answer)) return null;
  }
  session.dropCandidate();
  session.enter("user");
  return null;
}

const committing: readonly Command[] = [
  { syntax: "commit", run: commitCommand },
  { syntax: "commit trial [<seconds:int 60-65535>]", run: commitCommand },
];

/** Huawei VRP 8.190 on a CloudEngine 6881: lines are committed. */
export const huaweiVrpv8: CliDefinition = vrpLike({
  name: "huawei_vrpv8",
  ident: "-",
  refuse,
  pager,
  greeting: () =>
    "\nInfo: The max number of VTY users is 21, the number of current VTY users online is 1, and total number of terminal users online is 1.\n",
  entering: "Enter system view, return user view with return command.",
  user: [
    ...screenLength,
    { syntax: "display configuration candidate", run: showCandidate },
    { syntax: "save", run: save },
  ],
  version: VERSION,
  header: "!Software Version V200R019C10SPC800",
  system,
  everywhere: committing,
  port,
  types,
  order,
  factory: factoryConfig,
  candidate: { leave },
});
