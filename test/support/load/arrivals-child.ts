import { Arrivals } from "./arrivals.ts";

/**
 * Arrivals in a process of their own: `bun arrivals-child.ts URL KEY RATE DEVICES`, devices as `host:port,…`. Prints a
 * dot each second, and its report as a line of JSON when it is told to stop by SIGTERM.
 */
const [url = "", key = "", rate = "", devices = ""] = process.argv.slice(2);

const arrivals = new Arrivals({
  rate: Number(rate),
  devices: devices.split(",").map((device) => {
    const [host = "", port = ""] = device.split(":");
    return { host, port: Number(port) };
  }),
});
await arrivals.start({ url, key });
setInterval(() => console.log("."), 1_000);
process.on("SIGTERM", () => {
  console.log(JSON.stringify(arrivals.report));
  process.exit(0);
});
