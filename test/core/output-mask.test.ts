import { describe, expect, test } from "bun:test";
import fc from "fast-check";
import { MASK, maskText } from "../../src/core/mask.ts";
import { OutputMask } from "../../src/core/output-mask.ts";

/** What platforms print of their configuration. `Xy7` begins and `qZ` ends what nobody may see. */
const CONFIGS: Record<string, string> = {
  cisco_ios: `
enable secret 9 $9$Xy7abcdefqZ
enable password level 15 7 Xy70822455DqZ
username bob privilege 15 secret 5 $1$abcd$Xy7defqZ
username bob password 0 Xy7hunter2qZ
snmp-server community Xy7PublicqZ RO 10
snmp-server host 192.0.2.1 version 2c Xy7PublicqZ
snmp-server user u g v3 auth sha Xy7AuthqZ priv aes 128 Xy7PrivqZ
tacacs-server host 192.0.2.1 key 7 Xy7abcqZ
radius server R
 key 7 Xy7radiusqZ
crypto isakmp key Xy7pskqZ address 192.0.2.9
crypto ikev2 keyring K
  pre-shared-key local 0 Xy7localqZ
  pre-shared-key remote Xy7remoteqZ
key chain OSPF
 key 1
  key-string 7 Xy7chainqZ
interface Gi0/1
 ip ospf message-digest-key 1 md5 7 Xy7ospfqZ
 ip ospf authentication-key Xy7ospf2qZ
 standby 1 authentication Xy7hsrpqZ
 standby 2 authentication md5 key-string Xy7hsrp2qZ
 ppp chap password 7 Xy7chapqZ
router bgp 1
 neighbor 192.0.2.2 password 7 Xy7bgpqZ
ntp authentication-key 1 md5 Xy7ntpqZ 7
ip ftp password 7 Xy7ftpqZ
wlan W 1 W
 security wpa psk set-key ascii 0 Xy7wlanqZ
line vty 0 4
 password 7 Xy7lineqZ
`,
  cisco_nxos: `
username admin password 5 $5$Xy7abc$defqZ  role network-admin
snmp-server user admin network-admin auth md5 0xXy7qZ priv 0x0123456789abcdef localizedkey
snmp-server community Xy7commqZ group network-operator
tacacs-server key 7 "Xy7tacqZ"
`,
  cisco_xr: `
username bob
 secret 10 $6$Xy7abc$defqZ
key chain K
 key 1
  key-string password Xy7094FqZ
router bgp 1
 neighbor 192.0.2.1
  password encrypted Xy7094F471A1A0AqZ
snmp-server community encrypted Xy7commqZ RO
`,
  cisco_asa: `
enable password Xy7enableqZ pbkdf2
username bob password $sha512$5000$Xy7abcd==$efghqZ pbkdf2 privilege 15
tunnel-group 192.0.2.1 ipsec-attributes
 ikev1 pre-shared-key Xy7pskqZ
 ikev2 remote-authentication pre-shared-key Xy7psk2qZ
snmp-server host inside 192.0.2.5 community Xy7commqZ version 2c
 aaa-server R (inside) host 192.0.2.4
 key Xy7aaaqZ
`,
  arista_eos: `
username admin privilege 15 role network-admin secret sha512 $6$Xy7salt$hashqZ
enable password sha512 $6$Xy7salt$hashqZ
snmp-server community Xy7commqZ ro
tacacs-server host 192.0.2.1 key 7 Xy7070EqZ
   neighbor 192.0.2.1 password 7 Xy7bgpqZ
`,
  juniper_junos: `
    root-authentication {
        encrypted-password "$6$Xy7salt$hashqZ"; ## SECRET-DATA
    }
    community Xy7commqZ {
    tacplus-server { 192.0.2.1 secret "$9$Xy7abcqZ"; ## SECRET-DATA
    pre-shared-key ascii-text "$9$Xy7pskqZ"; ## SECRET-DATA
    authentication-key "Xy7 with blanks qZ"; ## SECRET-DATA
    some-new-thing Xy7newqZ; ## SECRET-DATA
set snmp community Xy7commqZ authorization read-only
set system login user bob authentication encrypted-password "$6$Xy7salt$hashqZ"
set protocols bgp group G authentication-key "$9$Xy7bgpqZ"
`,
  huawei: `
local-user bob password irreversible-cipher $1c$Xy7abc$defqZ$
 local-user amy password cipher %^%#Xy7abcdefqZ%^%#
snmp-agent community read cipher %^%#Xy7commqZ%^%#
snmp-agent community write Xy7writeqZ
 ospf authentication-mode md5 1 cipher Xy7ospfqZ
 ospf authentication-mode simple plain Xy7ospf2qZ
 super password level 3 cipher Xy7superqZ
 radius-server shared-key cipher Xy7radiusqZ
 peer 192.0.2.1 password cipher Xy7bgpqZ
`,
  hp_comware: `
local-user bob class manage
 password hash $h$6$Xy7abc$defqZ
snmp-agent community read simple Xy7commqZ
 key authentication cipher $c$3$Xy7abcqZ
 super password role network-admin hash $h$6$Xy7abc$defqZ
`,
  fortinet: `
        set password ENC Xy7abcdefghqZ
        set psksecret ENC Xy7pskabcdefqZ
        set passwd Xy7plainqZ
        set private-key "-----BEGIN ENCRYPTED PRIVATE KEY-----
Xy7MIIEqZ
Xy7abcdqZ
-----END ENCRYPTED PRIVATE KEY-----"
        set community "Xy7commqZ"
        set auth-pwd ENC Xy7abcdefghqZ
`,
  paloalto_panos: `
        phash $5$Xy7abc$defqZ;
          <phash>Xy7abcqZ</phash>
          <password>Xy7-AQ==abcqZ</password>
          pre-shared-key {
            key -AQ==Xy7abcqZ;
          snmp-community-string Xy7commqZ;
`,
  mikrotik_routeros: `
add name=ppp1 password=Xy7pppqZ service=pppoe
add authentication-types=wpa2-psk wpa2-pre-shared-key=Xy7wifiqZ name=p
set 0 ipsec-secret="Xy7 two wordsqZ" use-ipsec=yes
/radius add address=192.0.2.1 secret=Xy7radqZ
add private-key="Xy7wgqZ=" name=wg
`,
  nokia_sros: `
                password "$2y$10$Xy7abcdefqZ"
                authentication-key "Xy7abcqZ" hash2
            community "Xy7commqZ" hash2 r version v2c
                secret "Xy7radqZ" hash2
`,
  vyos: `
set system login user vyos authentication encrypted-password '$6$Xy7salt$hashqZ'
set vpn ipsec authentication psk P secret 'Xy7pskqZ'
set service snmp community Xy7commqZ authorization 'ro'
set interfaces wireguard wg0 private-key 'Xy7wgqZ='
`,
  aruba_aoscx: `
user admin group administrators password ciphertext Xy7AQBapabcqZ
snmp-server community Xy7commqZ
radius-server host 192.0.2.1 key ciphertext Xy7AQBqZ
`,
  eapi: `
{"cmds": {"username a secret sha512 $6$Xy7salt$hashqZ": null, "password": "Xy7jsonqZ", "snmp_community": "Xy7commqZ"}}
`,
  linux: `
root:$6$Xy7salt$hashqZ:19000:0:99999:7:::
url = https://bob:Xy7urlqZ@example.net/repo
-----BEGIN OPENSSH PRIVATE KEY-----
Xy7b3BlbnNzaqZ
Xy7ZZZZqZ
-----END OPENSSH PRIVATE KEY-----
after the key
`,
};

