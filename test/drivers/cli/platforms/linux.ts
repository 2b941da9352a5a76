import type { PlatformTable } from "./table.ts";

export default {
  source: "general knowledge of bash's prompts on Debian and Red Hat",
  prompts: [
    ["admin@srv1:~$", "user", "srv1"],
    ["admin@srv1:/var/log$", "user", "srv1"],
    ["root@srv1:/home/admin#", "root", "srv1"],
    ["[admin@srv1 ~]$", "user", "srv1"],
    ["[root@srv1 network-scripts]#", "root", "srv1"],
    ["net.ops@db-1.example.net:~/My Documents$", "user", "db-1.example.net"],
  ],
  notPrompts: [
    "# a comment",
    "admin@srv1:~$ uname -a",
    "[sudo] password for admin:",
    "admin@example.net",
    "$",
    "root@srv1:~# exit",
    "100%",
  ],
  otherDevices: ["admin@srv2:~$", "[root@srv2 ~]#"],
  refusals: [
    ["bash: unmae: command not found\n", "bash: unmae: command not found"],
    ["-bash: unmae: command not found\n", "-bash: unmae: command not found"],
    ["sh: 1: unmae: not found\n", "sh: 1: unmae: not found"],
    ["cat: /etc/shadow: Permission denied\n", "cat: /etc/shadow: Permission denied"],
    ["sudo: unmae: command not found\n", "sudo: unmae: command not found"],
  ],
  configRefusals: [
    ["cp: cannot stat 'x': No such file or directory\n", "cp: cannot stat 'x': No such file or directory"],
    [
      'sysctl: setting key "x": Operation not permitted\n',
      'sysctl: setting key "x": Operation not permitted',
    ],
  ],
  answers: ["Linux srv1 6.1.0-9-amd64 x86_64 GNU/Linux\n", "error: of a log\n"],
  notices: ["net.ipv4.ip_forward = 1\n"],
} satisfies PlatformTable;
