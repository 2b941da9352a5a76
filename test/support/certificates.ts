import { must, program } from "./process.ts";
import { type TempDir, tempDir } from "./tempdir.ts";

export interface Certificates extends Disposable {
  folder: string;
  /** An authority's certificate. */
  ca: string;
  /** For 127.0.0.1, signed by the authority. */
  server: { cert: string; key: string };
  /** Of the same, for another host. */
  other: { cert: string; key: string };
  /** The server's, past its time. */
  expired: { cert: string; key: string };
  /** Signed by itself. */
  selfSigned: { cert: string; key: string };
  /** SHA-256 of a certificate, as OpenSSL prints it. */
  fingerprint(cert: string): Promise<string>;
}

/** Certificates in a folder of their own, by OpenSSL. */
export async function makeCertificates(): Promise<Certificates> {
  const openssl = program("openssl", "openssl");
  const folder = tempDir("certificates");
  const ca = await selfSigned(openssl, folder, "ca");
  const signed = async (name: string, names: string, days = "2") => {
    const [key, request, cert, extensions] = ["key", "csr", "pem", "ext"].map((end) =>
      folder.file(`${name}.${end}`),
    );
    await must([
      openssl,
      "req",
      "-newkey",
      "rsa:2048",
      "-nodes",
      "-keyout",
      key ?? "",
      "-out",
      request ?? "",
      "-subj",
      `/CN=${name}`,
    ]);
    await Bun.write(extensions ?? "", `subjectAltName=${names}\n`);
    const by = ["-CA", ca.cert, "-CAkey", ca.key, "-CAcreateserial", "-extfile", extensions ?? ""];
    await must([openssl, "x509", "-req", "-in", request ?? "", "-days", days, "-out", cert ?? "", ...by]);
    return { cert: cert ?? "", key: key ?? "" };
  };
  return {
    folder: folder.path,
    ca: ca.cert,
    server: await signed("server", "IP:127.0.0.1"),
    other: await signed("other", "DNS:other.example.net"),
    expired: await signed("expired", "IP:127.0.0.1", "-1"),
    selfSigned: await selfSigned(openssl, folder, "self"),
    async fingerprint(cert) {
      const printed = await must([openssl, "x509", "-in", cert, "-noout", "-fingerprint", "-sha256"]);
      return /=([0-9A-F:]+)/.exec(printed)?.[1] ?? "";
    },
    [Symbol.dispose]: () => folder.remove(),
  };
}

async function selfSigned(openssl: string, folder: TempDir, name: string) {
  const [key, cert] = [folder.file(`${name}.key`), folder.file(`${name}.pem`)];
  const made = ["-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", `/CN=${name}`];
  await must([openssl, "req", "-x509", ...made, "-keyout", key, "-out", cert]);
  return { cert, key };
}
