import { StartupError } from "../../core/errors.ts";
import { cliPlatform } from "../cli/machine.ts";
import type { CliDefinition } from "../cli/model.ts";
import type { Platform } from "../platform.ts";
import { alcatelSros } from "./alcatel_sros/index.ts";
import { aristaEos } from "./arista_eos/index.ts";
import { arubaAoscx } from "./aruba_aoscx/index.ts";
import { ciscoAsa } from "./cisco_asa/index.ts";
import { ciscoIos } from "./cisco_ios/index.ts";
import { ciscoNxos } from "./cisco_nxos/index.ts";
import { ciscoXr } from "./cisco_xr/index.ts";
import { dellOs10 } from "./dell_os10/index.ts";
import { extremeExos } from "./extreme_exos/index.ts";
import { fortinet } from "./fortinet/index.ts";
import { frr } from "./frr/index.ts";
import { hpComware } from "./hp_comware/index.ts";
import { hpProcurve } from "./hp_procurve/index.ts";
import { huawei } from "./huawei/index.ts";
import { huaweiVrpv8 } from "./huawei_vrpv8/index.ts";
import { juniperJunos } from "./juniper_junos/index.ts";
import { linux } from "./linux/index.ts";
import { mikrotikRouteros } from "./mikrotik_routeros/index.ts";
import { nokiaSros } from "./nokia_sros/index.ts";
import { paloaltoPanos } from "./paloalto_panos/index.ts";
import { ubiquitiEdgeswitch } from "./ubiquiti_edgeswitch/index.ts";
import { vyos } from "./vyos/index.ts";

const DEFINITIONS: readonly CliDefinition[] = [
  ciscoIos,
  ciscoNxos,
  ciscoXr,
  ciscoAsa,
  aristaEos,
  juniperJunos,
  huawei,
  huaweiVrpv8,
  hpComware,
  mikrotikRouteros,
  fortinet,
  paloaltoPanos,
  vyos,
  linux,
  hpProcurve,
  arubaAoscx,
  dellOs10,
  ubiquitiEdgeswitch,
  extremeExos,
  nokiaSros,
  alcatelSros,
  frr,
];

export const PLATFORM_NAMES = DEFINITIONS.map(({ name }) => name);

/** Throws `StartupError` for a name that is not one of `PLATFORM_NAMES`. */
export function platformByName(name: string): Platform {
  const definition = DEFINITIONS.find((one) => one.name === name);
  if (definition) return cliPlatform(definition);
  throw new StartupError(`no platform ${name} in the lab; there are ${PLATFORM_NAMES.join(", ")}`);
}
