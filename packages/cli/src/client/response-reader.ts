/**
 * An HTTP/1.1 response as its bytes come (RFC 9112), strict in what it takes: the answers of one API, not of the web.
 */
export interface Head {
  readonly status: number;
  /** Names in lower case; of a repeated one the first. */
  readonly headers: ReadonlyMap<string, string>;
}

const MAX_HEAD = 64 * 1024;
const MAX_LINE = 1024;
const EMPTY = Buffer.alloc(0);

type Body =
  | { readonly kind: "length"; left: number }
  | { readonly kind: "chunked"; left: number; line: ChunkLine }
  | { readonly kind: "to-end" };
type ChunkLine = "size" | "after-data" | "trailer";

/** Throws a bare error on what is no response; the caller says "no answer". */
export class ResponseReader {
  readonly #limit: number;
  readonly #parts: Buffer[] = [];
  #length = 0;
  /** Bytes that are not yet a whole head or line. */
  #rest: Buffer = EMPTY;
  #body: Body | undefined;
  head: Head | undefined;
  done = false;

  /** `limit`: the most bytes of a body. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  push(chunk: Buffer): void {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    while (!this.done && (this.#body === undefined ? this.#takeHead() : this.#takeBody(this.#body))) {
      // Each step takes what it can and says whether there may be more to take.
    }
  }

  /** The connection ended. */
  end(): void {
    if (this.done) return;
    if (this.#body?.kind !== "to-end") throw new Error("internal: the response was cut off");
    this.done = true;
  }

  get body(): Buffer {
    return Buffer.concat(this.#parts);
  }

  #takeHead(): boolean {
    const end = this.#rest.indexOf("\r\n\r\n");
    if (end < 0) {
      if (this.#rest.length > MAX_HEAD) throw new Error("internal: the head is too long");
      return false;
    }
    const head = parseHead(this.#rest.toString("latin1", 0, end));
    this.#rest = this.#rest.subarray(end + 4);
    // 100 and 103 come before the response.
    if (head.status < 200) return true;
    this.head = head;
    this.#body = bodyOf(head);
    if (this.#body.kind === "length" && this.#body.left === 0) this.done = true;
    return true;
  }

  #takeBody(body: Body): boolean {
    if (body.kind === "chunked" && body.left === 0) return this.#takeChunkLine(body);
    const take = body.kind === "to-end" ? this.#rest.length : Math.min(body.left, this.#rest.length);
    if (take === 0) return false;
    this.#length += take;
    if (this.#length > this.#limit) throw new Error("internal: the body is too long");
    this.#parts.push(this.#rest.subarray(0, take));
    this.#rest = this.#rest.subarray(take);
    if (body.kind === "to-end") return false;
    body.left -= take;
    if (body.left > 0) return false;
    if (body.kind === "length") this.done = true;
    else body.line = "after-data";
    return true;
  }

  #takeChunkLine(body: Extract<Body, { kind: "chunked" }>): boolean {
    const end = this.#rest.indexOf("\r\n");
    if (end < 0 || end > MAX_LINE) {
      if (this.#rest.length > MAX_LINE) throw new Error("internal: a line is too long");
      return false;
    }
    const line = this.#rest.toString("latin1", 0, end);
    this.#rest = this.#rest.subarray(end + 2);
    if (body.line === "trailer") {
      if (line === "") this.done = true;
    } else if (body.line === "after-data") {
      if (line !== "") throw new Error("internal: a chunk is longer than it said");
      body.line = "size";
    } else {
      const size = /^([0-9a-fA-F]{1,8})[ \t]*(?:;.*)?$/.exec(line)?.[1];
      if (size === undefined) throw new Error("internal: a chunk has no size");
      body.left = Number.parseInt(size, 16);
      if (body.left === 0) body.line = "trailer";
    }
    return true;
  }
}

function parseHead(text: string): Head {
  const [first = "", ...lines] = text.split("\r\n");
  const status = /^HTTP\/1\.[01] (\d{3})(?: |$)/.exec(first)?.[1];
  if (status === undefined) throw new Error("internal: no status line");
  const headers = new Map<string, string>();
  for (const line of lines) {
    const colon = line.indexOf(":");
    const name = line.slice(0, colon).toLowerCase();
    if (colon < 1 || /[^!#$%&'*+.^_`|~\w-]/.test(name)) throw new Error("internal: no header line");
    const value = line.slice(colon + 1).trim();
    const earlier = headers.get(name);
    // Two lengths are how responses are smuggled.
    if (earlier !== undefined && earlier !== value && name === "content-length") throw new Error("internal: two lengths");
    if (earlier === undefined) headers.set(name, value);
  }
  return { status: Number(status), headers };
}

function bodyOf({ status, headers }: Head): Body {
  if (status === 204 || status === 304) return { kind: "length", left: 0 };
  const encoding = headers.get("transfer-encoding");
  if (encoding !== undefined) {
    if (encoding.toLowerCase() !== "chunked") throw new Error("internal: an encoding that was not asked for");
    return { kind: "chunked", left: 0, line: "size" };
  }
  const length = headers.get("content-length");
  if (length === undefined) return { kind: "to-end" };
  if (!/^\d{1,15}$/.test(length)) throw new Error("internal: no length");
  return { kind: "length", left: Number(length) };
}
