/**
 * The streaming redactor: one automaton run over bytes that arrive in any pieces.
 *
 * What leaves is decided up to the earliest byte that an open match could still reach back to. The run itself never
 * stops: `idle` lets out what waits (a partial match of more than 7 bytes leaves as its marker) and the match goes on,
 * so that a value printed in halves is covered in its second half too.
 */
import { type Automaton, ROW } from "./automaton.ts";
import { ByteSink } from "./byte-sink.ts";
import { addInterval, type Interval } from "./intervals.ts";

/** A partial match up to this long may leave when the stream is idle or ends. */
const HARMLESS_BYTES = 7;

export class RedactionStream {
  readonly #automaton: Automaton;
  readonly #markers: readonly Uint8Array[];
  #state = 0;
  /** Bytes from `#base` on: those not let out yet, after a few that bounded patterns look back at. */
  #buffer = new Uint8Array(0);
  #base = 0;
  #position = 0;
  /** Everything before this has left, as itself or under a marker. */
  #emitted = 0;
  /** Where the last marker's stretch ended; a match that begins before it belongs to that marker. */
  #markedUntil = 0;
  #intervals: Interval[] = [];
  /** A bounded match that waits for the byte after it. */
  #waiting: Interval | undefined;

  constructor(automaton: Automaton, markers: readonly Uint8Array[]) {
    this.#automaton = automaton;
    this.#markers = markers;
  }

  write(chunk: Uint8Array): Uint8Array {
    if (chunk.length === 0) return chunk;
    const from = this.#buffer.length;
    this.#append(chunk);
    this.#scan(from);
    const open = this.#position - (this.#automaton.depth[this.#state] ?? 0);
    return this.#release(Math.min(open, this.#waiting?.start ?? open));
  }

  /** The stretches of a whole text. */
  static find(automaton: Automaton, bytes: Uint8Array): readonly Interval[] {
    const whole = new RedactionStream(automaton, []);
    whole.#append(bytes);
    whole.#scan(0);
    whole.#cutShort();
    return whole.#intervals;
  }

  /** The stream has paused: lets out what waits, and keeps the match going. */
  idle(): Uint8Array {
    this.#cutShort();
    return this.#release(this.#position);
  }

  /** As `idle`; what is written afterwards begins a new text. */
  end(): Uint8Array {
    const rest = this.idle();
    this.#state = 0;
    this.#buffer = new Uint8Array(0);
    this.#base = this.#position;
    this.#markedUntil = 0;
    return rest;
  }

  /** Counts what is under way as if the text ended here. */
  #cutShort(): void {
    if (this.#waiting !== undefined) addInterval(this.#intervals, this.#waiting);
    this.#waiting = undefined;
    const depth = this.#automaton.depth[this.#state] ?? 0;
    if (depth > HARMLESS_BYTES) {
      const pattern = this.#automaton.patterns[this.#automaton.through[this.#state] ?? 0];
      addInterval(this.#intervals, {
        start: this.#position - depth,
        end: this.#position,
        secret: pattern?.secret ?? 0,
      });
    }
  }

  #append(chunk: Uint8Array): void {
    const joined = new Uint8Array(this.#buffer.length + chunk.length);
    joined.set(this.#buffer);
    joined.set(chunk, this.#buffer.length);
    this.#buffer = joined;
  }

  #scan(from: number): void {
    const { letterOf, letter, link, rows, depth, found, foundBounded, begins } = this.#automaton;
    const buffer = this.#buffer;
    const length = buffer.length;
    let state = this.#state;
    let at = from;
    while (at < length) {
      if (state === 0) {
        // Most text is passed over here: no pattern begins with these two bytes.
        while (at + 1 < length && begins[((buffer[at] ?? 0) << 8) | (buffer[at + 1] ?? 0)] === 0) at += 1;
        state = rows[letterOf[buffer[at] ?? 0] ?? 0] ?? 0;
        at += 1;
        continue;
      }
      const byte = buffer[at] ?? 0;
      if (this.#waiting !== undefined) this.#settle(byte);
      const code = letterOf[byte] ?? 0;
      for (;;) {
        const only = letter[state] ?? 0;
        if (only === ROW) {
          state = rows[(link[state] ?? 0) + code] ?? 0;
          break;
        }
        if (only === code) {
          state += 1;
          break;
        }
        state = link[state] ?? 0;
      }
      at += 1;
      const index = found[state] ?? -1;
      if (index >= 0) this.#cover(index, at);
      const bounded = foundBounded[state] ?? -1;
      if (bounded >= 0) this.#coverBounded(bounded, at);
      if (depth[state] === 1 && at < length) {
        // Looked at once more, as the first of two.
        state = 0;
        at -= 1;
      }
    }
    this.#state = state;
    this.#position = this.#base + length;
  }

  #interval(index: number, end: number): Interval {
    const pattern = this.#automaton.patterns[index];
    const length = pattern?.bytes.length ?? 0;
    return { start: this.#base + end - length, end: this.#base + end, secret: pattern?.secret ?? 0 };
  }

  #cover(index: number, end: number): void {
    addInterval(this.#intervals, this.#interval(index, end));
  }

  #coverBounded(longest: number, end: number): void {
    for (let index = longest; index >= 0; index = this.#automaton.shorterBounded[index] ?? -1) {
      const bytes = this.#automaton.patterns[index]?.bytes;
      if (bytes === undefined) return;
      const before = this.#buffer[end - bytes.length - 1];
      if (isWord(before) && isWord(bytes[0])) continue;
      if (!isWord(bytes.at(-1))) return this.#cover(index, end);
      this.#waiting = this.#interval(index, end);
      return;
    }
  }

  #settle(next: number): void {
    if (this.#waiting !== undefined && !isWord(next)) addInterval(this.#intervals, this.#waiting);
    this.#waiting = undefined;
  }

  /** Lets out all before `limit`, and the whole of a stretch that begins before it. */
  #release(limit: number): Uint8Array {
    const sink = new ByteSink(limit - this.#emitted);
    let done = 0;
    for (const interval of this.#intervals) {
      if (interval.start >= limit) break;
      done += 1;
      if (interval.end <= this.#emitted) continue;
      if (interval.start > this.#emitted) this.#copy(sink, interval.start);
      const continues = this.#markedUntil === this.#emitted && interval.start < this.#markedUntil;
      if (!continues) sink.put(this.#markers[interval.secret] ?? new Uint8Array(0));
      this.#emitted = interval.end;
      this.#markedUntil = interval.end;
    }
    this.#intervals = this.#intervals.slice(done);
    if (this.#emitted < limit) this.#copy(sink, limit);
    this.#forget();
    return sink.bytes();
  }

  #copy(sink: ByteSink, until: number): void {
    sink.put(this.#buffer.subarray(this.#emitted - this.#base, until - this.#base));
    this.#emitted = until;
  }

  #forget(): void {
    const keep = Math.max(this.#base, Math.min(this.#emitted, this.#position - this.#automaton.longestBounded - 1));
    this.#buffer = this.#buffer.slice(keep - this.#base);
    this.#base = keep;
  }
}

/** `\w` of ASCII; there is no word character before the start and after the end of a text. */
function isWord(byte: number | undefined): boolean {
  if (byte === undefined) return false;
  return (byte >= 0x30 && byte <= 0x39) || (byte >= 0x41 && byte <= 0x5a) || (byte >= 0x61 && byte <= 0x7a) || byte === 0x5f;
}
