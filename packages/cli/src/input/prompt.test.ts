import { expect, test } from "vitest";
import { HiddenLine } from "./prompt.ts";

function typed(...chunks: readonly (string | Uint8Array)[]) {
  const line = new HiddenLine();
  let rest = "";
  for (const chunk of chunks) {
    const bytes = Buffer.from(chunk);
    rest = bytes.subarray(line.take(bytes)).toString();
  }
  return { state: line.state, value: line.value().reveal(), rest };
}

test("a line is what was typed before Enter", () => {
  expect(typed("abc", "def\r")).toEqual({ state: "done", value: "abcdef", rest: "" });
});

test("both characters of a pasted line end belong to the line", () => {
  expect(typed("abc\r\nnext")).toEqual({ state: "done", value: "abc", rest: "next" });
});

test("backspace takes a whole character, also one of several bytes, also one cut by a chunk's end", () => {
  expect(typed("aé€\u007f\u007f\r").value).toBe("a");
  const euro = Buffer.from("€");
  expect(typed("a", euro.subarray(0, 1), euro.subarray(1), "b\u007f\r").value).toBe("a€");
});

test("Ctrl-U empties the line, and arrow keys are nothing", () => {
  expect(typed("wrong\u0015right\u001b[D\u001b[3~\u001bOP\r").value).toBe("right");
});

test("Ctrl-C interrupts, and Ctrl-D on an empty line too", () => {
  expect(typed("abc\u0003").state).toBe("interrupted");
  expect(typed("\u0004").state).toBe("interrupted");
  expect(typed("abc\u0004").state).toBe("done");
});

test("a pasted PEM block keeps its lines up to its end line", () => {
  const pem = "-----BEGIN PRIVATE KEY-----\nMIIE\nabcd\n-----END PRIVATE KEY-----";
  expect(typed(`${pem.replaceAll("\n", "\r")}\r`)).toEqual({ state: "done", value: pem, rest: "" });
  expect(typed(`${pem.replaceAll("\n", "\r\n")}\r\n`)).toEqual({ state: "done", value: pem, rest: "" });
});
