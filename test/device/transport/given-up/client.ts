import "../../../support/preload.ts";
import { connectSsh } from "../../../../src/device/transport/ssh.ts";
import { around, target } from "../../support/ssh.ts";

/** Does with a shell on `host:22` what its standard input says: `type TEXT` or `give up`. */
const [host = ""] = process.argv.slice(2);
const account = { name: "admin", password: "admin" };
const connection = await connectSsh(target({ host, port: 22, account }), around());
const shell = await connection.openShell(
  {
    onData: (bytes) => void process.stdout.write(bytes),
    onEnd: ({ message }) => console.log(`ended: ${message}`),
  },
  new AbortController().signal,
);
for await (const line of console) {
  if (line.startsWith("type ")) shell.write(`${line.slice(5)}\n`);
  if (line === "give up") connection.destroy();
  console.log(`done: ${line}`);
}
