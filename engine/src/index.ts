// What hosts and tests may use of the engine. Rule: hosts need nothing but `createEngine`; the rest is types and path text.

export type {
  Answer,
  AnsweredKind,
  Answers,
  DownloadedPart,
  FinishedItem,
  NoAnswer,
  NoAnswerReason,
  Response,
} from "./border/answers.ts";
export { toAsciiJson } from "./border/ascii-json.ts";
export type { Ask, BackupMode, ExistingRule, Selection, Spelling } from "./border/asks.ts";
export type { Effect, EffectBody, EffectKind, FinishItem, SlotStorage } from "./border/effects.ts";
export type { Conditions, Input, Policy, StepInput } from "./border/inputs.ts";
export type { DamageCode, FailureCode, WaitingReason } from "./border/reasons.ts";
export { DAMAGE_CODES, FAILURE_CODES, WAITING_REASONS } from "./border/reasons.ts";
export type { Result } from "./border/results.ts";
export type { HashedFile, ScanFailure, ScannedEntry, ScannedFolder, Stat, UnreadableEntry } from "./border/sights.ts";
export type {
  AuditQuestion,
  DownloadPart,
  FilePart,
  SealUnder,
  ServerAddress,
  UploadPart,
} from "./border/transfers.ts";
export type {
  DamageView,
  DeviceProgress,
  DeviceView,
  ListingEntry,
  ReceiptView,
  RootView,
  ShutOutView,
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
export type { VaultDescription } from "./vault/vault-description.ts";
export { describeVault } from "./vault/vault-description.ts";
