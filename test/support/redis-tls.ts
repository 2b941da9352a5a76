import { must, program } from "./process.ts";
import type { TempDir } from "./tempdir.ts";

/** Paths of PEM files. */
export interface Certificates {
  /** Of the authority that signed `cert` and `clientCert`. */
  ca: string;
  cert: string;
  key: string;
  clientCert: string;
  clientKey: string;
  /** Of an authority that signed nothing. */
  otherCa: string;
}

/** Makes an authority and certificates for 127.0.0.1 and for a client, for two days. */
export async function makeCertificates(folder: TempDir): Promise<Certificates> {
  await Promise.all([authority(folder, "ca"), authority(folder, "other-ca")]);
  await Promise.all([
    signed(folder, "server", "subjectAltName=IP:127.0.0.1"),
    signed(folder, "client", "extendedKeyUsage=clientAuth"),
  ]);
  return {
    ca: folder.file("ca.crt"),
    cert: folder.file("server.crt"),
    key: folder.file("server.key"),
    clientCert: folder.file("client.crt"),
    clientKey: folder.file("client.key"),
    otherCa: folder.file("other-ca.crt"),
  };
}

function authority(folder: TempDir, name: string): Promise<string> {
  return openssl(folder, name, ["-addext", "keyUsage=critical,keyCertSign"]);
}

function signed(folder: TempDir, name: string, extension: string): Promise<string> {
  const by = ["-CA", folder.file("ca.crt"), "-CAkey", folder.file("ca.key")];
  return openssl(folder, name, [
    ...by,
    "-addext",
    "basicConstraints=critical,CA:FALSE",
    "-addext",
    extension,
  ]);
}

function openssl(folder: TempDir, name: string, args: string[]): Promise<string> {
  const key = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];
  const out = ["-keyout", folder.file(`${name}.key`), "-out", folder.file(`${name}.crt`)];
  const subject = ["-subj", `/CN=netpulse test ${name}`, "-days", "2"];
  return must([program("openssl", "openssl"), "req", "-x509", ...key, ...out, ...subject, ...args]);
}