function masked(chunks: Iterable<string>, known: string[] = []): string {
  const mask = new OutputMask(known);
  let shown = "";
  for (const chunk of chunks) shown += mask.heard(chunk);
  return shown + mask.rest();
}

const parts = (text: string, size: number) =>
  Array.from({ length: Math.ceil(text.length / size) }, (_, n) => text.slice(n * size, (n + 1) * size));

describe.each(Object.entries(CONFIGS))("the configuration of %s", (_, config) => {
  test("shows no secret, whatever pieces it comes in, and the same for all", () => {
    const whole = masked([config]);
    expect(whole.split("\n").filter((line) => /Xy7|qZ/.test(line))).toEqual([]);
    for (const size of [1, 2, 7, 64]) expect(masked(parts(config, size))).toBe(whole);
  });

  test("keeps its lines", () => {
    const lines = (text: string) => text.split("\n").length;
    const plain = config.replaceAll(/^.*-----BEGIN(?:.|\n)*?-----END.*$/gm, "");
    expect(lines(masked([plain]))).toBe(lines(plain));
  });
});

describe("what is no secret stays", () => {
  test.each([
    "interface GigabitEthernet0/1",
    " ip address 192.0.2.1 255.255.255.0",
    "service password-encryption",
    "ip ssh version 2",
    "crypto key generate rsa modulus 2048",
    "key chain OSPF",
    " description costs $5 a month",
    "ssh server cipher aes256_ctr aes128_ctr",
    "router ospf 1",
    "Cisco IOS Software, Version 15.2(4)M7, RELEASE SOFTWARE (fc2)",
    "100% of 4096 bytes",
  ])("%s", (line) => {
    expect(masked([`${line}\n`])).toBe(`${line}\n`);
  });
});

