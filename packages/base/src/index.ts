export { concat, fromUtf8, tlv, toHex, u32be, utf8 } from "./bytes.ts";
export { type Clock, systemClock, timestamp } from "./clock.ts";
export { type ErrorCode, type ErrorEntry, errorCatalogue } from "./error-catalogue.ts";
export { CorralError, type ErrorDetails, isCorralError } from "./errors.ts";
export { type FaultPoint, type FaultPoints, noFaults, parseFault } from "./fault-points.ts";
export { type AccountId, hexToUuid, isAccountId, isUuid, newAccountId, newUuid, type Uuid, uuidToHex } from "./ids.ts";
export {
  type JsonObject,
  type JsonOptions,
  type JsonPosition,
  type JsonPositions,
  type JsonProblem,
  type JsonValue,
  parseJson,
  parseJsonWithPositions,
} from "./json.ts";
export type { Head, ScriptSettings, Share } from "./model/head.ts";
export {
  type Binding,
  isSecret,
  type JsonText,
  type Manifest,
  type ManifestModule,
  type ModuleType,
  type SecretBinding,
} from "./model/manifest.ts";
export { asSealed, type Sealed } from "./model/sealed.ts";
export { type Random, systemRandom } from "./random.ts";
export { Redacted } from "./redacted.ts";
export { err, ok, type Result } from "./result.ts";
export { acceptedName, ownWord, redactedText, safeId, type SafeParam, type SafeText } from "./safe-text.ts";
