import type { ParamType } from "../../cli/params.ts";

/** The ports of a CISCO2911/K9 with a four-port gigabit card. */
export const PORTS = [
  "GigabitEthernet0/0",
  "GigabitEthernet0/1",
  "GigabitEthernet0/2",
  "GigabitEthernet0/0/0",
  "GigabitEthernet0/0/1",
  "GigabitEthernet0/0/2",
  "GigabitEthernet0/0/3",
] as const;

/** Interface types and the numbers they take. */
const TYPES: Record<string, (number: string) => boolean> = {
  GigabitEthernet: isPort,
  Loopback: (number) => isWithin(number, 0, 2_147_483_647),
  "Port-channel": (number) => isWithin(number, 1, 64),
  Tunnel: (number) => isWithin(number, 0, 2_147_483_647),
  Vlan: (number) => isWithin(number, 1, 4094),
};

/** `gi0/1`, `GigabitEthernet 0/1`, `lo0`: an interface by its name, which is written out in full. */
export const interfaceType: ParamType = {
  label: "INTERFACE",
  help: "Interface type and number",
  take(tokens, at) {
    const text = tokens[at]?.text ?? "";
    const joined = fullName(text);
    if (joined !== null) return { value: joined, used: 1 };
    const next = tokens[at + 1]?.text ?? "";
    const apart = /^[a-z-]+$/i.test(text) && /^\d/.test(next) ? fullName(text + next) : null;
    return apart === null ? null : { value: apart, used: 2 };
  },
};

function fullName(text: string): string | null {
  const [, short = "", number = ""] = /^([a-z-]+)(\d[\d/.]*)$/i.exec(text) ?? [];
  const found = Object.keys(TYPES).filter((type) => type.toLowerCase().startsWith(short.toLowerCase()));
  const [type] = found;
  if (short === "" || type === undefined || found.length > 1) return null;
  return TYPES[type]?.(number) ? `${type}${number}` : null;
}

function isPort(number: string): boolean {
  const [, port, sub] = /^([\d/]+)(?:\.(\d{1,9}))?$/.exec(number) ?? [];
  if (!PORTS.some((name) => name === `GigabitEthernet${port}`)) return false;
  return sub === undefined || Number(sub) > 0;
}

function isWithin(number: string, low: number, high: number): boolean {
  return /^\d{1,10}$/.test(number) && Number(number) >= low && Number(number) <= high;
}

export function serialNumber(index: number): string {
  return `FTX1840${(0x4000 + index).toString(36).toUpperCase().padStart(4, "A").slice(-4)}`;
}

export function cardSerialNumber(index: number): string {
  return `FOC1835${(0x5000 + index).toString(36).toUpperCase().padStart(4, "A").slice(-4)}`;
}

/** `5475.d0xx.xxxx`: a device has 256 addresses of its own. */
export function macAddress(index: number, port: number): string {
  const low = (index * 256 + port).toString(16).padStart(6, "0").slice(-6);
  return `5475.d0${low.slice(0, 2)}.${low.slice(2)}`;
}
