import { describe, expect, test } from "vitest";
import { type ErrorCode, errorCatalogue } from "./error-catalogue.ts";
import { CorralError, isCorralError } from "./errors.ts";
import { acceptedName, ownWord } from "./safe-text.ts";

describe("an error", () => {
  test("fills the places of its text with the parameters", () => {
    const error = new CorralError("secret.too-large", { params: { name: acceptedName("K"), size: 7, limit: 5 } });
    expect(error.message).toBe("The value of 'K' has 7 bytes; the limit is 5.");
    expect(error.entry.cloudflareCode).toBe(10054);
    expect(error).toBeInstanceOf(Error);
  });

  test("fills each place once: a parameter is not a template", () => {
    const problem = ownWord("a {line} in the problem");
    const error = new CorralError("request.json-invalid", { params: { problem, line: 1, column: 2 } });
    expect(error.message).toContain("a {line} in the problem at line 1, column 2");
  });

  test("leaves the braces of Cloudflare's own texts alone, and names of Object.prototype too", () => {
    expect(new CorralError("settings.version-not-deployed").message).toContain("/workers/scripts/{script_name}/");
    expect(new CorralError("upload.start-failed", { params: {} }).message).toBe("{reason}");
  });

  test("carries its companions, and a cause only when there is one", () => {
    const other = new CorralError("internal");
    const error = new CorralError("inherit.invalid", { also: [other], chain: [other], cause: "why" });
    expect([error.also, error.chain, error.cause]).toEqual([[other], [other], "why"]);
    expect(other.also).toEqual([]);
    expect("cause" in other).toBe(false);
  });

  test("is told apart by its code", () => {
    const error: unknown = new CorralError("kek.wrong");
    expect(isCorralError(error)).toBe(true);
    expect(isCorralError(error, "kek.wrong")).toBe(true);
    expect(isCorralError(error, "kek.missing")).toBe(false);
    expect(isCorralError(new Error("kek.wrong"))).toBe(false);
    expect(isCorralError({ code: "kek.wrong" })).toBe(false);
  });
});

describe("the catalogue", () => {
  const entries = Object.entries(errorCatalogue) as [ErrorCode, (typeof errorCatalogue)[ErrorCode]][];

  test.each(entries)("%s has a status that fits, a number and a text", (code, entry) => {
    expect(code).toMatch(/^[a-z]+(?:\.[a-z]+(?:-[a-z]+)*)?$/);
    expect(entry.status).toBeGreaterThanOrEqual(400);
    expect(entry.status).toBeLessThan(600);
    expect(entry.cloudflareCode).toBeGreaterThan(0);
    expect(entry.message.length).toBeGreaterThan(0);
  });
});
