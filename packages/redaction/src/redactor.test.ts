import { Redacted, utf8 } from "@corral/base";
import * as fc from "fast-check";
import { describe, expect, test } from "vitest";
import { type Interval, mergeIntervals } from "./intervals.ts";
import { needlesFor, type Secret } from "./needles.ts";
import { createRedactor, type Redactor, type StreamRedactor } from "./redactor.ts";

const decoder = new TextDecoder();

function secretsOf(values: Readonly<Record<string, string>>): Secret[] {
  return Object.entries(values).map(([name, value]) => ({ name, value: new Redacted(value) }));
}

function redactorOf(values: Readonly<Record<string, string>>): Redactor {
  return createRedactor(secretsOf(values));
}

function indexOf(text: Uint8Array, needle: Uint8Array, from: number): number {
  return Buffer.from(text).indexOf(needle, from);
}

const word = /^\w$/;
function wordAt(text: Uint8Array, at: number): boolean {
  const byte = text[at];
  return byte !== undefined && word.test(String.fromCharCode(byte));
}

/** The slow way: every occurrence of every needle, then one merge. */
function oracle(secrets: readonly Secret[], text: string): string {
  const bytes = utf8(text);
  const intervals: Interval[] = [];
  let cut = { start: bytes.length, secret: -1, needle: new Uint8Array(0) };
  for (const { bytes: needle, bounded, secret } of needlesFor(secrets).patterns) {
    for (let start = indexOf(bytes, needle, 0); start >= 0; start = indexOf(bytes, needle, start + 1)) {
      const end = start + needle.length;
      const glued = (wordAt(bytes, start - 1) && wordAt(bytes, start)) || (wordAt(bytes, end) && wordAt(bytes, end - 1));
      if (!bounded || !glued) intervals.push({ start, end, secret });
    }
    for (let length = Math.min(needle.length - 1, bytes.length); length > 7; length -= 1) {
      const start = bytes.length - length;
      if (Buffer.compare(bytes.subarray(start), needle.subarray(0, length)) !== 0) continue;
      const earlier = start < cut.start || (start === cut.start && Buffer.compare(needle, cut.needle) < 0);
      if (earlier) cut = { start, secret, needle: new Uint8Array(needle) };
      break;
    }
  }
  if (cut.secret >= 0) intervals.push({ start: cut.start, end: bytes.length, secret: cut.secret });
  let result = "";
  let at = 0;
  for (const { start, end, secret } of mergeIntervals(intervals)) {
    result += `${decoder.decode(bytes.subarray(at, start))}[REDACTED:${secrets[secret]?.name ?? ""}]`;
    at = end;
  }
  return result + decoder.decode(bytes.subarray(at));
}

function streamed(redactor: Redactor, text: string, cuts: readonly number[]): string {
  const bytes = utf8(text);
  const stream = redactor.stream();
  const out: Uint8Array[] = [];
  let from = 0;
  for (const cut of [...cuts.map((any) => any % (bytes.length + 1)).toSorted((a, b) => a - b), bytes.length]) {
    out.push(stream.write(bytes.slice(from, cut)));
    from = cut;
  }
  out.push(stream.end());
  return decoder.decode(Buffer.concat(out));
}

function write(stream: StreamRedactor, text: string): string {
  return decoder.decode(stream.write(utf8(text)));
}

function idle(stream: StreamRedactor): string {
  return decoder.decode(stream.idle());
}

function time(work: () => void): number {
  const start = performance.now();
  work();
  return performance.now() - start;
}

describe("against the slow way", () => {
  // Few letters, so that needles overlap, nest, repeat and begin inside one another.
  const value = fc.oneof(
    fc.string({ unit: fc.constantFrom("a", "b", "."), minLength: 1, maxLength: 14 }),
    fc.string({ unit: fc.constantFrom("a", "é", '"', "\n", "%", "ab"), minLength: 1, maxLength: 14 }),
  );
  const scenario = fc.array(value, { minLength: 1, maxLength: 6 }).chain((values) => {
    const pieces = values.flatMap((one) => [
      one,
      one.slice(1),
      one.slice(0, -1),
      JSON.stringify(one),
      btoa(encodeURIComponent(one)),
    ]);
    return fc.record({
      values: fc.constant(values),
      text: fc.array(fc.oneof(fc.constantFrom(...pieces), fc.constantFrom("a", "b", " ", "_", ".")), { maxLength: 12 }),
      cuts: fc.array(fc.nat(400), { maxLength: 8 }),
    });
  });

  test("a text is covered exactly where a needle occurs, however it is cut", () => {
    fc.assert(
      fc.property(scenario, ({ values, text, cuts }) => {
        const secrets = values.map((one, index) => ({ name: `S${index}`, value: new Redacted(one) }));
        const redactor = createRedactor(secrets);
        const expected = oracle(secrets, text.join(""));
        expect(redactor.text(text.join(""))).toBe(expected);
        expect(streamed(redactor, text.join(""), cuts)).toBe(expected);
      }),
      { numRuns: 400 },
    );
  });

  test("every cut position of every needle gives the same output", () => {
    const secrets = secretsOf({ TOKEN: 'tok"en+/%-1234567890', PIN: "12345", URL: "postgres://u:p%40ssw0rd@h/db" });
    const redactor = createRedactor(secrets);
    for (const { bytes } of needlesFor(secrets).patterns) {
      const text = `x ${decoder.decode(bytes)} y`;
      const expected = oracle(secrets, text);
      for (let cut = 0; cut <= text.length; cut += 1) expect(streamed(redactor, text, [cut])).toBe(expected);
    }
  });
});

