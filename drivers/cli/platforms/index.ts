import type { Platform } from "../platform.ts";
import alcatelSros from "./alcatel_sros.ts";
import aristaEos from "./arista_eos.ts";
import arubaAoscx from "./aruba_aoscx.ts";
import ciscoAsa from "./cisco_asa.ts";
import ciscoIos from "./cisco_ios.ts";
import ciscoNxos from "./cisco_nxos.ts";
import ciscoXr from "./cisco_xr.ts";
import dellOs10 from "./dell_os10.ts";
import extremeExos from "./extreme_exos.ts";
import fortinet from "./fortinet.ts";
import frr from "./frr.ts";
import generic from "./generic.ts";
import hpComware from "./hp_comware.ts";
import hpProcurve from "./hp_procurve.ts";
import huawei from "./huawei.ts";
import huaweiVrpv8 from "./huawei_vrpv8.ts";
import juniperJunos from "./juniper_junos.ts";
import linux from "./linux.ts";
import mikrotikRouteros from "./mikrotik_routeros.ts";
import nokiaSros from "./nokia_sros.ts";
import paloaltoPanos from "./paloalto_panos.ts";
import ubiquitiEdgeswitch from "./ubiquiti_edgeswitch.ts";
import vyos from "./vyos.ts";

export const platforms: readonly Platform[] = [
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
  generic,
];

const byType = new Map(
  platforms.flatMap((each) => [each.deviceType, ...each.aliases, ...each.telnet].map((type) => [type, each])),
);
const telnetTypes = new Set(platforms.flatMap(({ telnet }) => telnet));

/** Whether a `device_type` means its platform over Telnet. */
export function isTelnet(deviceType: string): boolean {
  return telnetTypes.has(deviceType);
}

/** Netmiko has each name but those for Telnet a second time, with this behind it. */
const SSH = "_ssh";

/** The platform of a `device_type`, by any of its names. */
export function platformOf(deviceType: string): Platform | undefined {
  const known = byType.get(deviceType);
  if (known !== undefined || !deviceType.endsWith(SSH)) return known;
  const name = deviceType.slice(0, -SSH.length);
  return isTelnet(name) ? undefined : byType.get(name);
}

/** Names no platform: the device is asked what it is. */
export const AUTODETECT = "autodetect";

/** Every value of `device_type` that people are shown; {@link platformOf} takes more. */
export function acceptedTypes(): string[] {
  return [...deviceTypes(), AUTODETECT];
}

/** Those that name a platform. */
export function deviceTypes(): string[] {
  return [...byType.keys()];
}
