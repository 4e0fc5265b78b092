import { expect, test } from "vitest";
import { noFaults, parseFault } from "./fault-points.ts";

test("a fault strikes once, at the nth time that its point is reached", () => {
  let strikes = 0;
  const faults = parseFault("commit.before:3", () => (strikes += 1));
  const counts = Array.from({ length: 5 }, () => {
    faults?.reached("commit.after");
    faults?.reached("commit.before");
    return strikes;
  });
  expect(counts).toEqual([0, 0, 1, 1, 1]);
});

test.each(["", "commit.before", "commit.before:0", "commit.before:-1", "commit.before:x", "nowhere:1", "commit.before:1 "])(
  "%j is no fault",
  (text) => expect(parseFault(text, () => undefined)).toBeUndefined(),
);

test("nothing happens where no fault is planted", () => {
  expect(noFaults.reached("secret.sealed")).toBeUndefined();
});
