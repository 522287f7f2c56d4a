// What hosts and tests may use of the engine. Rule: hosts need nothing but `createEngine`; the rest is types and path text.

export { toAsciiJson } from "./border/ascii-json.ts";
export type {
  Answer,
  AnsweredKind,
  Answers,
  DownloadedPart,
  DownloadPart,
  Effect,
  EffectBody,
  EffectKind,
  FilePart,
  FinishedItem,
  FinishItem,
  NoAnswer,
  NoAnswerReason,
  Response,
  SealUnder,
  ServerAddress,
  SlotStorage,
  UploadPart,
} from "./border/effects.ts";
export type {
  Ask,
  BackupMode,
  Conditions,
  ExistingRule,
  Input,
  Policy,
  Selection,
  Spelling,
  StepInput,
} from "./border/inputs.ts";
export type { DamageCode, FailureCode, WaitingReason } from "./border/reasons.ts";
export { DAMAGE_CODES, FAILURE_CODES, WAITING_REASONS } from "./border/reasons.ts";
export type { HashedFile, ScanFailure, ScannedEntry, ScannedFolder, Stat, UnreadableEntry } from "./border/sights.ts";
export type {
  DamageView,
  DeviceProgress,
  DeviceView,
  ListingEntry,
  ReceiptView,
  Result,
  RootView,
  StatusCounts,
  View,
  WaitingFileView,
} from "./border/views.ts";
export { keyFromWords } from "./crypto/words.ts";
export type { Engine } from "./engine.ts";
export { createEngine } from "./engine.ts";
export type { PathComponent } from "./format/path.ts";
export { compareNames, formatName, formatPath, joinPath, parsePath, splitNames, splitPath } from "./format/path.ts";
export { parseLogin } from "./format/vault-object.ts";
export type { StorePort } from "./store/store.ts";
