/** workerd's words about a failed start, as a person wants to read them: `Uncaught TypeError: …\n  at index.js:1:4`. */
export function readableFailure(message: string): string {
  return message
    .replace(/^Failed to start Worker:\s*/, "")
    .replaceAll("file:///bundle/", "")
    .trim();
}
