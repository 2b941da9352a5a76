import { netmikoDocs } from "../drivers/cli/netmiko/docs.ts";

await Bun.write(new URL("../docs/netmiko.md", import.meta.url), netmikoDocs());
