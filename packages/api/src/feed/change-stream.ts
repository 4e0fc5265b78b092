/** GET /feed/changes: one JSON line per change, an empty line when nothing happened for a while. */
import { utf8 } from "@corral/base";
import type { FeedChange } from "@corral/contract";
import type { FeedSource } from "@corral/control";

/** Pulled by the reader: a slow agent holds back its own stream and nothing else. Ends with `signal` or the reader. */
export function changeStream(
  source: FeedSource,
  after: number,
  signal: AbortSignal,
  heartbeatMs: number,
): ReadableStream<Uint8Array> {
  const gone = new AbortController();
  const ended = AbortSignal.any([signal, gone.signal]);
  const changes = source.changes(after, ended)[Symbol.asyncIterator]();
  let next: Promise<IteratorResult<FeedChange>> | undefined;
  let greeted = false;

  async function line(): Promise<string | undefined> {
    // The first line leaves at once, so that the reader knows it is connected.
    if (!greeted) {
      greeted = true;
      return "\n";
    }
    next ??= changes.next();
    const first = await within(next, heartbeatMs, ended);
    if (first === "ended") return undefined;
    if (first === "time") return "\n";
    next = undefined;
    return first.done === true ? undefined : `${JSON.stringify(first.value)}\n`;
  }

  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        const text = await line();
        if (text === undefined) controller.close();
        else controller.enqueue(utf8(text));
      },
      cancel: () => gone.abort(),
    },
    { highWaterMark: 0 },
  );
}

/** What comes first: the value, the time, or the end. */
async function within<T>(value: Promise<T>, ms: number, ended: AbortSignal): Promise<T | "time" | "ended"> {
  if (ended.aborted) return "ended";
  const { promise, resolve } = Promise.withResolvers<"time" | "ended">();
  const timer = setTimeout(() => resolve("time"), ms);
  const onEnd = () => resolve("ended");
  ended.addEventListener("abort", onEnd, { once: true });
  try {
    return await Promise.race([value, promise]);
  } finally {
    clearTimeout(timer);
    ended.removeEventListener("abort", onEnd);
  }
}
