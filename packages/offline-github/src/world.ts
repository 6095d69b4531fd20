import type { Actions } from './actions/actions';
import type { AuditLog } from './audit-log';
import type { Clock } from './clock';
import type { Complaints } from './description/complaints';
import type { GitStore } from './git/store';
import type { Knobs } from './knobs';
import type { OAuthCodes } from './oauth/codes';
import type { Manifests } from './oauth/manifests';
import type { Sessions } from './pages/sessions';
import type { RequestLog } from './request-log';
import type { AppKeys, AppSettings, Urls } from './settings';
import type { State } from './state/store';
import type { Tokens } from './tokens';
import type { Dispatcher } from './webhooks/dispatcher';

/** The parts of one offline GitHub, which every route receives. */
export interface World {
  readonly settings: AppSettings;
  readonly keys: AppKeys;
  readonly urls: Urls;
  readonly clock: Clock;
  readonly state: State;
  readonly tokens: Tokens;
  readonly codes: OAuthCodes;
  readonly manifests: Manifests;
  readonly sessions: Sessions;
  readonly knobs: Knobs;
  readonly requests: RequestLog;
  readonly auditLog: AuditLog;
  readonly hooks: Dispatcher;
  readonly git: GitStore;
  readonly actions: Actions;
  /** Null if checks against GitHub's OpenAPI description are off. */
  readonly complaints: Complaints | null;
}
