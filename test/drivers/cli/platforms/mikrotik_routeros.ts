import type { PlatformTable } from "./table.ts";

export default {
  source:
    "composed, not recorded: from netmiko's, scrapli's and oxidized's models; refusals are general knowledge",
  prompts: [
    ["[admin@MikroTik] >", "root", "admin@MikroTik"],
    ["[admin@MikroTik] /ip address>", "menu", "admin@MikroTik"],
    ["[admin@MikroTik] /ip/firewall/address-list>", "menu", "admin@MikroTik"],
    ["[admin@MikroTik] <SAFE> >", "root", "admin@MikroTik"],
    ["[admin@MikroTik] <SAFE> /interface>", "menu", "admin@MikroTik"],
    ["[netops@core 1.example.net] >", "root", "netops@core 1.example.net"],
  ],
  notPrompts: [
    "-- [Q quit|D dump|down]",
    "[find default-name=ether1]",
    "Flags: X - disabled, I - invalid, D - dynamic",
    "Do you want to see the software license? [Y/n]:",
    "{admin@MikroTik} >",
    "[admin@MikroTik] > /ip address print",
  ],
  otherDevices: ["[admin@MikroTik-2] >", "[root@MikroTik] >"],
  refusals: [
    ["bad command name adress (line 1 column 5)\n", "bad command name adress (line 1 column 5)"],
    ["expected end of command (line 1 column 21)\n", "expected end of command (line 1 column 21)"],
    ["syntax error (line 1 column 12)\n", "syntax error (line 1 column 12)"],
    ["invalid value for argument address\n", "invalid value for argument address"],
    ["input does not match any value of interface\n", "input does not match any value of interface"],
    ["missing value(s) of argument(s) interface\n", "missing value(s) of argument(s) interface"],
    ["not enough permissions (9)\n", "not enough permissions (9)"],
  ],
  configRefusals: [
    ["failure: already have such address\n", "failure: already have such address"],
    ["no such item\n", "no such item"],
  ],
  answers: ["failure: of a log line\n", " 0   address=10.0.0.1/24 interface=ether1\n"],
  notices: ["*1\n"],
} satisfies PlatformTable;
