import type { ClaimGroup, ClaimState } from '@/components/trust/claim-list';
import type { Config } from '@/lib/config';
import type { WorkspaceEvidence } from '@/lib/trust/evidence';
import type { StoredData } from '@/lib/trust/stored-data';

export type Facts = {
  config: Config;
  /** The evidence about the user's workspace; `null` if there's none to show. */
  workspace: WorkspaceEvidence | null;
  /** The App's permissions according to GitHub; `null` if GitHub doesn't respond. */
  permissions: Record<string, string> | null;
  stored: StoredData;
};

/**
 * Judges the App's permissions. If GitHub reports more than the two below, no promise is broken, because each token is
 * limited to those two.
 */
function permissionState(permissions: Facts['permissions']): ClaimState {
  if (permissions === null) return 'unknown';
  const reported = Object.entries(permissions).map(([name, access]) => `${name}: ${access}`);
  return reported.sort().join() === 'contents: read,metadata: read' ? 'checked' : 'partly';
}

/** Judges the workspace's chain by the events rehashed while rendering this page, which may be only the newest ones. */
function chainState(workspace: WorkspaceEvidence | null): ClaimState {
  if (workspace === null) return 'by_design';
  const { firstBad, verified, events } = workspace.chain;
  if (firstBad !== null) return 'broken';
  return verified === events ? 'checked' : 'partly';
}

function chainEvidence(workspace: WorkspaceEvidence | null): string {
  if (workspace === null)
    return 'The database refuses to change or remove a line, and each line holds the hash of the one before. Sign in to have the chain of your workspace recomputed here.';
  const { firstBad, verified, events } = workspace.chain;
  if (firstBad !== null)
    return `Event ${count(firstBad)} does not fit the chain of your workspace: an event was changed, removed or added past the log. Compare your last export, and tell us.`;
  if (verified === events)
    return `All ${count(events)} events of your workspace were recomputed just now, and fit. Export them and count again, or keep the head hash above.`;
  return `The newest ${count(verified)} of ${count(events)} events were recomputed just now, and fit. Verify on the audit log’s page recomputes all.`;
}

const count = (n: number) => n.toLocaleString('en');

