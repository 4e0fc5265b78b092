/**
 * One client of a live tail. It says next to nothing (a first frame, pings), so all that it may ever say is bounded as
 * a whole, which bounds fragments, floods of pings and their pongs at once. What it is told is bounded by what it reads:
 * beyond that invocations are dropped and counted, and it hears of the count.
 */
import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import type { TailSink } from "@corral/control";
import websocket from "websocket-driver";
import { presentOverload, presentTrace } from "../presenters/tail.ts";

export interface TailSocketLimits {
  /** One message of the client, bytes. */
  readonly messageBytes: number;
  /** Everything that a client may send in one connection, bytes. */
  readonly inBytes: number;
  /** What may wait to be sent, bytes. */
  readonly outBytes: number;
  /** How often a silent client is asked whether it is there; one that does not answer for twice that time is cut. */
  readonly pingMs: number;
}

export const defaultTailSocketLimits: TailSocketLimits = {
  messageBytes: 4096,
  inBytes: 1024 * 1024,
  outBytes: 2 * 1024 * 1024,
  pingMs: 30_000,
};

export interface TailSocket extends TailSink {
  /** Answers the handshake; after it the client is there. */
  open(): void;
  /** Says that the server goes, and closes. */
  close(): void;
}

const GOING_AWAY = 1001;
const NORMAL = 1000;
const POLICY = 1008;
/** A client that does not answer a close frame is cut. */
const CLOSE_MS = 1000;

export function createTailSocket(
  request: IncomingMessage,
  socket: Duplex,
  head: Uint8Array,
  limits: TailSocketLimits,
  onGone: () => void,
): TailSocket {
  const { messageBytes: maxLength } = limits;
  // wrangler sends its first frame without a mask (wire.md 10).
  const driver = websocket.http(request, { maxLength, protocols: ["trace-v1"], requireMasking: false });
  let received = 0;
  let dropped = 0;
  let heard = true;
  let gone = false;

  const beat = setInterval(() => {
    if (!heard) return socket.destroy();
    heard = false;
    driver.ping("corral");
    return undefined;
  }, limits.pingMs);
  beat.unref();

  function leave(): void {
    if (gone) return;
    gone = true;
    clearInterval(beat);
    onGone();
  }

  function shut(reason: string, code: number): void {
    if (driver.readyState > 1 || socket.destroyed) return;
    driver.close(reason, code);
    setTimeout(() => socket.destroy(), CLOSE_MS).unref();
  }

  function take(chunk: Uint8Array): void {
    if (driver.readyState > 2) return;
    heard = true;
    received += chunk.length;
    if (received > limits.inBytes) return shut("too much was sent", POLICY);
    try {
      driver.parse(chunk);
    } catch {
      socket.destroy();
    }
  }

  driver.io.on("data", (chunk: Uint8Array) => {
    if (!socket.destroyed && socket.writable) socket.write(chunk);
  });
  // The library names the client's mistake; the close frame tells it so.
  driver.on("error", () => undefined);
  driver.on("close", () => {
    leave();
    if (!socket.destroyed) socket.end(() => socket.destroy());
  });
  socket.on("data", take);
  socket.on("error", () => socket.destroy());
  socket.on("end", () => socket.destroy());
  socket.on("close", leave);
  socket.on("drain", () => {
    if (dropped === 0 || driver.readyState !== 1) return;
    driver.text(presentOverload(dropped));
    dropped = 0;
  });

  return {
    open() {
      driver.start();
      if (head.length > 0) take(head);
    },
    put(trace) {
      if (driver.readyState !== 1) return;
      if (socket.writableLength > limits.outBytes) dropped += 1;
      else driver.text(presentTrace(trace));
    },
    end(reason) {
      shut(reason === "replaced" ? "another connection took over" : `the tail has ${reason}`, NORMAL);
    },
    close: () => shut("the server is stopping", GOING_AWAY),
  };
}
