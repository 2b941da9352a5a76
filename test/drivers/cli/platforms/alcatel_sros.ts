import type { PlatformTable } from "./table.ts";

export default {
  source:
    "composed, not recorded: the prompts and modes from netmiko's driver; the rest is general knowledge",
  prompts: [
    ["A:sr1#", "root", "sr1"],
    ["*A:sr1#", "root", "sr1"],
    ["B:sr1#", "root", "sr1"],
    ["A:sr1>config#", "config", "sr1"],
    ["*A:sr1>config>router>if#", "config", "sr1"],
    ["*A:sr1>config>service>vprn$", "config", "sr1"],
    ["A:admin@sr1#", "modelDriven", "sr1"],
  ],
  notPrompts: ["Press any key to continue (Q to quit)", "[/]", "A:sr1# show version", "exit all", "#----"],
  otherDevices: ["A:sr2#", "*A:sr2>config#"],
  refusals: [
    ["           ^\nError: Bad command.\n", "Error: Bad command."],
    ["Error: Missing parameter\n", "Error: Missing parameter"],
    ["MINOR: CLI Command not allowed for this user.\n", "MINOR: CLI Command not allowed for this user."],
  ],
  configRefusals: [["MINOR: PMGR #1042 Port does not exist\n", "MINOR: PMGR #1042 Port does not exist"]],
  answers: ["MAJOR: of a log\n", "TiMOS-C-16.0.R5 cpm/hops64 Nokia 7750 SR\n"],
  notices: ["INFO: CLI\n"],
} satisfies PlatformTable;
