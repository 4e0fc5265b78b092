/** Why Corral does not start, for the person at the terminal: fixed text, and hints in the order to try them. */
export class StartError extends Error {
  override readonly name = "StartError";
  readonly hints: readonly string[];

  constructor(message: string, hints: readonly string[] = []) {
    super(message);
    this.hints = hints;
  }
}
