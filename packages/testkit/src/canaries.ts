/** Values that must never be seen again: random, so that what is found is theirs, and of every awkward shape. */
import { randomBytes, randomInt } from "node:crypto";

export interface Canary {
  readonly name: string;
  readonly value: string;
  /** The stretches of it that are random. Windows are cut from these alone: `{"id":"` would be found everywhere. */
  readonly cores: readonly string[];
}

const LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789";

/** `length` random letters and digits: 62^8 possibilities for a window of 8. Other letters must be single UTF-16 units. */
export function randomWord(length: number, letters: string = LETTERS): string {
  return Array.from({ length }, () => letters[randomInt(letters.length)]).join("");
}

/** One of each shape; the prefix makes the names differ from door to door. */
export function makeCanaries(prefix = "CANARY"): Canary[] {
  const canary = (shape: string, value: string, cores: readonly string[]): Canary => ({
    name: `${prefix}_${shape}`,
    value,
    cores,
  });
  const [plain, first, second, third] = [randomWord(32), randomWord(28), randomWord(28), randomWord(28)];
  const eight = randomWord(8);
  const odd = randomWord(30, `${LETTERS}"'%+\\/&=<>`);
  const accents = randomWord(24, "åäöéèñßøæþðžščřłőűğışαβγδλω漢字仮名");
  const body = [first, second, third].map((line) => Buffer.from(line).toString("base64").replaceAll("=", "A"));
  const document = { id: first, nested: { key: second }, list: [third] };
  return [
    canary("PLAIN", plain, [plain]),
    canary("JSON", JSON.stringify(document), [first, second, third]),
    canary("PEM", `-----BEGIN PRIVATE KEY-----\n${body.join("\n")}\n-----END PRIVATE KEY-----`, body),
    canary("LINES", `${second}\n${third}\n${first}`, [first, second, third]),
    canary("ODD", odd, [odd]),
    canary("EIGHT", eight, [eight]),
    canary("UTF8", accents, [accents]),
  ];
}

/** A token-shaped one, alone. */
export function makeCanary(name: string): Canary {
  const value = `cnry_${randomBytes(24).toString("base64url")}`;
  return { name, value, cores: [value.slice(5)] };
}
