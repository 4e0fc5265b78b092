/** `**` crosses folders, `*` does not; everything else is literal. As a pattern for the end of a path or an import. */
export function globToPattern(glob: string): RegExp {
  const source = glob
    .replace(/^(\*\*\/)+/, "")
    .split(/(\*\*\/?|\*)/)
    .map((part) =>
      part.startsWith("**") ? ".*" : part === "*" ? "[^/]*" : part.replaceAll(/[.?+^$()[\]{}|\\]/g, String.raw`\$&`),
    )
    .join("");
  return new RegExp(`(^|/)${source}$`);
}
