import type { AuditLog } from '../audit-log';
import type { Clock } from '../clock';
import type { GitStore } from '../git/store';
import type { AppKeys, AppSettings } from '../settings';
import type { State } from '../state/store';
import type { Account } from '../state/types';
import type { Tokens } from '../tokens';
import type { Urls } from '../urls';
import type { JsonObject } from '../webhooks/payloads';
import type { Emitter } from './emit';
import type { Lookup } from './lookup';

/** What actions work on. */
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
  /** What `repository.transferred` says of the former owner. */
  readonly transferredFrom: (owner: Account) => JsonObject;
}
