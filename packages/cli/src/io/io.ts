/** The world as a command sees it: everything that a test replaces. Files are read where they are named, through node:fs. */
export interface Io {
  /** What follows the program's name. */
  readonly argv: readonly string[];
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cwd: string;
  readonly terminal: { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean };
  /** Columns of the terminal behind stdout; 80 where there is none. */
  readonly columns: number;
  writeOut(text: string): void;
  writeErr(text: string): void;
  /** The bytes of standard input until its end. */
  readStdin(): AsyncIterable<Uint8Array>;
  /** Opened on first use; only where stdin is a terminal. */
  keyboard(): Keyboard;
  /** Milliseconds that only grow. */
  now(): number;
  sleep(ms: number): Promise<void>;
  /** Calls back again and again until it is stopped. */
  every(ms: number, work: () => void): () => void;
}

/** The terminal behind stdin. */
export interface Keyboard {
  /** What was typed or pasted next; undefined at the end of input. */
  read(): Promise<Uint8Array | undefined>;
  /** In raw mode nothing is echoed and Ctrl-C arrives as a byte. */
  setRaw(raw: boolean): void;
  /** Lets the process end although the terminal stays open. */
  release(): void;
}
