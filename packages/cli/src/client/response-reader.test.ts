import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { createServer as createTcpServer } from "node:net";
import fc from "fast-check";
import { expect, test } from "vitest";
import { ResponseReader } from "./response-reader.ts";
import { NoAnswer, transport } from "./transport.ts";

function read(bytes: string | Uint8Array, cuts: readonly number[] = [], ends = false) {
  const reader = new ResponseReader(1000);
  const all = Buffer.from(bytes);
  let at = 0;
  for (const cut of [...cuts, all.length]) {
    if (cut > at) reader.push(all.subarray(at, cut));
    at = Math.max(at, cut);
  }
  if (ends) reader.end();
  return { status: reader.head?.status, body: reader.body.toString(), done: reader.done };
}

const whole = [
  ["a length", "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nX: y\r\n\r\nhello", "hello"],
  ["chunks", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\nTrailer: t\r\n\r\n", "hello"],
  ["no body", "HTTP/1.1 204 No Content\r\nContent-Length: 7\r\n\r\n", ""],
  ["an empty body", "HTTP/1.1 200\r\nContent-Length: 0\r\n\r\n", ""],
  ["a continuation before", "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello", "hello"],
] as const;

test.each(whole)("a response with %s is read, wherever it is cut", (_name, bytes, body) => {
  for (let first = 0; first <= bytes.length; first += 1) {
    for (let second = first; second <= bytes.length; second += 7) {
      expect(read(bytes, [first, second])).toMatchObject({ body, done: true });
    }
  }
});

test("without a length the end of the connection is the end of the body", () => {
  expect(read("HTTP/1.0 200 OK\r\n\r\nhello", [], false)).toMatchObject({ done: false });
  expect(read("HTTP/1.0 200 OK\r\n\r\nhello", [], true)).toEqual({ status: 200, body: "hello", done: true });
});

test.each([
  "HTTP/2 200 OK\r\n\r\n",
  "nothing of the kind\r\n\r\n",
  "HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\nhello",
  "HTTP/1.1 200 OK\r\nContent-Length: -5\r\n\r\nhello",
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n",
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
  "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nhello\r\n",
  "HTTP/1.1 200 OK\r\n folded: line\r\n\r\n",
  `HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n${"x".repeat(1001)}`,
  `HTTP/1.1 200 OK\r\nX: ${"x".repeat(70_000)}`,
])("what is no response is refused: %j", (bytes) => {
  expect(() => read(bytes)).toThrow("internal:");
});

test("a response that is cut off is refused", () => {
  for (const [, bytes] of whole) {
    for (let end = 1; end < bytes.length; end += 1) expect(() => read(bytes.slice(0, end), [], true)).toThrow("cut off");
  }
});

test("what node:http sends is read as it was meant", async () => {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on("data", (part: Buffer) => parts.push(part));
    request.on("end", () => {
      const body = Buffer.concat(parts);
      if (request.headers["x-length"] === "known") response.writeHead(200, { "content-length": body.length });
      for (let at = 0; at < body.length; at += 999) response.write(body.subarray(at, at + 999));
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const url = new URL(`http://127.0.0.1:${(server.address() as AddressInfo).port}/x?y=1`);
  await fc.assert(
    fc.asyncProperty(fc.uint8Array({ maxLength: 5000 }), fc.constantFrom("known", "unknown"), async (body, length) => {
      const headers = { "content-length": String(body.length), "x-length": length };
      const answer = await transport({ method: "POST", url, headers, body, timeoutMs: 5000 });
      expect(answer.status).toBe(200);
      expect(Buffer.from(answer.body).equals(Buffer.from(body))).toBe(true);
    }),
    { numRuns: 40 },
  );
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
});

test("a server that answers nothing, or nonsense, is no answer; whether it saw the request is known", async () => {
  const server = createTcpServer((socket) => {
    socket.once("data", (bytes) => {
      if (bytes.includes("GET /silent")) return;
      socket.end(bytes.includes("GET /nonsense") ? "nonsense\r\n\r\n" : "");
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo;
  const ask = async (path: string, at = port): Promise<unknown> =>
    transport({ method: "GET", url: new URL(`http://127.0.0.1:${at}${path}`), headers: {}, timeoutMs: 200 }).catch(
      (error: unknown) => error,
    );
  for (const path of ["/closes", "/nonsense", "/silent"]) {
    // oxlint-disable-next-line no-await-in-loop -- few, and in order
    const error = await ask(path);
    expect([path, error instanceof NoAnswer, (error as NoAnswer).sent]).toEqual([path, true, true]);
  }
  await new Promise((resolve) => server.close(resolve));
  const error = await ask("/gone");
  expect([error instanceof NoAnswer, (error as NoAnswer).sent]).toEqual([true, false]);
});