describe("what is looked for", () => {
  const value = 'se"cr\\et/+%\n värde ≥ 24 tecken';

  test.each([
    ["as it is", value],
    ["trimmed", value.trim()],
    ["in JSON", JSON.stringify({ value })],
    ["in JSON in JSON", JSON.stringify(JSON.stringify({ value }))],
    ["in a URI component", `?q=${encodeURIComponent(value)}&`],
    ["in a URI with lower-case digits", encodeURIComponent(value).replaceAll(/%../g, (octet) => octet.toLowerCase())],
    ["in a form", String(new URLSearchParams({ value }))],
    ["in base64", Buffer.from(value).toString("base64")],
    ["in base64url", Buffer.from(value).toString("base64url")],
    ["in hex", Buffer.from(value).toString("hex")],
    ["in upper-case hex", Buffer.from(value).toString("hex").toUpperCase()],
    ["inspected", `{ value: 'se"cr\\\\et/+%\\n värde ≥ 24 tecken' }`],
  ])("a value is found %s", (_how, text) => {
    const redacted = redactorOf({ KEY: value }).text(text);
    expect(redacted).toContain("[REDACTED:KEY]");
    expect(redacted).not.toMatch(/cr|v.rde|c2Vj|736563/i);
  });

  test("a value is found inside base64 of longer data, wherever it begins", () => {
    const redactor = redactorOf({ KEY: "correct-horse-battery-staple" });
    for (const before of ["", "a", "ab", "abc", "abcd"]) {
      const encoded = Buffer.from(`${before}correct-horse-battery-staple-and-more`).toString("base64");
      expect(redactor.text(encoded)).toContain("[REDACTED:KEY]");
      expect(redactor.text(encoded).length).toBeLessThan(encoded.length - 10);
    }
  });

  test("lines, PEM bodies, strings of JSON and the password of a URL are secrets of their own", () => {
    const body = ["MIIEvQIBADANBgkqhkiG9w0BAQEF", "AASCBKcwggSjAgEAAoIBAQC7VJTU"];
    const pem = `-----BEGIN PRIVATE KEY-----\n${body.join("\n")}\n-----END PRIVATE KEY-----\n`;
    const redactor = redactorOf({
      PEM: pem,
      ACCOUNT: JSON.stringify({ client_email: "robot@example.com", nested: [{ private_key: "q7f8-leaf-w2" }] }),
      DB: "postgres://app:n0t%2Fguessed@db.example.com/main",
    });
    expect(redactor.text(`key ${body[1]}!`)).toBe("key [REDACTED:PEM]!");
    expect(redactor.text(`key ${body.join("")}!`)).toBe("key [REDACTED:PEM]!");
    expect(redactor.text("-----BEGIN PRIVATE KEY----- is a header")).toBe("-----BEGIN PRIVATE KEY----- is a header");
    expect(redactor.text("leaf q7f8-leaf-w2, client_email")).toBe("leaf [REDACTED:ACCOUNT], client_email");
    expect(redactor.text("n0t%2Fguessed n0t/guessed")).toBe("[REDACTED:DB] [REDACTED:DB]");
  });

  test("4 to 7 bytes count between non-word characters only, and less not at all", () => {
    const redactor = redactorOf({ PIN: "4711", NO: "abc", WORD: "production" });
    expect(redactor.text("pin=4711, 4711")).toBe("pin=[REDACTED:PIN], [REDACTED:PIN]");
    expect(redactor.text("14711 47112 a4711 4711_")).toBe("14711 47112 a4711 4711_");
    expect(redactor.text("abc in production")).toBe("abc in production");
    expect(redactor.uncovered).toEqual([
      { name: "NO", reason: "short" },
      { name: "WORD", reason: "ordinary" },
    ]);
  });

  test("a text that was cut inside a value does not show the beginning", () => {
    const redactor = redactorOf({ KEY: "correct-horse-battery" });
    expect(redactor.text("Error: correct-hor")).toBe("Error: [REDACTED:KEY]");
    expect(redactor.text("Error: correct")).toBe("Error: correct");
  });

  test("without secrets everything passes", () => {
    const redactor = createRedactor([]);
    expect(redactor.text("anything")).toBe("anything");
    expect(redactor.strict("anything")).toBe("anything");
    expect(streamed(redactor, "anything", [3])).toBe("anything");
  });
});

