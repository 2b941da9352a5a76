import { readFileSync, writeFileSync } from "node:fs";
import { tempDir } from "../support/tempdir.ts";

/** An authority of our own, and certificates that it signs. */
export function authority() {
  const dir = tempDir("authority");
  const make = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const [key, pem] = [dir.file("ca.key"), dir.file("ca.pem")];
  openssl("req", "-x509", ...make, "-keyout", key, "-out", pem, "-subj", "/CN=test", "-days", "2");
  let made = 0;
  return {
    path: pem,
    pem: readFileSync(pem, "utf8"),
    /** For `DNS:name` or `IP:address`. */
    certificate(subject: string): { key: string; cert: string } {
      made += 1;
      const file = (kind: string) => dir.file(`${made}.${kind}`);
      openssl("req", ...make, "-keyout", file("key"), "-out", file("csr"), "-subj", "/CN=receiver");
      writeFileSync(file("ext"), `subjectAltName=${subject}`);
      const signed = ["-CA", pem, "-CAkey", key, "-CAcreateserial", "-days", "2", "-extfile", file("ext")];
      openssl("x509", "-req", "-in", file("csr"), ...signed, "-out", file("pem"));
      return { key: readFileSync(file("key"), "utf8"), cert: readFileSync(file("pem"), "utf8") };
    },
    remove: () => dir.remove(),
  };
}

function openssl(...args: string[]): void {
  const { exitCode, stderr } = Bun.spawnSync(["openssl", ...args]);
  if (exitCode !== 0) throw new Error(`openssl ${args[0]}: ${stderr.toString()}`);
}
