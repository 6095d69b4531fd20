import { countMintsPerDay } from '../audit/per-day';
import type { StillAllowed } from '../audit/read';
import { verifyAuditChain } from '../audit/verify';
import { getConfig } from '../config';
import { claimGroups } from '../trust/claims';
import { readAppEvidence } from '../trust/evidence';
import { operatorFacts } from '../trust/operator-facts';
import { readCatalogue } from '../trust/stored-data';
import { VERSION } from '../version';

/** Names the format of a pack. A change that old verifiers or readers would misread gets a new name. */
const FORMAT = 'pulsestream-evidence/1';

/** How many days of mints and refusals a pack counts, including today. */
const PERIOD_DAYS = 30;

export type PackWorkspace = { id: string; slug: string; name: string };

export type Evidence = Awaited<ReturnType<typeof collectEvidence>>;

/**
 * Collects what an auditor needs about one workspace: the App as GitHub reports it, the columns that hold data from
 * GitHub, and every claim with its state. Verifies the whole chain, and counts mints and refusals per day. The result
 * contains no secret, no person and no address.
 *
 * @throws {Problem} `rate_limited` if the chain is being verified already; otherwise as `stillAllowed` does
 */
export async function collectEvidence(workspace: PackWorkspace, stillAllowed?: StillAllowed) {
  const config = getConfig();
  const [app, stored, days] = await Promise.all([
    readAppEvidence(),
    readCatalogue(),
    countMintsPerDay(workspace.id, PERIOD_DAYS),
  ]);
  const chain = await verifyAuditChain(workspace.id, stillAllowed);
  const archived = chain.archived ?? 0;
  const sum = (kind: 'minted' | 'denied') => days.reduce((total, day) => total + day[kind], 0);
  const period = { minted: sum('minted'), denied: sum('denied') };
  const partial = days.some((day) => day.partial);
  const groups = claimGroups({
    config,
    workspace: {
      ...period,
      days: days.length,
      partial,
      chain: {
        events: chain.events,
        headHash: chain.head_hash,
        verified: chain.events - archived,
        firstBad: chain.first_bad ?? null,
      },
    },
    permissions: app?.info.permissions ?? null,
    stored,
  });
  const { retention, security, ...operator } = operatorFacts(config);
  return {
    format: FORMAT,
    issued_at: new Date().toISOString(),
    issuer: config.publicUrl,
    version: VERSION,
    environment: config.environment,
    workspace: { slug: workspace.slug, name: workspace.name },
    app: {
      id: config.github.appId,
      permissions: app?.info.permissions ?? null,
      reported_at: app?.askedAt.toISOString() ?? null,
    },
    stored: {
      tables: stored.tables,
      undeclared: stored.undeclared,
      named_like_a_secret: stored.secretSounding,
    },
    audit_log: {
      intact: chain.ok,
      events: chain.events,
      archived,
      first_bad: chain.first_bad ?? null,
      head_hash: chain.head_hash,
    },
    period: {
      ...period,
      from: days[0]?.day ?? null,
      to: days.at(-1)?.day ?? null,
      complete: !partial,
      days: days.map(({ day, minted, denied }) => ({ day, minted, denied })),
    },
    claims: groups.flatMap(({ title, claims }) =>
      claims.map(({ id, promise, state, evidence, limit = null }) => ({
        id,
        group: title,
        promise,
        state,
        evidence,
        limit,
      })),
    ),
    operator: {
      ...operator,
      security_contact: security.contact,
      security_policy_url: security.policyUrl,
      retention,
    },
  };
}
