import type { Config } from '../config';
import { counted } from '../contract/counted';
import { type ClaimGroup, chain, count, readOnly, storedColumns } from './claim-states';
import type { WorkspaceEvidence } from './evidence';
import type { StoredData } from './stored-data';

export type Facts = {
  config: Config;
  /** The evidence about the user's workspace; `null` if there's none to show. */
  workspace: WorkspaceEvidence | null;
  /** The App's permissions according to GitHub; `null` if GitHub doesn't respond. */
  permissions: Record<string, string> | null;
  stored: StoredData;
};

/** Returns every claim in docs/claims.md, reworded for customers, with its current state and its limits. */
export function claimGroups({ config, workspace, permissions, stored }: Facts): ClaimGroup[] {
  const { github, rateLimits, environment, reconcileIntervalSeconds } = config;
  const minutes = Math.max(1, Math.round(reconcileIntervalSeconds / 60));
  return [
    {
      title: 'What you share',
      claims: [
        {
          id: 'C01',
          anchor: 'your-choice',
          state: 'not_checkable',
          promise: 'You choose the repositories, on GitHub.',
          evidence: 'Connect GitHub opens GitHub’s own page. The settings show what you picked there.',
        },
        {
          id: 'C10',
          anchor: 'read-only',
          ...readOnly(permissions),
          promise: 'The App reads code and metadata, and writes nothing.',
          see: { href: '#evidence', text: 'What GitHub reports' },
        },
        {
          id: 'C18',
          anchor: 'changes',
          state: 'not_checkable',
          isPartly: true,
          promise: 'A change of your choice shows here within seconds.',
          evidence: 'GitHub sends a signed webhook. A change that narrows access takes effect immediately.',
          limit:
            reconcileIntervalSeconds === 0
              ? 'If a webhook is lost, the operator’s scheduled job finds the change.'
              : `If a webhook is lost, up to ${counted(minutes, 'minute')}; six hours for a single repository.`,
        },
        {
          id: 'C21',
          anchor: 'your-account',
          state: 'not_checkable',
          promise: 'Nobody else can connect your account.',
          evidence:
            'GitHub has to confirm that the person has just installed the App, or administers every shared repository. An id from a browser is never believed.',
          limit: 'An admin of every shared repository can connect it without owning the organization.',
        },
      ],
    },
    {
      title: 'What we store',
      claims: [
        {
          id: 'C02',
          anchor: 'stored-data',
          ...storedColumns(stored),
          isPartly: true,
          promise: 'From GitHub we store the columns listed below, nothing else.',
          see: { href: '#stored', text: 'Every column' },
          limit: 'They include ids of webhooks and of GitHub users, and names in the audit log.',
        },
        {
          id: 'C03',
          anchor: 'repository-data',
          ...storedColumns(stored),
          promise: 'Per repository: name, clone URL, default branch, visibility.',
          see: { href: '#stored', text: 'Every column' },
        },
        {
          id: 'C04',
          anchor: 'no-credentials',
          state: stored.secretSounding.length === 0 ? 'not_checkable' : 'does_not_hold',
          promise: 'No token, password or other credential of yours.',
          evidence:
            stored.secretSounding.length > 0
              ? `Columns that are named like a secret: ${stored.secretSounding.join(', ')}.`
              : 'No column is named like a secret. Tests search the database, the store, the log and responses for tokens.',
        },
        {
          id: 'C09',
          anchor: 'no-tokens-in-pages',
          state: 'not_checkable',
          promise: 'Our pages never show a GitHub token.',
          evidence: 'No page issues one. The only secret that a page shows is a new API key, once.',
          limit: 'Members can request a token over the API. The audit log records it.',
        },
      ],
    },
    {
      title: 'How code is read',
      claims: [
        {
          id: 'C05',
          anchor: 'own-key',
          state: permissions === null ? 'not_checkable' : 'holds',
          promise: 'We authenticate to GitHub with our own key.',
          evidence:
            permissions === null
              ? 'GitHub does not respond now. Each signature is valid for under ten minutes.'
              : `GitHub accepted a signature of the App ${github.appId} for the report below. Each is valid for under ten minutes, and no credential of yours is involved.`,
        },
        {
          id: 'C06',
          anchor: 'one-hour',
          state: 'not_checkable',
          promise: 'Each token expires after one hour.',
          evidence: 'GitHub sets the hour. The audit log has the expiry of each token.',
          limit: 'We keep no token, so we can’t revoke one early. Its holder can.',
        },
        {
          id: 'C07',
          anchor: 'engine',
          state: 'not_checkable',
          promise: 'The Analysis Engine clones with that token only.',
          evidence: 'Its API key can only request tokens and list repositories.',
        },
        {
          id: 'C08',
          anchor: 'never-reused',
          state: 'not_checkable',
          promise: 'Tokens are never stored or reused.',
          evidence: 'Each request gets a new token and its own audit event, concurrent requests too.',
        },
        {
          id: 'C22',
          anchor: 'narrow-keys',
          state: 'not_checkable',
          promise: 'Tokens and keys can be limited to named repositories.',
          evidence: 'A limited key follows its repositories by id, also after a rename.',
        },
      ],
    },
    {
      title: 'Who can ask',
      claims: [
        {
          id: 'C13',
          anchor: 'members-only',
          state: 'not_checkable',
          promise: 'Only your members, keys and trusted workloads get tokens.',
          evidence:
            'Memberships, keys and rules are read for every request and again before a token is released. A removal takes effect immediately.',
        },
        {
          id: 'C14',
          anchor: 'rate-limits',
          state: 'holds',
          promise: `Per address: ${count(rateLimits.mint_user)} requests a minute for people, ${count(rateLimits.mint_internal)} for services.`,
          evidence:
            'These are this deployment’s limits. Forged headers or a failing counter don’t lift them.',
          limit: 'While the shared counter is unavailable, each of our processes counts by itself.',
        },
        {
          id: 'C12',
          anchor: 'signed-webhooks',
          state: 'holds',
          promise: 'Webhooks count only with GitHub’s signature.',
          evidence:
            github.webhookSecrets.length > 0
              ? 'A secret is configured here. Each webhook is verified by HMAC-SHA256 before it is read.'
              : 'No secret is configured here, so every webhook is refused.',
        },
        {
          id: 'C24',
          anchor: 'one-workspace',
          state: 'not_checkable',
          isPartly: true,
          promise: 'A stolen key of one workspace reaches no other.',
          evidence:
            'Ids of another workspace get the same response as ids that don’t exist. Read-only tokens of one hour, limits and your uninstall bound a breach of the whole service.',
          limit: 'The App’s own key could issue tokens past our log. GitHub’s log would show them.',
        },
      ],
    },
    {
      title: 'What you can check',
      claims: [
        {
          id: 'C15',
          anchor: 'every-token-logged',
          state: 'not_checkable',
          promise: 'Each token is in your audit log before its release.',
          evidence:
            workspace === null
              ? 'If the event can’t be written, the token is revoked. Sign in to see your workspace’s counts.'
              : `In your workspace ${workspace.partial ? 'at least ' : ''}${count(workspace.minted)} ${workspace.days === 1 ? 'today' : `in the last ${workspace.days} days`}. If the event can’t be written, the token is revoked.`,
        },
        {
          id: 'C16',
          anchor: 'github-log',
          state: 'not_checkable',
          promise: 'GitHub’s own audit log shows the same tokens.',
          evidence: 'Both name a token by the same SHA-256. Our audit log page compares the two for you.',
          limit: 'GitHub logs tokens for organizations and enterprises whose plan includes it.',
        },
        {
          id: 'C23',
          anchor: 'append-only',
          ...chain(workspace),
          promise: 'The audit log is append-only and verifiable.',
          limit: 'The database’s owner could rewrite a whole chain. A head hash that you kept shows it.',
        },
      ],
    },
    {
      title: 'How it ends',
      claims: [
        {
          id: 'C19',
          anchor: 'uninstall',
          state: 'not_checkable',
          promise: 'Uninstalling ends new tokens immediately, for good.',
          evidence: 'No token is issued once GitHub notifies us or refuses us, whichever comes first.',
          limit: 'A token issued before works until its hour ends.',
        },
        {
          id: 'C20',
          anchor: 'suspend',
          state: 'not_checkable',
          promise: 'While you suspend the App, no token is issued.',
          evidence: 'The settings show it as suspended. Requests are refused with that reason.',
        },
      ],
    },
    {
      title: 'How we run it',
      claims: [
        {
          id: 'C11',
          anchor: 'app-key',
          state: github.signer.kind === 'kms' ? 'holds' : 'not_checkable',
          promise: 'The App’s private key is never in the database.',
          evidence:
            github.signer.kind === 'kms'
              ? 'AWS KMS signs in this environment. The key never leaves it.'
              : 'The process holds the key in memory in this environment.',
          limit:
            github.signer.kind === 'kms'
              ? undefined
              : 'How the key is encrypted at rest depends on the deployment.',
        },
        {
          id: 'C17',
          anchor: 'environments',
          state: 'holds',
          promise: 'Each environment has its own App and database.',
          evidence: `This is ${environment}, with the App ${github.appId}. The database refused any other at the start.`,
          limit: 'One environment can’t see whether another one uses the same secret.',
        },
      ],
    },
  ];
}
