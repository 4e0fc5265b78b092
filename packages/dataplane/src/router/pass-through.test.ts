import { createServer } from "node:http";
import { connect } from "node:net";
import { networkInterfaces } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestNode, type TestNode } from "../testing/harness.ts";

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode();
});
afterAll(() => node.stop());

test("method, path, query, headers and body reach the Worker as they were sent, and its answer comes back so", async () => {
  await node.feed.put(node.feed.create("mirror"), {
    code: `export default { async fetch(request) {
      const { method, url, headers } = request;
      return Response.json([method, url, headers.get("x-own"), headers.get("cookie"), await request.text()],
        { status: 299, headers: [["set-cookie", "a=1"], ["set-cookie", "b=2"], ["x-back", "yes"]] });
    } }`,
  });
  const headers = { "x-own": "mine", cookie: "c=3" };
  const answer = await node.ask("mirror", { method: "PUT", path: "/a%20b/?q=%C3%A4&q=2", headers, body: "the body" });
  expect(JSON.parse(answer.text)).toEqual(["PUT", "http://mirror.localhost/a%20b/?q=%C3%A4&q=2", "mine", "c=3", "the body"]);
  expect(answer).toMatchObject({ status: 299, headers: { "set-cookie": ["a=1", "b=2"], "x-back": "yes" } });
});

test("a body of 20 MB is streamed there and back", async () => {
  await node.feed.put(node.feed.create("echo"), { code: `export default { fetch: (request) => new Response(request.body) }` });
  const body = "0123456789abcdef".repeat(1_310_720);
  const { text } = await node.ask("echo", { method: "POST", body });
  expect(text.length).toBe(body.length);
  expect(text === body).toBe(true);
});

test("a WebSocket goes through the router", async () => {
  await node.feed.put(node.feed.create("socket"), {
    code: `export default { fetch() {
      const [client, server] = Object.values(new WebSocketPair());
      server.accept();
      server.addEventListener("message", ({ data }) => server.send("heard " + data));
      return new Response(null, { status: 101, webSocket: client });
    } }`,
  });
  const socket = connect(node.agent.port, "127.0.0.1");
  socket.write(
    "GET / HTTP/1.1\r\nHost: socket.localhost\r\nConnection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n",
  );
  // A masked text frame, "hi", with a mask of zeros.
  const frame = Buffer.from([0x81, 0x82, 0, 0, 0, 0, 0x68, 0x69]);
  const heard = await new Promise<string>((resolve, reject) => {
    let received = "";
    socket.on("error", reject);
    socket.on("data", (chunk) => {
      if (received === "") socket.write(frame);
      received += chunk.toString("latin1");
      if (received.includes("heard hi")) resolve(received);
    });
  });
  expect(heard).toContain("101 Switching Protocols");
  socket.destroy();
});

test("a Worker reaches neither loopback nor this machine's own addresses, nor the agent's sockets", async () => {
  const server = createServer((_, response) => response.end("reached"));
  await new Promise<void>((resolve) => server.listen(0, "0.0.0.0", resolve));
  const { port } = server.address() as { readonly port: number };
  await node.feed.put(node.feed.create("nosy"), {
    code: `export default { async fetch(request) {
      const asked = await request.json();
      return Response.json(await Promise.all(asked.map((url) => fetch(url).then((r) => r.text(), () => "blocked"))));
    } }`,
  });
  const own = Object.values(networkInterfaces()).flatMap((addresses) =>
    (addresses ?? []).map(({ address, family }) => (family === "IPv4" ? address : `[${address.replace(/%.*/, "")}]`)),
  );
  const urls = ["localhost", ...own].map((host) => `http://${host}:${port}/`);
  const { text } = await node.ask("nosy", { method: "POST", body: JSON.stringify(urls) });
  server.close();
  expect(JSON.parse(text)).toEqual(urls.map(() => "blocked"));
});

test("a Worker of a further account answers below its label", async () => {
  await node.feed.put(node.feed.create("shared", { accountLabel: "team-b" }), {
    code: `export default { fetch: () => new Response("b") }`,
  });
  expect(await node.ask("shared.team-b")).toMatchObject({ text: "b" });
  expect(await node.ask("shared")).toMatchObject({ status: 404 });
});

test("a version may have modules of the names that Corral uses itself", async () => {
  await node.feed.put(node.feed.create("namesake"), {
    modules: [
      {
        name: "__corral_main.js",
        body: `import { text } from "./__corral_boot.js"; export default { fetch: () => new Response(text) }`,
      },
      { name: "__corral_boot.js", body: `export const text = "own";` },
    ],
  });
  expect(await node.ask("namesake")).toMatchObject({ text: "own" });
});
