import type { z } from 'zod';
import type { Role } from '../contract/members';
import type { ProblemCode } from '../problem';
import type { AddressPolicyName, WorkspacePolicyName } from '../rate-limit/policies';
import type { DirectTarget } from './direct';

/**
 * Kinds of callers. `AUTHENTICATE` in `route.ts` has an entry for each.
 *
 * - `member`, `admin`, `owner`: a user with at least this role in the workspace named by `{workspace}` in the path.
 *   Users outside the workspace get a 404, and members with a lower role get a 403.
 * - `user`: any user, with a session cookie from our own pages, or with next-auth's JWT as a bearer token.
 * - `service`: a program of a workspace, with an API key, or with an identity token that a trust rule matches.
 * - `browser`: a browser with a session cookie. A browser without one is redirected to the sign-in page
 *   (`browser-route.ts`).
 * - `cron`, `metrics`: the operator, with `CRON_SECRET` or `METRICS_TOKEN`.
 * - `github`: GitHub, with a signed delivery.
 * - `public`: everybody.
 */
export type Access = Role | 'user' | 'service' | 'browser' | 'cron' | 'metrics' | 'github' | 'public';

type Limits<Q> = {
  /** The limit per client address. It counts every request, even before authentication. */
  address?: AddressPolicyName;
  /** The limit per workspace, in addition to the limit per address. */
  workspace?: WorkspacePolicyName;
  /**
   * Restricts the `workspace` limit to requests that match. `name` describes these requests in the OpenAPI document.
   */
  workspaceFor?: { name: string; matches(query: Q): boolean };
};

/** A route's policy: who may call it, how often, and with what input. */
type Policy<A extends Access, P, Q, B> = {
  access: A;
  limits?: Limits<Q>;
  /** Path parameters other than `workspace`. An invalid value gets a 404, because no resource can have such an id. */
  params?: z.ZodType<P>;
  /** If omitted, the query string is ignored altogether, including unknown parameters. */
  query?: z.ZodType<Q>;
  /** A JSON body, or the fields of an HTML form if the access is `browser`. If omitted, the body must be empty. */
  body?: z.ZodType<B>;
  /**
   * The route's own method and path, if the production server serves it without Next. Its handler can't read cookies,
   * and can't use anything from `next/headers` or `next/server`.
   */
  direct?: A extends 'service' | 'github' ? DirectTarget : never;
  /** True if an identity token that has an id is accepted once. Other routes accept it until it expires. */
  usesTokenUp?: A extends 'service' ? true : never;
};

export type Answer<R = unknown> = {
  /**
   * The status of the response, unless the handler returns a `Response` of its own. For a 204, the handler returns
   * nothing.
   */
  status: number;
  description: string;
  /** The schema of a JSON response. */
  schema?: z.ZodType<R>;
  /** Formats other than JSON. The OpenAPI document describes each of them as text. */
  contentTypes?: readonly string[];
};

export const TAGS = [
  'Tokens',
  'GitHub',
  'API keys',
  'Trust rules',
  'Workspace',
  'Members',
  'Audit log',
  'Reference',
  'Connecting',
  'Operation',
] as const;
export type Tag = (typeof TAGS)[number];

/** The part of a route's OpenAPI entry that can't be derived from its policy. */
type Description<R> = {
  /** The `operationId`. */
  id: string;
  tag: Tag;
  summary: string;
  description?: string;
  answer: Answer<R>;
  /** A second response that is not a problem document. */
  otherAnswer?: Answer;
  /** Problems not already implied by the policy. */
  problems?: readonly ProblemCode[];
};

/** The reason why the OpenAPI document leaves out this route. */
type Undescribed = { undescribed: string };

/** A route as data: what `route()` enforces, and what the OpenAPI document publishes. */
export type RouteSpec<A extends Access, P, Q, B, R> = Policy<A, P, Q, B> & (Description<R> | Undescribed);

export type DescribedSpec = Policy<Access, unknown, unknown, unknown> & Description<unknown>;
export type AnySpec = RouteSpec<Access, unknown, unknown, unknown, unknown>;