describe("a stream", () => {
  test("gives on whole lines at once, and the rest at its end", () => {
    const mask = new OutputMask([]);
    expect(mask.heard("one\ntw")).toBe("one\n");
    expect(mask.heard("o")).toBe("");
    expect(mask.heard("\nthree")).toBe("two\n");
    expect(mask.rest()).toBe("three");
    expect(mask.rest()).toBe("");
  });

  test("hides known values, also where a chunk ends in them", () => {
    expect(masked(["user typed hun", "ter2-long\n", "x"], ["hunter2-long"])).toBe(`user typed ${MASK}\nx`);
  });

  test("hides a private key to its end, or for as long as a key can be", () => {
    const begin = "-----BEGIN RSA PRIVATE KEY-----\n";
    expect(masked([begin, "AAAA\n".repeat(50), "-----END RSA PRIVATE KEY-----\nnext\n"])).toBe(
      `${begin}${MASK}\n-----END RSA PRIVATE KEY-----\nnext\n`,
    );
    const open = masked([begin, "AAAA\n".repeat(500), "next\n"]);
    expect(open).toBe(`${begin}${MASK}\n${"AAAA\n".repeat(100)}next\n`);
  });

  test("bounds what it keeps of a line that does not end, and shows no secret of it", () => {
    const secret = 'password Xy7hidden"qZ';
    const words = "word ".repeat(300);
    const line = `${words}${secret} `.repeat(200);
    for (const size of [1000, 65_537, line.length]) {
      const mask = new OutputMask([]);
      let kept = 0;
      let shown = "";
      for (const chunk of parts(line, size)) {
        shown += mask.heard(chunk);
        kept += chunk.length;
        expect(kept - shown.length).toBeLessThan(80_000 + size + 200 * secret.length);
      }
      shown += mask.rest();
      expect(shown).not.toContain("Xy7");
      expect(shown.split(`password ${MASK}`)).toHaveLength(201);
    }
  });

  test("hides a word that is too long to be looked at, up to its end", () => {
    const endless = "password ".concat("x".repeat(200_000));
    const shown = masked([...parts(endless, 10_000), " and more\nnext\n"]);
    expect(shown.length).toBeLessThan(100);
    expect(shown).toEndWith(" and more\nnext\n");
  });

  test("that a line is too long for is not held up by it, wherever it might be cut", () => {
    const words = "password-secret-token-psk-".repeat(2340);
    for (const end of [` password${" ".repeat(40)}x`, " snmp-server host a informs version 2c".repeat(20)]) {
      const mask = new OutputMask([]);
      mask.heard(words + end);
      expect(cpuMs(() => mask.heard("x".repeat(5000)))).toBeLessThan(100);
    }
  });
});

/** Of this process, which others on the machine do not lengthen. */
function cpuMs(work: () => void): number {
  const began = process.cpuUsage();
  work();
  return process.cpuUsage(began).user / 1000;
}

/** What rules look for, and what may stand between. */
const PART = fc.constantFrom(
  ..."password secret community key token psk auth-key key-string authentication-key private-key phash".split(
    " ",
  ),
  ..."encrypted cipher md5 sha aes 128 level 7 0 local read write informs version traps priv 0x12345678".split(
    " ",
  ),
  ..."snmp-server host standby authentication authentication-mode plain ENC ## SECRET-DATA chain generate".split(
    " ",
  ),
  ...[
    "-",
    "_",
    "a",
    "1",
    ".",
    ":",
    "=",
    "://",
    "@",
    "/",
    '"',
    "'",
    "\\",
    ";",
    "$1$",
    "$6$",
    "%^%#",
    "<key>",
    "<",
    "\t",
  ],
  ...["-----BEGIN ", "PRIVATE KEY-----", "-----END ", "          ", " ", " ", " "],
);
const LINE = 64 * 1024;

describe("whatever a device prints", () => {
  const line = fc.array(PART, { minLength: 1, maxLength: 12 }).map((parts) => parts.join(""));
  const seeded = { seed: 7, numRuns: 400 };

  test("a line of 64 KiB takes a moment", () => {
    fc.assert(
      fc.property(line, fc.boolean(), (part, known) => {
        const text = part.repeat(Math.ceil(LINE / part.length)).slice(0, LINE);
        expect(cpuMs(() => maskText(text, known ? ["known-secret", part] : []))).toBeLessThan(250);
      }),
      seeded,
    );
  });

  test("each chunk of a line that does not end takes one as well", () => {
    fc.assert(
      fc.property(line, line, (part, rare) => {
        const words = part.repeat(Math.ceil(2000 / part.length)) + rare;
        const chunks = parts(words.repeat(Math.ceil((3 * LINE) / words.length)), 4096);
        const mask = new OutputMask([]);
        for (const chunk of chunks) expect(cpuMs(() => mask.heard(chunk))).toBeLessThan(250);
      }),
      { ...seeded, numRuns: 25 },
    );
  });

  test("shows the same in whatever pieces it comes", () => {
    fc.assert(
      fc.property(fc.array(line, { maxLength: 6 }), fc.integer({ min: 1, max: 40 }), (lines, size) => {
        const text = lines.join("\n");
        expect(masked(parts(text, size))).toBe(masked([text]));
      }),
      seeded,
    );
  });

  test("takes time in proportion to the text, whatever that is", () => {
    const hostile = [
      "password ",
      "key 0 ",
      "a-",
      '"',
      '"password": "',
      "$1$",
      "-----BEGIN PRIVATE KEY-----\n",
      "<key>",
      "ENC ",
      "%^%#",
      "community read ",
      "xy://a:",
      "word",
      " ## SECRET-DATA",
    ];
    for (const part of hostile) {
      const text = part.repeat(Math.ceil(500_000 / part.length));
      const began = performance.now();
      masked(parts(text, 4096));
      expect([part, performance.now() - began < 10_000]).toEqual([part, true]);
    }
  });
});
