import type { MintBody } from './api.js';
import type { Auth } from './auth.js';
import type { Clock } from './clock.js';
import type { Fetch } from './exchange.js';
import type { MintedToken } from './token.js';

export type ClientOptions = {
  /** The origin of the control plane, such as `https://pulsestream.example.com`. */
  url: string;
  auth: Auth;
  /**
   * The slug of the workspace, sent as `X-Workspace`. Name it with an identity token: other workspaces may have rules
   * for the same subject.
   */
  workspace?: string;
  /** The audience to request identity tokens for. Default: the origin of `url`. */
  audience?: string;
  /** How long a call may take, with its retries, in milliseconds. Default: 60,000. */
  timeoutMs?: number;
  /** How often a call is repeated where that is safe. Default: 3. */
  maxRetries?: number;
  /** Your product and version, put before the client's own in `User-Agent`. */
  userAgent?: string;
  /** Another implementation of `fetch`. The client's own honours `HTTPS_PROXY` and `NO_PROXY`. */
  fetch?: Fetch;
  /** Another clock, for tests. */
  clock?: Clock;
};

export type Cancel = { signal?: AbortSignal };

export type MintOptions = MintBody & Cancel;

export type JobOptions = MintOptions & {
  /** Replace a token that has less than this left, in milliseconds, at most 1,800,000. Default: 300,000. */
  renewBeforeMs?: number;
  /** Called for each token that could not be revoked. Default: a warning of the process. */
  onRevokeError?: (error: unknown, token: MintedToken) => void;
};

export type RepositoriesOptions = Cancel & {
  installation_id?: number;
  /** A part of the name. */
  q?: string;
  /** Repositories per request, at most 100. */
  limit?: number;
};
