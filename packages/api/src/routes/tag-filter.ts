import { fieldInvalid } from "@corral/contract";

/** `?tags=production:yes,staging:no`: Workers that have the one and not the other (other-clients.md 3.3). */
export function readTagFilter(query: string | undefined): (tags: readonly string[]) => boolean {
  if (query === undefined || query === "") return () => true;
  const rules = query.split(",").map((rule) => {
    const match = /^(.+):(yes|no)$/.exec(rule);
    if (match === null) throw fieldInvalid("tags", "expected tag:yes or tag:no, with commas between");
    return { tag: match[1] ?? "", wanted: match[2] === "yes" };
  });
  return (tags) => rules.every((rule) => tags.includes(rule.tag) === rule.wanted);
}
