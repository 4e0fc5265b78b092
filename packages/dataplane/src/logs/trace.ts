/** An invocation without its Worker's values, whatever of it held them. */
import { type JsonValue, type JsonText, parseJson } from "@corral/base";
import type { FeedTraceEvent } from "@corral/contract";
import type { Redactor } from "@corral/redaction";
import type { RouterTrace } from "../router/protocol.ts";

const MAX_TEXT = 16_384;
/** As workerd covers them in what it tells of a request; what came another way is held to the same. */
const CREDENTIAL = /^(?:cookie|set-cookie)$|auth|jwt|key|secret|token/i;

export function redactTrace(trace: RouterTrace, redactor: Redactor): RouterTrace {
  const text = (given: string): string => shorten(redactor.text(given));
  return {
    ...trace,
    entrypoint: trace.entrypoint === null ? null : text(trace.entrypoint),
    exceptions: trace.exceptions.map(({ at, name, message, stack }) => ({
      at,
      name: text(name),
      message: text(message),
      stack: stack === null ? null : text(stack),
    })),
    logs: trace.logs.map(({ at, level, message }) => ({ at, level, message: message.map((part) => redactJson(part, redactor)) })),
    event: trace.event === null ? null : redactEvent(trace.event, redactor, text),
  };
}

function redactEvent(event: FeedTraceEvent, redactor: Redactor, text: (given: string) => string): FeedTraceEvent {
  switch (event.kind) {
    case "request":
      return {
        ...event,
        url: text(event.url),
        method: text(event.method),
        headers: event.headers.map(([name, value]) => [text(name), CREDENTIAL.test(name) ? "REDACTED" : text(value)]),
        cf: event.cf === null ? null : redactJson(event.cf, redactor),
      };
    case "scheduled":
      return { ...event, cron: text(event.cron) };
    case "rpc":
      return { ...event, method: text(event.method) };
    default:
      return event;
  }
}

/**
 * Each text inside, keys too, is redacted as the text it is, so that escapes hide nothing. A value that lies across the
 * parts, or is a number, is then found in the whole, which is a text from there on.
 */
export function redactJson(json: JsonText, redactor: Redactor): JsonText {
  const parsed = parseJson(json);
  if (parsed.ok && typeof parsed.value === "string") return JSON.stringify(shorten(redactor.text(parsed.value)));
  const walked = parsed.ok ? JSON.stringify(redactValue(parsed.value, redactor)) : json;
  const whole = redactor.text(walked);
  return parsed.ok && whole === walked && walked.length <= MAX_TEXT ? walked : JSON.stringify(shorten(whole));
}

function redactValue(value: JsonValue, redactor: Redactor): JsonValue {
  if (typeof value === "string") return redactor.text(value);
  if (typeof value !== "object" || value === null) return value;
  if (Array.isArray(value)) return (value as readonly JsonValue[]).map((one) => redactValue(one, redactor));
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [redactor.text(key), redactValue(one, redactor)]));
}

/** After the redactor, never before: a value that was cut would pass. */
export function shorten(text: string): string {
  return text.length <= MAX_TEXT ? text : `${text.slice(0, MAX_TEXT)} … (${text.length - MAX_TEXT} more)`;
}
