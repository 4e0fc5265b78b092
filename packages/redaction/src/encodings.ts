/** The forms in which a value meets a log: as quoted, escaped or encoded by the usual means of a Worker. */
import { toHex, utf8 } from "@corral/base";

const BASE64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

/** What JSON.stringify writes between the quotes. */
export function jsonEscaped(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** JSON by writers that leave only ASCII, with either case of hex digits. */
export function asciiJsonEscaped(text: string): string[] {
  const escape = (digits: (hex: string) => string): string =>
    jsonEscaped(text).replace(/[\u0080-\uffff]/g, (unit) => `\\u${digits(unit.charCodeAt(0).toString(16).padStart(4, "0"))}`);
  return [escape((hex) => hex), escape((hex) => hex.toUpperCase())];
}

/** As `console.log` shows a string inside an object: `'…'` with its own escapes. */
export function inspected(text: string): string[] {
  const named: Readonly<Record<string, string>> = {
    "\b": "\\b",
    "\t": "\\t",
    "\n": "\\n",
    "\f": "\\f",
    "\r": "\\r",
    "\\": "\\\\",
  };
  // oxlint-disable-next-line no-control-regex -- control characters are what is escaped
  const escaped = text.replace(/[\u0000-\u001f\u007f-\u009f\\]/g, (unit) => {
    return named[unit] ?? `\\x${unit.charCodeAt(0).toString(16).toUpperCase().padStart(2, "0")}`;
  });
  return [escaped, escaped.replaceAll("'", String.raw`\'`)];
}

/** Component, form and whole-URI encoding; hex digits of either case. */
export function uriEncoded(text: string): string[] {
  const component = encodeURIComponent(text);
  const strict = component.replace(/[!'()*]/g, (unit) => `%${unit.charCodeAt(0).toString(16).toUpperCase()}`);
  const form = component
    .replace(/[!'()~]/g, (unit) => `%${unit.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll("%20", "+");
  const upper = [component, strict, form, component.replaceAll("%20", "+"), encodeURI(text)];
  return upper.concat(upper.map((encoded) => encoded.replace(/%[0-9A-F]{2}/g, (octet) => octet.toLowerCase())));
}

export function hexEncoded(text: string): string[] {
  const hex = toHex(utf8(text));
  return [hex, hex.toUpperCase()];
}

/**
 * Base64 and base64url of the value alone, and the characters that it decides wherever it stands in longer data:
 * for 0, 1 and 2 bytes before it, without the characters that share bits with a neighbour.
 */
export function base64Encoded(text: string): { readonly whole: string[]; readonly within: string[] } {
  const bytes = utf8(text);
  const whole = base64(bytes);
  const within = [0, 1, 2].map((before) => {
    const shifted = new Uint8Array(before + bytes.length);
    shifted.set(bytes, before);
    return base64(shifted).slice(Math.ceil((before * 8) / 6), Math.floor((shifted.length * 8) / 6));
  });
  return { whole: [whole, toBase64url(whole)], within: within.concat(within.map(toBase64url)) };
}

function toBase64url(encoded: string): string {
  return encoded.replaceAll("+", "-").replaceAll("/", "_");
}

function base64(bytes: Uint8Array): string {
  let text = "";
  for (let at = 0; at < bytes.length; at += 3) {
    const group = ((bytes[at] ?? 0) << 16) | ((bytes[at + 1] ?? 0) << 8) | (bytes[at + 2] ?? 0);
    const have = Math.min(3, bytes.length - at);
    for (let index = 0; index < 4; index += 1) {
      text += index <= have ? (BASE64[(group >> (18 - 6 * index)) & 63] ?? "") : "=";
    }
  }
  return text;
}
