import { REPOSITORY_NAME } from '../contract/audit-event';

/** SQL with `$n` for the value, and the value. */
export type Condition = [sql: (n: string) => string, value: unknown];

/** Exactly as in the index `audit_events_text_idx`, or that is not used. */
const TEXT = `(actor_label || E'\\n' || (details - 'hashed_token')::text)`;

/** `%` and `_` are meant literally. */
const literal = (text: string) => text.replace(/[\\%_]/g, '\\$&');

/**
 * The name as a whole: `acme/api` is neither `acme/api-gateway` nor `my-acme/api`. A clone URL may end with `.git`.
 * Lookaround of PostgreSQL's regular expressions.
 */
const wholeName = (name: string) =>
  `(?<![\\w.-])${name.replaceAll('.', '\\.')}(?!(?!\\.git(?![\\w.-]))[\\w.-])`;

/**
 * What `q` finds: text anywhere in the actor's label or the details, without regard to case, and the beginning of a
 * request id or of a token's hash. A repository's name finds that repository only. Each branch has its index.
 */
export function textBranches(q: string): Condition[][] {
  const anywhere: Condition[] = [[(n) => `${TEXT} ILIKE ${n}`, `%${literal(q)}%`]];
  if (REPOSITORY_NAME.test(q)) anywhere.push([(n) => `${TEXT} ~* ${n}`, wholeName(q)]);
  if (/\s/.test(q)) return [anywhere];
  const beginning = `${literal(q.toLowerCase())}%`;
  return [
    anywhere,
    [[(n) => `lower(request_id) LIKE ${n}`, beginning]],
    [[(n) => `details ? 'hashed_token' AND lower(details ->> 'hashed_token') LIKE ${n}`, beginning]],
  ];
}
