/**
 * A value that must not reach a log, an error, a response or a snapshot by accident.
 *
 * No `node:` import, so that it also loads in workerd. It is no defence against a heap dump or a debugger;
 * SECURITY.md says so.
 */
const inspectCustom = Symbol.for("nodejs.util.inspect.custom");

export class Redacted<T = string> {
  readonly #value: T;
  constructor(value: T) {
    this.#value = value;
    Object.freeze(this);
  }
  /** The only way out. `git grep 'reveal('` is the audit list. */
  reveal(): T {
    return this.#value;
  }
  toString(): string {
    return "[REDACTED]";
  }
  toJSON(): string {
    return "[REDACTED]";
  }
  [inspectCustom](): string {
    return "[REDACTED]";
  }
}
