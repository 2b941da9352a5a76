import { expect, test } from "bun:test";
import { describePlatforms } from "../../drivers/cli/describe.ts";
import { deviceTypes } from "../../drivers/cli/platforms/index.ts";
import { runCli } from "../../src/cli/cli.ts";
import { platformsCommand } from "../../src/cli/commands/platforms.ts";

async function netpulse(...argv: string[]) {
  const said = { out: "", err: "" };
  const io = {
    out: (text: string) => {
      said.out += text;
    },
    err: (text: string) => {
      said.err += text;
    },
  };
  const command = { name: "platforms", summary: "", run: platformsCommand(describePlatforms()) };
  return { code: await runCli(["platforms", ...argv], [command], io), ...said };
}

test("platforms lists them, as lines and as CSV", async () => {
  const { code, out, err } = await netpulse();
  expect({ code, err }).toEqual({ code: 0, err: "" });
  expect(out.trimEnd().split("\n")).toHaveLength(describePlatforms().length);
  expect(out).toStartWith("cisco_ios\tcisco_xe\tCisco IOS, IOS XE\tat once\t\twrite memory\n");
  expect(out).toContain("\ncisco_xr\t\tCisco IOS XR\tat commit\t30 to 65535 s\t\n");
  const csv = (await netpulse("--csv")).out;
  expect(csv).toStartWith("device_type,also,devices,config_takes_effect,commit_confirm,save_types\r\n");
  expect(csv).toContain('\ncisco_ios,cisco_xe,"Cisco IOS, IOS XE",at once,,write memory\r\n');
});

test("platforms --json prints the same for programs, with every device type", async () => {
  const rows: { device_type: string; aliases: string[]; telnet: string[] }[] = JSON.parse(
    (await netpulse("--json")).out,
  );
  expect(rows.flatMap(({ device_type, aliases, telnet }) => [device_type, ...aliases, ...telnet])).toEqual(
    deviceTypes(),
  );
  expect(rows.find(({ device_type }) => device_type === "juniper_junos")).toEqual({
    device_type: "juniper_junos",
    aliases: ["juniper"],
    telnet: ["juniper_junos_telnet"],
    title: "Juniper Junos",
    enable: false,
    config: "at commit",
    commit_confirm: { min: 1, max: 86_400 },
    save: null,
    ntc_templates: "juniper_junos",
  } as never);
});

test.each([["--jsn"], ["cisco_ios"]])("platforms %s is wrong usage", async (argument) => {
  const { code, out } = await netpulse(argument);
  expect({ code, out }).toEqual({ code: 2, out: "" });
});
