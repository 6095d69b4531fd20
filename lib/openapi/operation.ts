import type { z } from 'zod';
import type { Role } from '../contract/members';
import type { ProblemCode } from '../problem';
import type { PolicyName, WorkspacePolicyName } from '../rate-limit/policies';

/** How a caller shows who they are; see `SECURITY_SCHEMES`. */
export type Credential =
  | 'user'
  | 'apiKey'
  | 'session'
  | 'cronSecret'
  | 'metricsToken'
  | 'webhookSignature'
  | 'none';

export type Answer = {
  status: number;
  description: string;
  /** Of a JSON answer. */
  schema?: z.ZodType;
  /** Of another; a text. */
  contentTypes?: readonly string[];
};

/** A route as outsiders see it. `documented.test.ts` compares it with the policy that the route itself enforces. */
export type Operation = {
  id: string;
  tag: 'Tokens' | 'GitHub' | 'API keys' | 'Members' | 'Audit log' | 'Connecting' | 'Operation';
  method: 'get' | 'post' | 'patch' | 'delete';
  path: `/api/${string}`;
  summary: string;
  description?: string;
  credential: Credential;
  role?: Role;
  rateLimit?: PolicyName;
  /** Counted by workspace besides; `only`: which of the requests, in words. */
  workspaceLimit?: { policy: WorkspacePolicyName; only?: string };
  params?: z.ZodType;
  query?: z.ZodType;
  body?: z.ZodType;
  /** A body that is no JSON. */
  bodyType?: 'application/x-www-form-urlencoded';
  /** Nobody has to send a body. */
  bodyOptional?: true;
  /** A body to start from. */
  example?: object;
  answer: Answer;
  /** Another answer that is no problem document. */
  otherAnswer?: Answer;
  /** What can go wrong here besides what the columns above imply. */
  problems?: readonly ProblemCode[];
};
