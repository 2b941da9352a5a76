import { resolve } from "node:path";
import { systemClock } from "../../../../src/core/clock.ts";
import { startLab } from "../../../../src/lab/lab.ts";
import { deviceAddress, Network } from "../../../support/network.ts";
import { must, program, startChild } from "../../../support/process.ts";
import { eventually } from "../../../support/redis-server.ts";

/** Runs in a network of its own: see `given-up.test.ts`. */
const network = await Network.open(1);
const machine = await network.machine(["devices"]);
const host = deviceAddress(0);
const lab = await startLab({ clock: systemClock, host, port: 22 });
const device = lab.device(0);

function client() {
  const command = [process.execPath, "--no-env-file", resolve(import.meta.dir, "client.ts"), host];
  return startChild(machine.command(command));
}

/** What the kernel of the machine still holds for the device. */
function sockets(): Promise<string> {
  return must(machine.command([program("ss", "iproute2"), "-tanH", "dst", host]));
}

function neighbours(): Promise<string> {
  return must(machine.command([program("ip", "iproute2"), "neighbour", "show", "dev", "devices"]));
}

const first = client();
await first.waitFor(/lab-1>/);
await machine.cut("devices");
first.write("type show clock\ngive up\n");
await first.waitFor(/done: give up/);
const left = await sockets();
// Until then the network itself may hold a packet.
await eventually("the network forgets", async () => /^$|FAILED/.test((await neighbours()).trim()));
await machine.heal("devices");

const second = client();
await second.waitFor(/lab-1>/);
second.write("type show users\n");
await second.waitFor(/done: type show users\n[\s\S]*lab-1>/);
second.write("give up\n");
await second.waitFor(/done: give up/);
const lines = device.log().map(({ text }) => text);
await Promise.all([first.stop(), second.stop()]);
await lab.stop();
await network.close();
console.log(JSON.stringify({ left, lines }));
process.exit(0);
