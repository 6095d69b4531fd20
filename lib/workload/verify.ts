import { compactVerify, decodeJwt, decodeProtectedHeader } from 'jose';
import { z } from 'zod';
import { getConfig } from '../config';
import { metrics } from '../observability/metrics';
import { Problem } from '../problem';
import { issuerAt } from './issuer';
import { type Refusal, WorkloadTokenRefused } from './refusals';
import { ALGORITHMS, type Algorithm, MAX_KEY_ID_CHARACTERS } from './signing-keys';

export const MAX_TOKEN_CHARACTERS = 16 * 1024;
const MAX_SUBJECT_CHARACTERS = 1000;
const MAX_LIFETIME_SECONDS = 3600;

/** How far the issuer's clock may be from ours. */
const TOLERANCE_SECONDS = 60;

/** An identity token whose issuer, signature, audience and times are right. It authorizes nothing by itself. */
export type VerifiedToken = {
  issuer: string;
  subject: string;
  /** All claims, as the issuer sent them. */
  claims: Record<string, unknown>;
  jti: string | null;
  issuedAt: Date;
  expiresAt: Date;
};

/** True if a credential has the form of a signed JWT: three parts in base64url. */
export function isCompactJws(credential: string): boolean {
  return credential.length <= MAX_TOKEN_CHARACTERS && /^[\w-]+\.[\w-]+\.[\w-]+$/.test(credential);
}

/**
 * Verifies an identity token against the issuers that the operator trusts.
 *
 * @throws {WorkloadTokenRefused} if it proves nothing. Callers must not learn the reason
 * @throws {Problem} `overloaded` while the issuer can't be read and its keys are not known
 */
export async function verifyWorkloadToken(token: string): Promise<VerifiedToken> {
  const count = { issuer: 'untrusted', result: 'unverifiable' };
  try {
    const { issuer, algorithm, kid } = readUnverified(token);
    count.issuer = issuer;
    const payload = await verifySignature(token, issuer, algorithm, kid);
    const verified = readClaims(payload, issuer);
    count.result = 'accepted';
    return verified;
  } catch (error) {
    if (error instanceof WorkloadTokenRefused) count.result = error.reason;
    throw error;
  } finally {
    metrics.workloadTokens.inc(count);
  }
}

/** The kinds of JWT that prove who somebody is: ID tokens, access tokens (RFC 9068) and SPIFFE's. */
const TYPES = ['jwt', 'jose', 'at+jwt', 'application/at+jwt'] as const;

/** Keys in the header, or links to some (`jwk`, `jku`, `x5c`, `x5u`), are never read. */
const Header = z.object({
  alg: z.enum(ALGORITHMS),
  kid: z.string().min(1).max(MAX_KEY_ID_CHARACTERS),
  typ: z.string().toLowerCase().pipe(z.enum(TYPES)).optional(),
  crit: z.undefined().optional(),
});

const HEADER_REFUSALS = {
  alg: 'algorithm_not_allowed',
  kid: 'no_key_id',
  typ: 'wrong_type',
  crit: 'critical_header',
} as const satisfies Record<keyof z.output<typeof Header>, Refusal>;

/** Reads what is needed to find the key. None of it is proved yet. */
function readUnverified(token: string): { issuer: string; algorithm: Algorithm; kid: string } {
  if (!isCompactJws(token)) throw new WorkloadTokenRefused('malformed');
  const [header, claims] = decode(token);
  const issuer = getConfig().workload.issuers.find((trusted) => trusted === claims.iss);
  if (issuer === undefined) throw new WorkloadTokenRefused('unknown_issuer');
  const { alg: algorithm, kid } = parse(Header, header, HEADER_REFUSALS);
  return { issuer, algorithm, kid };
}

function decode(token: string) {
  try {
    return [decodeProtectedHeader(token), decodeJwt(token)] as const;
  } catch {
    throw new WorkloadTokenRefused('malformed');
  }
}

async function verifySignature(token: string, issuer: string, algorithm: Algorithm, kid: string) {
  const answer = await issuerAt(issuer).keysFor(kid);
  if ('retryAfterSeconds' in answer)
    throw new Problem(
      'overloaded',
      'The issuer of this identity token does not answer. Retry later.',
      answer,
    );
  const key = answer.keys.find(kid, algorithm);
  if (key === undefined) throw new WorkloadTokenRefused('unknown_key');
  try {
    return (await compactVerify(token, key, { algorithms: [algorithm] })).payload;
  } catch {
    throw new WorkloadTokenRefused('bad_signature');
  }
}

const NumericDate = z.number();

const Claims = z.looseObject({
  sub: z
    .string()
    .min(1)
    .max(MAX_SUBJECT_CHARACTERS)
    .refine((subject) => !/[\p{Cc}\p{Cs}\u2028\u2029]/u.test(subject)),
  exp: NumericDate,
  iat: NumericDate.optional(),
  nbf: NumericDate.optional(),
  jti: z.string().min(1).optional(),
  aud: z.union([z.string(), z.tuple([z.string()])]),
});

const CLAIM_REFUSALS = {
  sub: 'invalid_subject',
  exp: 'invalid_times',
  iat: 'invalid_times',
  nbf: 'invalid_times',
  jti: 'invalid_token_id',
  aud: 'wrong_audience',
} as const satisfies Record<string, Refusal>;

/** Each rule that a token's claims must keep, after the form of each claim is right. */
const RULES: readonly (readonly [Refusal, (claims: Facts) => boolean])[] = [
  ['wrong_audience', ({ aud, audience }) => [aud].flat().every((one) => one === audience)],
  ['expired', ({ exp, now }) => now < exp + TOLERANCE_SECONDS],
  ['not_yet_valid', ({ iat, nbf, now }) => Math.max(iat ?? 0, nbf ?? 0) <= now + TOLERANCE_SECONDS],
  ['invalid_lifetime', ({ issuedAt, exp }) => issuedAt < exp],
  ['invalid_lifetime', ({ issuedAt, exp }) => exp - issuedAt <= MAX_LIFETIME_SECONDS + TOLERANCE_SECONDS],
];

type Facts = z.output<typeof Claims> & { audience: string; issuedAt: number; now: number };

/** Reads the claims of a payload whose signature is right. */
function readClaims(payload: Uint8Array, issuer: string): VerifiedToken {
  const claims = JSON.parse(new TextDecoder().decode(payload)) as Record<string, unknown>;
  const known = parse(Claims, claims, CLAIM_REFUSALS);
  const issuedAt = known.iat ?? known.nbf;
  if (issuedAt === undefined) throw new WorkloadTokenRefused('invalid_times');
  const { audience } = getConfig().workload;
  const facts = { ...known, audience, issuedAt, now: Date.now() / 1000 };
  for (const [refusal, holds] of RULES) if (!holds(facts)) throw new WorkloadTokenRefused(refusal);
  return {
    issuer,
    subject: known.sub,
    claims,
    jti: known.jti ?? null,
    issuedAt: new Date(issuedAt * 1000),
    expiresAt: new Date(known.exp * 1000),
  };
}

/** @param refusals the reason for each member that may be wrong */
function parse<T extends z.ZodType>(
  schema: T,
  value: unknown,
  refusals: Readonly<Record<string, Refusal>>,
): z.output<T> {
  const parsed = schema.safeParse(value);
  if (parsed.success) return parsed.data;
  throw new WorkloadTokenRefused(refusals[String(parsed.error.issues[0]?.path[0])] ?? 'malformed');
}
