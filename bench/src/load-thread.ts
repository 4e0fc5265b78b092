/**
 * A thread that keeps some connections busy with one request each and counts what comes back.
 *
 * It writes and reads raw sockets and looks only at the status and where an answer ends, so that it asks several
 * times faster than a Worker answers; a client library would itself be the thing that is measured.
 */
import { connect } from "node:net";
import { parentPort, workerData } from "node:worker_threads";
import { percentile } from "./rounds.ts";
import type { LoadAnswer, LoadOrder } from "./load.ts";

const order = workerData as LoadOrder;

function requestOf(connection: number): Buffer {
  const body = Buffer.from(order.body ?? "");
  const headers = { Host: order.host, ...order.headers, ...(order.body !== undefined && { "Content-Length": body.length }) };
  const lines = Object.entries(headers).map(([name, value]) => `${name}: ${value}\r\n`);
  const head = `${order.method ?? "GET"} ${order.path.replace("{n}", String(connection))} HTTP/1.1\r\n${lines.join("")}\r\n`;
  return Buffer.concat([Buffer.from(head), body]);
}

const END_OF_HEAD = Buffer.from("\r\n\r\n");
const END_OF_CHUNKS = Buffer.from("0\r\n\r\n");

let answered = 0;
let failed = 0;
const times: number[] = [];
const start = performance.now();
const end = start + order.milliseconds;

/** The length of the first whole answer in these bytes; 0 if it is not whole yet. */
function lengthOfAnswer(bytes: Buffer): number {
  const headEnd = bytes.indexOf(END_OF_HEAD);
  if (headEnd < 0) return 0;
  const bodyAt = headEnd + END_OF_HEAD.length;
  const head = bytes.toString("latin1", 0, headEnd).toLowerCase();
  const length = /\r\ncontent-length: *(\d+)/.exec(head)?.[1];
  if (length !== undefined) return bytes.length >= bodyAt + Number(length) ? bodyAt + Number(length) : 0;
  if (!head.includes("\r\ntransfer-encoding: chunked")) throw new Error("internal: an answer without an end");
  const last = bytes.indexOf(END_OF_CHUNKS, bodyAt);
  return last < 0 ? 0 : last + END_OF_CHUNKS.length;
}

function runConnection(connection: number): Promise<void> {
  const request = requestOf(connection);
  let sentAt = 0;
  return new Promise((resolve) => {
    const socket = connect(order.port, "127.0.0.1");
    let pending: Buffer = Buffer.alloc(0);
    const finish = (): void => {
      socket.destroy();
      resolve();
    };
    socket.setNoDelay(true);
    const ask = (): void => {
      sentAt = performance.now();
      socket.write(request);
    };
    socket.on("connect", ask);
    socket.on("data", (part: Buffer) => {
      pending = pending.length === 0 ? part : Buffer.concat([pending, part]);
      const length = lengthOfAnswer(pending);
      if (length === 0) return;
      if (pending.toString("latin1", 9, 12) === "200") answered += 1;
      else failed += 1;
      pending = pending.subarray(length);
      const now = performance.now();
      times.push(now - sentAt);
      if (now < end) ask();
      else finish();
    });
    socket.on("error", () => {
      failed += 1;
      finish();
    });
    socket.on("close", finish);
  });
}

await Promise.all(Array.from({ length: order.connections }, (_, connection) => runConnection(connection)));
const seconds = (performance.now() - start) / 1000;
const answer: LoadAnswer = {
  perSecond: answered / seconds,
  failed,
  p50: percentile(times, 50),
  p99: percentile(times, 99),
  busy: performance.eventLoopUtilization().utilization,
};
// oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port, not a window
parentPort?.postMessage(answer);
