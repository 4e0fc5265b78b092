import { afterAll, beforeAll, expect, test } from "vitest";
import { startTestNode, type TestNode } from "../testing/harness.ts";

let node: TestNode;
beforeAll(async () => {
  node = await startTestNode();
});
afterAll(() => node.stop());

const SAYS = (text: string) => `export default { fetch: () => new Response(${JSON.stringify(text)}) }`;

async function tally(
  host: string,
  count: number,
  headers: (at: number) => Record<string, string>,
): Promise<Record<string, number>> {
  const counts: Record<string, number> = {};
  for (let at = 0; at < count; at += 20) {
    const answers = await Promise.all(Array.from({ length: 20 }, (_, each) => node.ask(host, { headers: headers(at + each) })));
    for (const { text } of answers) counts[text] = (counts[text] ?? 0) + 1;
  }
  return counts;
}

test("traffic is split by the shares, at random and by key", async () => {
  const worker = node.feed.create("split");
  const versions = ["old", "new"].map((text) => node.feed.upload(worker, { code: SAYS(text) }));
  const [older = "", newer = ""] = versions;
  await node.feed.deploy(worker, [
    { versionId: older, percentage: 80 },
    { versionId: newer, percentage: 20 },
  ]);
  const byChance = await tally("split", 1_000, () => ({}));
  const byKey = await tally("split", 1_000, (at) => ({ "Cloudflare-Workers-Version-Key": `user-${at}` }));
  for (const counts of [byChance, byKey]) {
    const deviation = ((counts["new"] ?? 0) - 200) ** 2 / 200 + ((counts["old"] ?? 0) - 800) ** 2 / 800;
    // Chi-square, one degree of freedom, one in 100,000.
    expect(deviation, JSON.stringify(counts)).toBeLessThan(19.5);
  }
});

test("a key keeps its version, and while a rollout grows none leaves the new one", async () => {
  const worker = node.feed.create("sticky");
  const [older = "", newer = ""] = ["old", "new"].map((text) => node.feed.upload(worker, { code: SAYS(text) }));
  const onNew = new Set<string>();
  const left: string[] = [];
  for (const percentage of [10, 10, 35, 60, 100]) {
    await node.feed.deploy(worker, [
      { versionId: older, percentage: 100 - percentage },
      { versionId: newer, percentage },
    ]);
    for (let at = 0; at < 60; at += 1) {
      const key = `key-${at}`;
      const { text } = await node.ask("sticky", { headers: { "Cloudflare-Workers-Version-Key": key } });
      if (text === "new") onNew.add(key);
      else if (onNew.has(key)) left.push(`${key} at ${percentage} %`);
    }
  }
  expect(left).toEqual([]);
  expect(onNew.size).toBe(60);
});

test("the override header reaches a version of the deployment, at 0 % too, and is ignored otherwise", async () => {
  const worker = node.feed.create("override");
  const [older = "", newer = "", outside = ""] = ["old", "new", "outside"].map((text) =>
    node.feed.upload(worker, { code: SAYS(text) }),
  );
  await node.feed.deploy(worker, [
    { versionId: older, percentage: 100 },
    { versionId: newer, percentage: 0 },
  ]);
  const via = async (value: string) =>
    (await node.ask("override", { headers: { "Cloudflare-Workers-Version-Overrides": value } })).text;
  expect(await via(`override="${newer}"`)).toBe("new");
  expect(await via(`other="${older}", override="${newer.toUpperCase()}"`)).toBe("new");
  expect(await via(`override="${outside}"`)).toBe("old");
  expect(await via(`other="${newer}"`)).toBe("old");
  expect(await via(`override=${newer}`)).toBe("old");
  expect(await via(`override="${newer}`)).toBe("old");
  const both = { "Cloudflare-Workers-Version-Overrides": `override="${newer}"`, "Cloudflare-Workers-Version-Key": "x" };
  expect((await node.ask("override", { headers: both })).text).toBe("new");
});
