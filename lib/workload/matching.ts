/** How PostgreSQL compares rules with a token. Authentication and the dry run share these expressions. */
import { constantSql, type Sql, sql } from '../db/sql';

/** The longest literal prefix of a rule. Longer prefixes of a subject find nothing. */
const MAX_PREFIX_CHARACTERS = 500;

/** The parts of a token that rules are compared with. */
export type TokenFacts = { issuer: string; subject: string; claims: ReadonlyMap<string, string> };

/**
 * Selects the live rules `r` of the token's issuer whose text before the first `*` begins the token's subject. Looks up
 * each prefix by itself in the index `trust_rules_by_subject`. For a list of prefixes, PostgreSQL expects a large part of
 * the table, and would read all of it.
 *
 * @param where a further condition on `r`
 * @param limit the most rules to return
 */
export function candidates({ issuer, subject }: TokenFacts, where: Sql, limit: number): Sql {
  return sql`SELECT r.* FROM unnest(${prefixesOf(subject)}::text[]) AS p (prefix) CROSS JOIN LATERAL (
      SELECT r.* FROM trust_rules r WHERE r.revoked_at IS NULL AND r.issuer = ${issuer}
        AND split_part(r.subject, '*', 1) = p.prefix AND ${IS_UNEXPIRED} AND ${where}
      ORDER BY r.workspace_id LIMIT ${limit}
    ) AS r LIMIT ${limit}`;
}

/** Returns every beginning of a subject. Goes by whole characters, because half of a pair is no text. */
function prefixesOf(subject: string): string[] {
  const prefixes: string[] = [];
  let prefix = '';
  for (const character of subject) {
    prefix += character;
    if (prefix.length > MAX_PREFIX_CHARACTERS) break;
    prefixes.push(prefix);
  }
  return prefixes;
}

/** The subject of `r` as a regular expression, in which `*` matches any characters except `:` and `/`. */
const PATTERN = constantSql(
  String.raw`('^' || replace(regexp_replace(r.subject, '([\\.+?()\[\]{}|^$])', '\\\1', 'g'), '*', '[^:/]*') || '$')`,
);

/** True if the whole subject of the token matches that of `r`. */
export const subjectMatches = ({ subject }: TokenFacts): Sql =>
  sql`CASE WHEN strpos(r.subject, '*') = 0 THEN r.subject = ${subject} ELSE ${subject} ~ ${PATTERN} END`;

/**
 * The claims of `r` that the token lacks, or has with another value, as rows of name and value. A stored value that no
 * token can have, such as `null` or an object, is always among them.
 */
export const unmetClaims = ({ claims }: TokenFacts): Sql =>
  sql`(SELECT c.key, coalesce(c.value #>> '{}', 'null') AS value FROM jsonb_each(r.claims) AS c
    WHERE (jsonb_typeof(c.value) IN ('string', 'number', 'boolean')
      AND ${JSON.stringify(Object.fromEntries(claims))}::jsonb ->> c.key = c.value #>> '{}') IS NOT TRUE)`;

/** True unless `r` has expired. */
export const IS_UNEXPIRED: Sql = constantSql('(r.expires_at IS NULL OR r.expires_at > now())');

/** Orders the rules of one workspace that match, the narrowest first. */
export const NARROWEST_FIRST: Sql =
  constantSql(`CASE WHEN r.bound THEN cardinality(r.repository_ids) END NULLS LAST,
  strpos(r.subject, '*') > 0, length(replace(r.subject, '*', '')) DESC,
  (SELECT count(*) FROM jsonb_object_keys(r.claims)) DESC, r.created_at, r.id`);