describe("strict", () => {
  test("no window of 6 bytes of a value is left", () => {
    fc.assert(
      fc.property(
        fc.string({ minLength: 8, maxLength: 40, unit: "grapheme" }),
        fc.nat(30),
        fc.nat(30),
        fc.string({ maxLength: 5 }),
        (value, from, length, around) => {
          const redactor = redactorOf({ KEY: value });
          if (redactor.uncovered.length > 0) return;
          const redacted = redactor
            .strict(`${around}${value.slice(from, from + length)}${around}`)
            .replaceAll("[REDACTED:KEY]", "\u0000");
          const bytes = utf8(value.toWellFormed());
          for (let at = 0; at + 6 <= bytes.length; at += 1) {
            expect(Buffer.from(redacted).includes(Buffer.from(bytes.subarray(at, at + 6)))).toBe(false);
          }
        },
      ),
    );
  });

  test("what a parser quotes of a value is covered", () => {
    const value = "v-9f8e7d6c5b4a";
    let message = "";
    try {
      JSON.parse(value);
    } catch (error) {
      message = String(error);
    }
    expect(message).toContain("9f8e7d6");
    expect(redactorOf({ KEY: value }).strict(message)).not.toContain("9f8e7d");
  });
});

describe("a stream that pauses", () => {
  const redactor = redactorOf({ KEY: "correct-horse-battery" });

  test("nothing waits longer than the pause", () => {
    const stream = redactor.stream();
    expect(write(stream, "say corr")).toBe("say ");
    expect(idle(stream)).toBe("corr");
    expect(write(stream, "al\n")).toBe("al\n");
  });

  test("more than 7 bytes of a value leave as its marker, and the rest joins it", () => {
    const stream = redactor.stream();
    expect(write(stream, "say correct-h")).toBe("say ");
    expect(idle(stream)).toBe("[REDACTED:KEY]");
    expect(write(stream, "orse")).toBe("");
    expect(idle(stream)).toBe("");
    expect(write(stream, "-battery!")).toBe("!");
  });

  test("after fewer bytes have left, the rest is covered", () => {
    const stream = redactor.stream();
    expect(write(stream, "correct")).toBe("");
    expect(idle(stream)).toBe("correct");
    expect(write(stream, "-horse-battery!")).toBe("[REDACTED:KEY]!");
  });

  test("at most 7 bytes of a value ever leave together, wherever it pauses", () => {
    const value = "correct-horse-battery";
    fc.assert(
      fc.property(fc.uniqueArray(fc.nat(value.length), { maxLength: 6 }), (pauses) => {
        const stream = redactor.stream();
        let out = "";
        let from = 0;
        for (const pause of [...pauses.toSorted((a, b) => a - b), value.length]) {
          out += write(stream, value.slice(from, pause)) + idle(stream);
          from = pause;
        }
        out += decoder.decode(stream.end());
        expect(out.replaceAll("[REDACTED:KEY]", "").length).toBeLessThanOrEqual(7);
      }),
    );
  });
});

describe("limits", () => {
  test("needles made to hurt cost no more than twice their share when the text doubles", () => {
    const values: Record<string, string> = { LAST: "aaaaab" };
    for (let index = 0; index < 99; index += 1) values[`S${index}`] = `${"a".repeat(60)}x${index.toString().padStart(4, "0")}`;
    const redactor = redactorOf(values);
    const run = (length: number): number => Math.min(...[1, 2, 3].map(() => time(() => redactor.text("a".repeat(length)))));
    run(100_000);
    const ratio = run(2_000_000) / run(500_000);
    expect(ratio).toBeLessThan(12);
  });

  test("an endless match does not keep its text in memory", () => {
    const stream = redactorOf({ KEY: "aaaaaaaa" }).stream();
    let out = decoder.decode(stream.write(utf8(`x${"a".repeat(100_000)}`)));
    for (let round = 0; round < 50; round += 1) {
      const more = stream.write(utf8("a".repeat(10_000)));
      expect(more.length).toBe(0);
    }
    out += decoder.decode(stream.write(utf8("!")));
    expect(out).toBe("x[REDACTED:KEY]!");
  });

  test("a mebibyte of secrets still fits: the likeliest forms stay and the caller is told", () => {
    const values: Record<string, string> = {};
    let seed = 7;
    const random = (): string => {
      seed = (seed * 48271) % 2147483647;
      return String.fromCharCode(33 + (seed % 90));
    };
    for (let index = 0; index < 15; index += 1) values[`S${index}`] = Array.from({ length: 65_536 }, random).join("");
    const redactor = redactorOf(values);
    expect(redactor.uncovered.map(({ reason }) => reason)).toContain("size");
    // Compared without `toBe`: nobody wants the difference printed.
    expect(redactor.text(`<${values["S7"]}>`) === "<[REDACTED:S7]>").toBe(true);
    expect(streamed(redactor, `<${values["S3"]}>`, [1, 5000, 5001, 20_000]) === "<[REDACTED:S3]>").toBe(true);
  });
});
