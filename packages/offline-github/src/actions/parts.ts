import type { AuditLog } from '../audit-log';
import type { Clock } from '../clock';
import type { GitStore } from '../git/store';
import type { AppKeys, AppSettings, Urls } from '../settings';
import type { State } from '../state/store';
import type { Account } from '../state/types';
import type { Tokens } from '../tokens';
import type { JsonObject } from '../webhooks/payloads';
import type { Emitter } from './emit';
import type { Lookup } from './lookup';

/** The parts of the offline GitHub that actions read and change. */
export interface ActionParts {
  readonly state: State;
  readonly settings: AppSettings;
  readonly keys: AppKeys;
  readonly clock: Clock;
  readonly urls: Urls;
  readonly tokens: Tokens;
  readonly git: GitStore;
  readonly audit: AuditLog;
  readonly emit: Emitter;
  readonly find: Lookup;
  /** Formats the former owner for the `repository.transferred` payload. */
  readonly transferredFrom: (owner: Account) => JsonObject;
}
