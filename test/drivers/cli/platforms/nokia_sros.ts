import type { PlatformTable } from "./table.ts";

export default {
  source:
    "first lines of prompts after excerpts of Nokia's MD-CLI user guide; the rest is general knowledge of SR OS",
  prompts: [
    ["[/]\nA:admin@sr1#", "operational", "admin@sr1"],
    ["A:admin@sr1#", "exclusive", "admin@sr1"],
    ['[/show router "Base"]\nA:admin@sr1#', "operational", "admin@sr1"],
    ["(ro)[/]\nA:admin@sr1#", "operational", "admin@sr1"],
    ["(ex)[/]\nA:admin@sr1#", "exclusive", "admin@sr1"],
    ["*(ex) [configure]\nA:admin@sr1#", "context", "admin@sr1"],
    ["(ex)[]\nA:admin@sr1#", "exclusive", "admin@sr1"],
    ["[]\nA:admin@sr1#", "operational", "admin@sr1"],
    ["[ex:/]\nB:admin@sr1#", "exclusive", "admin@sr1"],
    ["*(ex)[/]\nA:admin@sr1#", "exclusive", "admin@sr1"],
    ["!*[ex:/configure]\nA:admin@sr1#", "context", "admin@sr1"],
    ['*(ex)[/configure router "Base"]\nA:admin@sr1#', "context", "admin@sr1"],
    ["*A:sr1>config>router#", "classic", "sr1"],
    ["A:sr1#", "classic", "sr1"],
  ],
  notPrompts: [
    "[/]",
    "*(ex)[/configure]",
    "A:admin@sr1# show version",
    "Discard uncommitted changes? [y,n]",
    "MINOR: MGMT_CORE #2201: Unknown element - 'shwo'",
  ],
  otherDevices: ["A:admin@sr2#", "A:sr2#"],
  refusals: [
    [
      "             ^^^^\nMINOR: MGMT_CORE #2201: Unknown element - 'shwo'\n",
      "MINOR: MGMT_CORE #2201: Unknown element - 'shwo'",
    ],
    ["MINOR: CLI #2003: Missing parameter\n", "MINOR: CLI #2003: Missing parameter"],
  ],
  configRefusals: [],
  answers: ["TiMOS-C-22.10.R1 cpm/hops64 Nokia 7750 SR\n"],
  notices: ["INFO: CLI #2061: Uncommitted changes\n"],
} satisfies PlatformTable;