/** Returns every claim in docs/claims.md, reworded for customers, with its current evidence and its limits. */
export function claimGroups({ config, workspace, permissions, stored }: Facts): ClaimGroup[] {
  const { github, rateLimits, environment, reconcileIntervalSeconds } = config;
  const minutes = Math.max(1, Math.round(reconcileIntervalSeconds / 60));
  return [
    {
      title: 'What you share',
      claims: [
        {
          id: 'C01',
          state: 'by_design',
          promise: 'You choose the repositories on GitHub, by installing our App there.',
          evidence:
            'Connect GitHub leads to GitHub’s own page; what you picked there is what the settings show.',
        },
        {
          id: 'C10',
          state: permissionState(permissions),
          promise: 'We can read code and list repositories, and write nothing.',
          evidence:
            'Each token is asked for with contents: read and metadata: read, whatever the App was granted, and refused if GitHub gives more.',
          see: { href: '#evidence', text: 'What GitHub reports for this App now' },
        },
        {
          id: 'C18',
          state: 'partly',
          promise: 'A change of your choice on GitHub shows here within seconds.',
          evidence: 'GitHub tells us by a signed message; what narrows access takes effect at once.',
          limit:
            reconcileIntervalSeconds === 0
              ? 'If that message is lost, a job of the operator’s finds the change.'
              : `If that message is lost, it takes until we ask by ourselves: about every ${minutes} ${minutes === 1 ? 'minute' : 'minutes'}, and up to six hours for a repository within an unchanged choice.`,
        },
        {
          id: 'C21',
          state: 'by_design',
          promise: 'Nobody can connect your installation to a workspace of theirs.',
          evidence:
            'What the browser says is not believed: GitHub has to show that the person has just installed it, or administers all that it shares.',
          limit: 'Whoever administers every shared repository counts, and need not own the organization.',
        },
      ],
    },
    {
      title: 'What we store, and what we never store',
      claims: [
        {
          id: 'C02',
          state: stored.undeclared.length === 0 ? 'partly' : 'broken',
          promise: 'Of GitHub’s data we store the installation and the list of repositories.',
          evidence:
            stored.undeclared.length === 0
              ? 'The columns listed below are all of it, compared with the database’s own catalogue just now.'
              : `The database has columns that nobody declared: ${stored.undeclared.join(', ')}.`,
          see: { href: '#stored', text: 'Every column' },
          limit:
            'That includes ids of messages and of people on GitHub who installed or asked, and names in the audit log.',
        },
        {
          id: 'C03',
          state: 'by_design',
          promise: 'That is: ids, account name, repositories with clone URL and default branch, status.',
          evidence: 'It is in two tables, installations and repositories.',
          see: { href: '#stored', text: 'Their columns' },
        },
        {
          id: 'C04',
          state: stored.secretSounding.length === 0 ? 'by_design' : 'broken',
          promise: 'No token, password or other credential of yours is stored anywhere.',
          evidence:
            stored.secretSounding.length > 0
              ? `Columns whose name speaks of a secret: ${stored.secretSounding.join(', ')}.`
              : 'No column of the database is named like one; tests search the database, the store, the log and the answers of the server for them.',
        },
        {
          id: 'C09',
          state: 'by_design',
          promise: 'You never see or handle these tokens in the pages.',
          evidence: 'No page makes one. The one secret that a page shows is a new API key, once.',
          limit: 'Members can ask for a token over the API, on purpose, and that is in the audit log.',
        },
      ],
    },
    {
      title: 'How code is read',
      claims: [
        {
          id: 'C05',
          state: 'by_design',
          promise: 'We identify ourselves to GitHub with our own key, for less than ten minutes at a time.',
          evidence: `The App ${github.appId} signs a statement that GitHub checks; no credential of yours is involved.`,
        },
        {
          id: 'C06',
          state: 'by_design',
          promise: 'For that GitHub gives a token that lives one hour.',
          evidence: 'The audit log has the end of each.',
          limit:
            'A token that was given out works until its hour is over, also after you uninstall. Nobody can recall it who does not have it, and we keep none.',
        },
        {
          id: 'C07',
          state: 'by_design',
          promise: 'Our Analysis Engine clones with that token and with nothing else.',
          evidence: 'Its API key opens the making of tokens and the list of repositories.',
        },
        {
          id: 'C08',
          state: 'by_design',
          promise: 'No token is saved or used twice by us: each request makes a fresh one.',
          evidence: 'One answer, one token, one line of the audit log; two hundred at once are two hundred.',
        },
        {
          id: 'C22',
          state: 'by_design',
          promise: 'A token can be narrowed to repositories, and a key can be bound to some.',
          evidence: 'A bound key reads its repositories by id, and never more, also after renames.',
        },
      ],
    },
    {
      title: 'Who can ask, and how often',
      claims: [
        {
          id: 'C13',
          state: 'by_design',
          promise: 'Only members of your workspace and its API keys can make tokens for it.',
          evidence: 'Membership is looked up for every request, so that removal takes effect at once.',
        },
        {
          id: 'C14',
          state: 'by_design',
          promise: 'Requests are limited for each address they come from.',
          evidence: `Here: ${rateLimits.mint_user} a minute for people, ${rateLimits.mint_internal} for services. Forged headers do not lift it, nor does a failing counter.`,
          limit: 'While the shared counter is out, each of our processes counts by itself.',
        },
        {
          id: 'C12',
          state: 'by_design',
          promise: 'A message is believed only with GitHub’s signature.',
          evidence:
            github.webhookSecrets.length > 0
              ? 'A secret is configured here; each message is checked with HMAC-SHA256 before it is read.'
              : 'No secret is configured here, so every message is refused.',
        },
        {
          id: 'C24',
          state: 'partly',
          promise: 'A stolen key of one workspace reaches that workspace and no other.',
          evidence:
            'Ids of others are answered like ids that do not exist. What a breach of all of us could do is bounded by read-only tokens of one hour, by the limits and by your uninstall.',
          limit:
            'Whoever had the App’s own key could make tokens at GitHub past our log; GitHub’s log shows it.',
        },
      ],
    },
    {
      title: 'What you can check yourself',
      claims: [
        {
          id: 'C15',
          state: 'by_design',
          promise: 'Every token is in your audit log before it leaves: who, for what, from where, when.',
          evidence:
            workspace === null
              ? 'Sign in to see the counts of your workspace here.'
              : `In your workspace ${workspace.partial ? 'at least ' : ''}${count(workspace.minted)} ${workspace.days === 1 ? 'today' : `in the last ${workspace.days} days`}. If the line cannot be written, the token is revoked and nobody gets it.`,
        },
        {
          id: 'C16',
          state: 'by_design',
          promise: 'GitHub’s own audit log shows the same, independently of us.',
          evidence: 'Both name a token by the same SHA-256; the audit log page compares the two for you.',
          limit: 'GitHub logs the use of tokens in organizations and enterprises whose plan includes it.',
        },
        {
          id: 'C23',
          state: chainState(workspace),
          promise: 'The audit log is append-only, and you can verify that nothing in it was changed.',
          evidence: chainEvidence(workspace),
          limit: 'Whoever owns the database could rewrite a whole chain: a head hash that you kept shows it.',
        },
      ],
    },
    {
      title: 'How it ends',
      claims: [
        {
          id: 'C19',
          state: 'by_design',
          promise: 'Uninstalling ends it at once and for good.',
          evidence:
            'No token is made from the moment that GitHub tells us, or refuses us, whichever comes first.',
          limit: 'A token made before can work for the rest of its hour.',
        },
        {
          id: 'C20',
          state: 'by_design',
          promise: 'While you suspend the installation, no token is made.',
          evidence: 'The settings show it as suspended, and requests are refused with that reason.',
        },
      ],
    },
    {
      title: 'How we run it',
      claims: [
        {
          id: 'C11',
          state: github.signer.kind === 'kms' ? 'by_design' : 'partly',
          promise: 'Our App’s key is ours alone and never in the database.',
          evidence:
            github.signer.kind === 'kms'
              ? 'In this environment AWS KMS signs: the key never leaves it.'
              : 'In this environment the process holds the key in memory.',
          limit:
            github.signer.kind === 'kms'
              ? undefined
              : 'That the key is encrypted where it is kept depends on the deployment.',
        },
        {
          id: 'C17',
          state: 'by_design',
          promise: 'Each environment has its own App, key, secrets and database.',
          evidence: `This is ${environment}, with the App ${github.appId}; a process configured for another refuses to start on this database.`,
          limit: 'That no secret is used in two environments cannot be seen from one of them.',
        },
      ],
    },
  ];
}
