import { counted } from '../contract/counted';
import type { WorkspaceEvidence } from './evidence';
import type { StoredData } from './stored-data';

/**
 * The result of checking a claim now:
 *
 * - `holds`: it was checked now, and holds;
 * - `not_checkable`: code and tests ensure it, but it can't be checked now;
 * - `does_not_hold`: it was checked now, and doesn't hold.
 */
export type ClaimState = 'holds' | 'not_checkable' | 'does_not_hold';

export type Claim = {
  /** The claim's id in docs/claims.md. Pages don't show it. */
  id: string;
  /** Names the claim in the address of the Trust page. */
  anchor: string;
  state: ClaimState;
  /** The promise, in plain words for customers. */
  promise: string;
  /** Says what was checked, or what ensures the claim. */
  evidence: string;
  /** The part of the Trust page with further evidence. */
  see?: { href: string; text: string };
  /** The limit within which the promise holds, if it has one. */
  limit?: string | undefined;
  /** True if docs/claims.md rates the claim as partly held. Its limit is always shown. */
  isPartly?: true;
};

export type ClaimGroup = { title: string; claims: Claim[] };

type Judged = Pick<Claim, 'state' | 'evidence'>;

export const count = (n: number) => n.toLocaleString('en');

/** Returns the permissions beyond reading code and metadata, as `name: access`. */
function excessPermissions(permissions: Record<string, string>): string[] {
  return Object.entries(permissions)
    .filter(([name, access]) => !((name === 'contents' || name === 'metadata') && access === 'read'))
    .map(([name, access]) => `${name}: ${access}`);
}

/** Judges the App's permissions according to GitHub; `null` if GitHub doesn't respond. */
export function readOnly(permissions: Record<string, string> | null): Judged {
  const everyToken =
    'Each token is requested with contents: read and metadata: read only, and refused if GitHub grants more.';
  if (permissions === null)
    return { state: 'not_checkable', evidence: `GitHub does not respond now. ${everyToken}` };
  const excess = excessPermissions(permissions);
  if (excess.length === 0)
    return { state: 'holds', evidence: `GitHub reports no other permission for this App. ${everyToken}` };
  return { state: 'does_not_hold', evidence: `GitHub reports also ${excess.join(', ')}. ${everyToken}` };
}

/** Judges the columns of the database's catalogue. */
export function storedColumns({ undeclared }: StoredData): Judged {
  return undeclared.length === 0
    ? {
        state: 'holds',
        evidence: 'The list below was compared with the database’s own catalogue just now.',
      }
    : {
        state: 'does_not_hold',
        evidence: `The database has columns that are not on our list: ${undeclared.join(', ')}.`,
      };
}

/** Judges the chain by the events that were rehashed now, which may be only the newest ones. */
export function chain(workspace: WorkspaceEvidence | null): Judged {
  if (workspace === null)
    return {
      state: 'not_checkable',
      evidence:
        'The database refuses to change or remove an event, and each event holds the hash of the one before. Sign in to have your workspace’s chain recomputed here.',
    };
  const { firstBad, verified, events } = workspace.chain;
  if (firstBad !== null)
    return {
      state: 'does_not_hold',
      evidence: `Event ${count(firstBad)} does not fit the chain of your workspace: an event was changed, removed or added past the log. Compare your last export, and tell us.`,
    };
  if (verified === events)
    return {
      state: 'holds',
      evidence: `Your workspace’s whole chain was recomputed just now, and fits: ${counted(events, 'event')}. Keep the head hash, or an export.`,
    };
  return {
    state: 'not_checkable',
    evidence: `The newest ${count(verified)} of ${counted(events, 'event')} were recomputed just now, and fit. Verify on the audit log’s page recomputes all.`,
  };
}

const WORST_FIRST: readonly ClaimState[] = ['does_not_hold', 'not_checkable', 'holds'];

/** Returns the worst state of these claims. */
export function worstState(claims: readonly Pick<Claim, 'state'>[]): ClaimState {
  return WORST_FIRST.find((state) => claims.some((claim) => claim.state === state)) ?? 'not_checkable';
}
