/**
 * The client of the PulseStream control plane. It mints read-only GitHub tokens, hands them to your code, and revokes
 * them when the work ends.
 */
export type { AmbientName, IdentityRequest } from './ambient.js';
export type { Repository } from './api.js';
export type { Auth } from './auth.js';
export { type Client, createClient } from './client.js';
export type { Clock } from './clock.js';
export {
  type ClientErrorCode,
  type ErrorCode,
  type FieldError,
  type ProblemCode,
  PulseStreamError,
  type RetrySafety,
} from './errors.js';
export type { Fetch } from './exchange.js';
export type { Job } from './job.js';
export type { ClientOptions, JobOptions, MintOptions, RepositoriesOptions } from './options.js';
export { MintedToken } from './token.js';
