import { mkdtempSync, rmSync } from "node:fs";
import { request as httpRequest } from "node:http";
import { connect } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { serveApi, type Served, type ServeOptions } from "./serve.ts";
import { openWorld, type World } from "./test-world.ts";

let world: World;
let served: Served | undefined;
beforeEach(async () => {
  world = await openWorld({ bodies: { json: 1000 } });
});
afterEach(async () => {
  await served?.close(0);
  served = undefined;
  await world.close();
});

async function listen(options: ServeOptions = {}): Promise<string> {
  served = await serveApi(world.app, { host: "127.0.0.1", port: 0 }, options);
  return `http://127.0.0.1:${served.port}`;
}

/** Writes bytes to the port and reads until the server ends the connection. */
async function speak(text: string): Promise<string> {
  const socket = connect(served?.port ?? 0, "127.0.0.1");
  socket.write(text);
  let answer = "";
  for await (const chunk of socket) answer += String(chunk);
  return answer;
}

const bearer = () => ({ authorization: `Bearer ${world.token}` });

test("requests are answered over a port, HEAD without a body", async () => {
  const base = await listen();
  const get = await fetch(`${base}/client/v4/user`, { headers: bearer() });
  expect(get.status).toBe(200);
  expect(get.headers.get("content-type")).toBe("application/json; charset=utf-8");
  expect(get.headers.get("cf-ray")).toMatch(/^[0-9a-f]{16}-CRL$/);
  expect(get.headers.get("cache-control")).toBe("no-store");
  const head = await fetch(`${base}/client/v4/user`, { method: "HEAD", headers: bearer() });
  expect([head.status, await head.text()]).toEqual([200, ""]);
  const options = await fetch(`${base}/client/v4/user`, { method: "OPTIONS" });
  expect(options.status).toBe(400);
  expect(options.headers.get("access-control-allow-origin")).toBeNull();
});

test("requests are answered over a unix socket", async () => {
  const directory = mkdtempSync(join(tmpdir(), "corral-socket-"));
  const socketPath = join(directory, "s");
  served = await serveApi(world.app, { socketPath });
  const { promise, resolve, reject } = Promise.withResolvers<number | undefined>();
  httpRequest({ socketPath, path: "/corral/v1/health" }, (response) => {
    response.resume();
    resolve(response.statusCode);
  })
    .on("error", reject)
    .end();
  expect(await promise).toBe(200);
  await served.close();
  served = undefined;
  rmSync(directory, { recursive: true });
});

test("a body over its limit is refused at its declared length, and in chunks as soon as it is over", async () => {
  const base = await listen();
  const url = `${base}/client/v4/accounts/${world.accountId}/workers/scripts/a/secrets`;
  const declared = await fetch(url, { method: "PUT", headers: bearer(), body: "x".repeat(2000) });
  expect(declared.status).toBe(413);
  const chunks = new ReadableStream({
    pull(controller) {
      controller.enqueue(new TextEncoder().encode("y".repeat(500)));
    },
  });
  // Node's fetch needs `duplex` for a stream; the DOM types do not know it.
  const init = { method: "PUT", headers: bearer(), body: chunks, duplex: "half" } as RequestInit;
  const streamed = await fetch(url, init).catch(() => undefined);
  expect([413, undefined]).toContain(streamed?.status);
  expect((await fetch(`${base}/client/v4/user`, { headers: bearer() })).status).toBe(200);
});

test("headers that are too large or never end are cut off", async () => {
  await listen({ headersTimeoutMs: 100, maxHeaderBytes: 2048 });
  expect(await speak(`GET / HTTP/1.1\r\nhost: x\r\nx: ${"y".repeat(5000)}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 431 /);
  expect(await speak("GET / HTTP/1.1\r\nhost: x\r\n")).toMatch(/^HTTP\/1\.1 408 /);
});

test("what is no HTTP, or has no usable host, is a 400", async () => {
  await listen();
  expect(await speak("nonsense\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
  expect(await speak("GET / HTTP/1.1\r\nhost: a b\r\nconnection: close\r\n\r\n")).toMatch(/^HTTP\/1\.1 400 /);
});

test("closing lets the running request end and refuses new connections", async () => {
  const started = Promise.withResolvers<undefined>();
  const finish = Promise.withResolvers<undefined>();
  const slow = {
    async fetch() {
      started.resolve(undefined);
      await finish.promise;
      return new Response("done");
    },
  };
  served = await serveApi(slow, { host: "127.0.0.1", port: 0 });
  const url = `http://127.0.0.1:${served.port}/`;
  const running = fetch(url);
  await started.promise;
  const closed = served.close();
  await expect(fetch(url)).rejects.toThrow("fetch failed");
  finish.resolve(undefined);
  expect(await (await running).text()).toBe("done");
  await closed;
  served = undefined;
});

test("what does not end within the grace period is cut", async () => {
  const started = Promise.withResolvers<undefined>();
  const stuck = {
    fetch() {
      started.resolve(undefined);
      return new Promise<Response>(() => undefined);
    },
  };
  served = await serveApi(stuck, { host: "127.0.0.1", port: 0 });
  const outcome = fetch(`http://127.0.0.1:${served.port}/`).catch((error: unknown) => String(error));
  await started.promise;
  await served.close(10);
  served = undefined;
  expect(await outcome).toContain("fetch failed");
});

test("an address that is taken is told to the caller", async () => {
  await listen();
  await expect(serveApi(world.app, { host: "127.0.0.1", port: served?.port ?? 0 })).rejects.toMatchObject({ code: "EADDRINUSE" });
});
