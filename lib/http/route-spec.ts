import type { z } from 'zod';
import type { Role } from '../contract/members';
import type { ProblemCode } from '../problem';
import type { AddressPolicyName, WorkspacePolicyName } from '../rate-limit/policies';

/**
 * Callers by access. Each is a row of `authenticate.ts`.
 *
 * - `member`, `admin`, `owner`: a user with at least this role in the workspace that `{workspace}` of the path names.
 *   Outsiders get 404, lower roles 403.
 * - `user`: any user, by a session cookie from our own pages, or by next-auth's JWT as a bearer token.
 * - `apiKey`: an API key of a workspace.
 * - `browser`: a session cookie, and a page to sign in for browsers without one (`browser-route.ts`).
 * - `cron`, `metrics`: the operator's `CRON_SECRET` and `METRICS_TOKEN`.
 * - `github`: sends signed deliveries.
 * - `public`: everybody.
 */
export type Access = Role | 'user' | 'apiKey' | 'browser' | 'cron' | 'metrics' | 'github' | 'public';

type Limits<Q> = {
  /** Counts every request, before authentication. */
  address?: AddressPolicyName;
  /** Counts in addition the caller's workspace. */
  workspace?: WorkspacePolicyName;
  /** Restricts `workspace` to the requests that match; the document names them. */
  workspaceFor?: { name: string; matches(query: Q): boolean };
};

/** Says who may call, how often, with what. */
type Policy<A extends Access, P, Q, B> = {
  access: A;
  limits?: Limits<Q>;
  /** Path parameters besides `workspace`. Invalid ones are 404: nothing has such a name. */
  params?: z.ZodType<P>;
  /** Without it the query string is not read: an unknown parameter there changes nothing. */
  query?: z.ZodType<Q>;
  /** A JSON body, or the fields of an HTML form for `browser`. Without it a body has to be empty. */
  body?: z.ZodType<B>;
};

export type Answer<R = unknown> = {
  /** The status of an object that the handler returns; with 204 it returns nothing. */
  status: number;
  description: string;
  /** Describes a JSON answer. */
  schema?: z.ZodType<R>;
  /** Names other formats than JSON; each is described as a text. */
  contentTypes?: readonly string[];
};

export const TAGS = [
  'Tokens',
  'GitHub',
  'API keys',
  'Members',
  'Audit log',
  'Reference',
  'Connecting',
  'Operation',
] as const;
export type Tag = (typeof TAGS)[number];

/** The part of the OpenAPI document that the policy does not imply. */
type Description<R> = {
  /** Its `operationId`. */
  id: string;
  tag: Tag;
  summary: string;
  description?: string;
  answer: Answer<R>;
  /** Another answer that is no problem document. */
  otherAnswer?: Answer;
  /** Problems that the policy does not imply. */
  problems?: readonly ProblemCode[];
};

/** A route that OpenAPI cannot describe, and why. */
type Undescribed = { undescribed: string };

/** A route, as data: what the wrapper enforces and what the OpenAPI document publishes. */
export type RouteSpec<A extends Access, P, Q, B, R> = Policy<A, P, Q, B> & (Description<R> | Undescribed);

export type DescribedSpec = Policy<Access, unknown, unknown, unknown> & Description<unknown>;
export type AnySpec = RouteSpec<Access, unknown, unknown, unknown, unknown>;
