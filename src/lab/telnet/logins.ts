import type { TelnetLogin } from "../platform.ts";

const UNIX: TelnetLogin = {
  banner: "",
  name: "{host} login: ",
  password: "Password: ",
  refused: "Login incorrect",
};
const CISCO: TelnetLogin = {
  banner: "\n\nUser Access Verification\n\n",
  name: "Username: ",
  password: "Password: ",
  refused: "% Login invalid\n",
};

/** What devices say, from their vendors' manuals; those that are not named say what Cisco's do. */
const LOGINS: Readonly<Record<string, TelnetLogin>> = {
  cisco_nxos: {
    ...CISCO,
    banner: "\nUser Access Verification\n",
    name: "{host} login: ",
    refused: "Login incorrect",
  },
  cisco_xr: { ...CISCO, refused: "% User Authentication failed\n" },
  arista_eos: UNIX,
  juniper_junos: { ...UNIX, banner: "\n{host} (ttyp0)\n\n", name: "login: ", password: "Password:" },
  huawei: {
    banner:
      "\nWarning: Telnet is not a secure protocol, and it is recommended to use Stelnet.\n\nLogin authentication\n\n\n",
    name: "Username:",
    password: "Password:",
    refused: "Error: Failed to log in.\n",
  },
  hp_comware: {
    banner:
      "\n******************************************************************************\n" +
      "* Without the owner's prior written consent,                                 *\n" +
      "* no decompiling or reverse-engineering shall be allowed.                    *\n" +
      "******************************************************************************\n\n",
    name: "login: ",
    password: "Password: ",
    refused: "% Authentication failed!\n",
  },
  hp_procurve: { banner: "\n", name: "Login Name: ", password: "Password: ", refused: "Invalid password" },
  paloalto_panos: UNIX,
  linux: { ...UNIX, banner: "\nDebian GNU/Linux 12\n" },
  vyos: { ...UNIX, banner: "\nWelcome to VyOS\n\n" },
  extreme_exos: {
    ...UNIX,
    banner: "\n\ntelnet session telnet0 on /dev/ptyb0\n\n",
    name: "login: ",
    password: "password: ",
  },
  nokia_sros: { ...UNIX, banner: "\n\n", name: "Login: ", refused: "Login incorrect." },
  alcatel_sros: { ...UNIX, banner: "\n\n", name: "Login: ", refused: "Login incorrect." },
  mikrotik_routeros: {
    ...UNIX,
    banner: "\nMikroTik 7.10 (stable)\n",
    name: "Login: ",
    refused: "Login failed, incorrect username or password\n",
  },
};

export function telnetLogin(platform: string): TelnetLogin {
  return LOGINS[platform] ?? CISCO;
}
