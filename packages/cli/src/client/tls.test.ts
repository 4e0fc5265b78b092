/** HTTPS: a certificate is checked, and one's own authority can be named. */
import { execFileSync, spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import type { AddressInfo } from "node:net";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { bundleProgram, runProgram } from "../testing/program.ts";
import { emptyDirectory } from "../testing/run-cli.ts";

const hasOpenssl = spawnSync("openssl", ["version"]).status === 0;

describe.skipIf(!hasOpenssl)("over TLS (needs openssl for a certificate)", () => {
  const folder = emptyDirectory();
  const certificate = join(folder, "cert.pem");
  let env: Record<string, string>;
  let bundle: string;
  let stop: () => void;

  beforeAll(async () => {
    bundle = bundleProgram();
    const subject = ["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"];
    const key = join(folder, "key.pem");
    execFileSync(
      "openssl",
      ["req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", ...subject, "-keyout", key, "-out", certificate],
      { stdio: "pipe" },
    );
    const server = createServer({ key: readFileSync(key), cert: readFileSync(certificate) }, (_request, response) => {
      response.setHeader("content-type", "application/json");
      response.end('{"success":true,"result":[{"name":"KEY","type":"secret_text"}],"errors":[],"messages":[]}');
    });
    await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
    stop = () => {
      server.closeAllConnections();
      server.close();
    };
    const url = `https://localhost:${(server.address() as AddressInfo).port}/client/v4`;
    env = { CLOUDFLARE_API_BASE_URL: url, CLOUDFLARE_API_TOKEN: "t", CLOUDFLARE_ACCOUNT_ID: "a" };
  });
  afterAll(() => stop());

  const list = async (more: Readonly<Record<string, string>> = {}) =>
    runProgram(bundle, ["secret", "list", "--name", "w"], { cwd: folder, env: { ...env, ...more } });

  test("an unknown certificate is refused, with the way to trust one's own", async () => {
    const ended = await list();
    expect(ended.code).toBe(1);
    expect(ended.stderr).toContain(
      `error: The certificate of ${env["CLOUDFLARE_API_BASE_URL"]} is not trusted.\nhint: NODE_EXTRA_CA_CERTS`,
    );
  });

  test("a trusted one is talked to", async () => {
    expect(await list({ NODE_EXTRA_CA_CERTS: certificate })).toMatchObject({ code: 0, stdout: "Secret Name: KEY\n" });
  });
});
