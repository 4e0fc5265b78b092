/** Secret values of a test file: random, so that the sweep at its end can look for them everywhere. */
import { type Canary, type Finding, type Place, randomWord, type RunningCorral, sweep, wranglerHome } from "@corral/testkit";

const used = new Map<string, Canary>();

/** The value that goes by this label in this file; the same one at each call. */
export function secretValue(label: string): string {
  const known = used.get(label);
  if (known !== undefined) return known.value;
  const core = randomWord(24);
  used.set(label, { name: label, value: `${label}-${core}`, cores: [core] });
  return `${label}-${core}`;
}

/** What a run leaves behind, and what of it can be seen from outside. */
export function placesOf(corral: RunningCorral): Place[] {
  const refusals = corral.answers.filter((answer) => /^4\d\d /.test(answer));
  return [
    { directory: corral.dataDirectory },
    { directory: wranglerHome() },
    { pid: corral.pid },
    { what: "what ./corral up printed", text: corral.logs() },
    { what: "answers", text: corral.answers.join("\n") },
    { what: "refusals", text: refusals.join("\n"), short: true },
  ];
}

/** Looks for every value that `secretValue` gave out. */
export function sweepValues(corral: RunningCorral, more: readonly Place[] = []): Finding[] {
  if (used.size === 0) throw new Error("no value was used");
  return sweep([...used.values()], [...placesOf(corral), ...more]);
}
