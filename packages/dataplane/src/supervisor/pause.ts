/** A wait that can be cut short. */
export class Pause {
  #end: (() => void) | undefined;

  begin(ms: number): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, ms);
      this.#end = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }

  end(): void {
    this.#end?.();
  }
}

/** Resolves when `work` has, and after that time at the latest. */
export async function within(work: Promise<unknown>, ms: number): Promise<void> {
  const time = new Pause();
  await Promise.race([work, time.begin(ms)]);
  time.end();
}
