/**
 * The key file's place in a start. It is looked at before anything else is touched: a Corral whose key is missing,
 * exposed or damaged leaves the data as it found it.
 */
import { existsSync } from "node:fs";
import { CorralError, type Random } from "@corral/base";
import { createKeyFile, type KekProvider, openFileKek } from "@corral/keyring";

export interface KeyFileSituation {
  readonly path: string;
  /** There is a database: its key was made before it, so a missing key file is a lost one. */
  readonly hasData: boolean;
}

export function lookForData(databaseFile: string, kekFile: string): KeyFileSituation {
  return { path: kekFile, hasData: existsSync(databaseFile) };
}

/** Throws "kek.missing" when there is data, and "kek.exposed", "kek.malformed" or "kek.unusable" always. Changes nothing. */
export async function checkKeyFile(situation: KeyFileSituation, random: Random): Promise<void> {
  try {
    await openFileKek(situation.path, { random });
  } catch (error) {
    const absent = error instanceof CorralError && error.code === "kek.missing";
    if (!absent || situation.hasData) throw error;
  }
}

/** Makes the key file at the first start; after it, only opens it. */
export async function openKeyFile(situation: KeyFileSituation, random: Random): Promise<KekProvider> {
  if (!situation.hasData) await createKeyFile(situation.path, { random });
  return openFileKek(situation.path, { random });
}
