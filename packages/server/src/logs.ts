/**
 * Two kinds of lines. What Workers log goes to stdout as `[hello] …`, redacted by the agent before it came here. What
 * Corral itself has to say goes to stderr as one JSON object a line, made of allow-listed fields: no message, no URL,
 * no header, no body, so that it is safe with every redactor switched off.
 */
import { isCorralError } from "@corral/base";
import type { FeedLog } from "@corral/contract";

/** Every field that an operator's log line may have. Words are our own; names and ids have passed their validation. */
export interface LogFields {
  readonly event: string;
  readonly code?: string;
  readonly requestId?: string;
  /** The operation's id in the route table, never a path. */
  readonly operation?: string;
  readonly status?: number;
  readonly afterMs?: number;
  readonly count?: number;
  readonly pid?: number;
  readonly workerId?: string;
  readonly epoch?: number;
  /** Class of an unexpected error, and where in our code it arose. */
  readonly error?: string;
  readonly frames?: readonly string[];
}

export interface OperatorLog {
  write(fields: LogFields): void;
}

const FIELDS: readonly (keyof LogFields)[] = [
  "event",
  "code",
  "requestId",
  "operation",
  "status",
  "afterMs",
  "count",
  "pid",
  "workerId",
  "epoch",
  "error",
  "frames",
];

export function createOperatorLog(print: (line: string) => void, now: () => number): OperatorLog {
  return {
    write(fields) {
      const line: Record<string, unknown> = { at: new Date(now()).toISOString() };
      for (const field of FIELDS) if (fields[field] !== undefined) line[field] = fields[field];
      print(JSON.stringify(line));
    },
  };
}

const FRAME = /^ {4}at (?:[\w$.<>[\] ]+ \()?(?:file:\/\/)?(\/[^():]*|node:[\w/]+):(\d+):(\d+)\)?$/;

/**
 * What may be said of an error that nobody expected: its class, its code if it is ours, and where it arose. Never its
 * message, which may quote the input that caused it.
 */
export function describeError(error: unknown): Pick<LogFields, "error" | "code" | "frames"> {
  if (!(error instanceof Error)) return { error: typeof error };
  const described = { error: /^[A-Za-z]{1,40}$/.test(error.name) ? error.name : "Error", frames: framesOf(error) };
  return isCorralError(error) ? { ...described, code: error.code } : described;
}

/** A message may contain lines that look like frames: only what stands after the known message counts. */
function framesOf(error: Error): readonly string[] {
  const stack = error.stack ?? "";
  const head = `${error.name}: ${error.message}`;
  if (!stack.startsWith(head)) return [];
  const frames: string[] = [];
  for (const line of stack.slice(head.length).split("\n")) {
    const match = FRAME.exec(line);
    if (match !== null) frames.push(`${match[1]?.replace(/^.*\/((?:packages|node_modules)\/)/, "$1") ?? ""}:${match[2]}`);
  }
  return frames.slice(0, 4);
}

/** One line, whatever the text holds: a Worker must not be able to move the terminal's cursor or forge another's line. */
export function formatWorkerLog(log: FeedLog): string {
  const level = log.level === "log" || log.level === "info" ? "" : `${printable(log.level)}: `;
  return `[${printable(log.workerName)}] ${level}${printable(log.text)}`;
}

function printable(text: string): string {
  // C0, DEL, C1, and the characters that reorder or break lines.
  // oxlint-disable-next-line no-control-regex -- they are what is looked for
  return text.replaceAll(/[\u0000-\u001f\u007f-\u009f\u2028\u2029\u202a-\u202e\u2066-\u2069]/g, (character) => {
    if (character === "\n") return "\\n";
    if (character === "\t") return " ";
    return `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  });
}
