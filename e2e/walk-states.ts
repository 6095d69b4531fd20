/**
 * Every page, in each state that a URL can lead to, with the response that each reader must get. States that no URL
 * leads to have tests of their own.
 */

export const READERS = ['owner', 'admin', 'member', 'outsider', 'nobody'] as const;
export type Reader = (typeof READERS)[number];

/** The response that a reader gets. `elsewhere` is a redirect, either to sign-in or away from it. */
export type Seen = 'page' | 'forbidden' | 'nothing' | 'elsewhere';

/**
 * The response to each reader, by kind of page. `outsider` is a member of another workspace only, and `nobody` is
 * signed out.
 */
const AUDIENCES = {
  everybody: { owner: 'page', admin: 'page', member: 'page', outsider: 'page', nobody: 'page' },
  signedIn: { owner: 'page', admin: 'page', member: 'page', outsider: 'page', nobody: 'elsewhere' },
  signedOut: {
    owner: 'elsewhere',
    admin: 'elsewhere',
    member: 'elsewhere',
    outsider: 'elsewhere',
    nobody: 'page',
  },
  members: { owner: 'page', admin: 'page', member: 'page', outsider: 'nothing', nobody: 'elsewhere' },
  admins: { owner: 'page', admin: 'page', member: 'forbidden', outsider: 'nothing', nobody: 'elsewhere' },
  /** A page that doesn't exist in the workspace. Members see the 404 with the workspace's navigation above it. */
  noMember: {
    owner: 'nothing',
    admin: 'nothing',
    member: 'nothing',
    outsider: 'nothing',
    nobody: 'elsewhere',
  },
  outsider: { owner: 'nothing', admin: 'nothing', member: 'nothing', outsider: 'page', nobody: 'elsewhere' },
  noOne: { owner: 'nothing', admin: 'nothing', member: 'nothing', outsider: 'nothing', nobody: 'nothing' },
  /** Like `everybody`, but the content doesn't depend on the reader, so walk.spec.ts opens it only as the owner. */
  gallery: { owner: 'page', admin: 'page', member: 'page', outsider: 'page', nobody: 'page' },
} as const satisfies Record<string, Record<Reader, Seen>>;

export type State = {
  name: string;
  /**
   * The page's path, with placeholders. `{full}` is a workspace in use, `{empty}` a new one, and `{troubled}` one whose
   * connections show every problem. `{other}` is the outsider's workspace; the outsider is also invited to `{full}`.
   * `{key}` is one of `{full}`'s API keys, `{rule}` and `{endedRule}` are two of its trust rules. `{forbiddenKey}` is an
   * API key of `{troubled}`, which forbids API keys. `{repository}`, `{connection}`, `{suspended}`, `{ended}` and `{member}`
   * are of `{full}` too.
   */
  path: string;
  /** The page's first heading. */
  heading: string | RegExp;
  audience: keyof typeof AUDIENCES;
};

export const STATES: readonly State[] = [
  { name: 'sign-in', path: '/sign-in', heading: /Sign in/, audience: 'signedOut' },
  {
    name: 'sign-in refused',
    path: '/sign-in?error=AccountExists',
    heading: /Sign in/,
    audience: 'signedOut',
  },
  {
    name: 'first run',
    path: '/new',
    heading: /Welcome to PulseStream|New workspace/,
    audience: 'signedIn',
  },
  {
    name: 'workspace choice',
    path: '/connect/github?installation_id=1',
    heading: /Connect GitHub to a workspace/,
    audience: 'signedIn',
  },
  { name: 'not connected', path: '/w/{empty}/settings/github', heading: /GitHub/, audience: 'members' },
  {
    name: 'a refused connection',
    path: '/w/{empty}/settings/github?notice=not_your_installation',
    heading: /GitHub/,
    audience: 'members',
  },
  { name: 'connected', path: '/w/{full}/settings/github', heading: 'GitHub', audience: 'members' },
  {
    name: 'connections in every state',
    path: '/w/{troubled}/settings/github',
    heading: 'GitHub',
    audience: 'members',
  },
  {
    name: 'a search without a match',
    path: '/w/{full}/settings/github?q=nothing-has-this-name',
    heading: 'GitHub',
    audience: 'members',
  },
  {
    name: 'a repository',
    path: '/w/{full}/repositories/{repository}',
    heading: 'acme/r1',
    audience: 'members',
  },
  {
    name: 'a repository of another workspace',
    path: '/w/{empty}/repositories/{repository}',
    heading: /Page not found/,
    audience: 'noMember',
  },
  {
    name: 'a connection',
    path: '/w/{full}/settings/github/{connection}',
    heading: 'acme',
    audience: 'members',
  },
  {
    name: 'a suspended connection',
    path: '/w/{full}/settings/github/{suspended}',
    heading: 'acme-labs',
    audience: 'members',
  },
  {
    name: 'an ended connection',
    path: '/w/{full}/settings/github/{ended}',
    heading: 'acme-old',
    audience: 'members',
  },
  {
    name: 'a connection of another workspace',
    path: '/w/{troubled}/settings/github/{connection}',
    heading: /Page not found/,
    audience: 'noMember',
  },
  {
    name: 'a member',
    path: '/w/{full}/settings/members/{member}',
    heading: /@acme\.test$/,
    audience: 'members',
  },
  {
    name: 'a member of another workspace',
    path: '/w/{other}/settings/members/{member}',
    heading: /Page not found/,
    audience: 'noMember',
  },
  {
    name: 'no API keys',
    path: '/w/{empty}/settings/api-keys',
    heading: 'API keys',
    audience: 'admins',
  },
  { name: 'API keys', path: '/w/{full}/settings/api-keys', heading: 'API keys', audience: 'admins' },
  {
    name: 'API keys by name',
    path: '/w/{full}/settings/api-keys?sort=name&order=desc',
    heading: 'API keys',
    audience: 'admins',
  },
  {
    name: 'the question whether to revoke several API keys',
    path: '/w/{full}/settings/api-keys?ask=revoke&id={key}',
    heading: 'API keys',
    audience: 'admins',
  },
  { name: 'an API key', path: '/w/{full}/settings/api-keys/{key}', heading: 'engine', audience: 'admins' },
  {
    name: 'API keys that the workspace forbids',
    path: '/w/{troubled}/settings/api-keys',
    heading: 'API keys',
    audience: 'admins',
  },
  {
    name: 'an API key that the workspace forbids',
    path: '/w/{troubled}/settings/api-keys/{forbiddenKey}',
    heading: 'forbidden',
    audience: 'admins',
  },
  {
    name: 'the question whether to forbid API keys',
    path: '/w/{full}/settings/api-keys?ask=forbid',
    heading: 'API keys',
    audience: 'admins',
  },
  {
    name: 'the question whether to revoke an API key',
    path: '/w/{full}/settings/api-keys/{key}?ask=revoke',
    heading: 'engine',
    audience: 'admins',
  },
  {
    name: 'a new API key where the workspace forbids them',
    path: '/w/{troubled}/settings/api-keys/new',
    heading: 'New API key',
    audience: 'admins',
  },
  {
    name: 'a new API key',
    path: '/w/{full}/settings/api-keys/new',
    heading: 'New API key',
    audience: 'admins',
  },
  {
    name: 'auditor links, none',
    path: '/w/{empty}/settings/evidence-links',
    heading: 'Auditor links',
    audience: 'admins',
  },
  {
    name: 'auditor links',
    path: '/w/{full}/settings/evidence-links',
    heading: 'Auditor links',
    audience: 'admins',
  },
  {
    name: 'no trust rules',
    path: '/w/{empty}/settings/trust-rules',
    heading: 'Trust rules',
    audience: 'admins',
  },
  { name: 'trust rules', path: '/w/{full}/settings/trust-rules', heading: 'Trust rules', audience: 'admins' },
  {
    name: 'a trust rule',
    path: '/w/{full}/settings/trust-rules/{rule}',
    heading: 'nightly analysis',
    audience: 'admins',
  },
  {
    name: 'an ended trust rule',
    path: '/w/{full}/settings/trust-rules/{endedRule}',
    heading: 'revoked',
    audience: 'admins',
  },
  ...(['github-actions', 'kubernetes', 'gitlab', 'other'] as const).map(
    (preset): State => ({
      name: `a new trust rule for ${preset}`,
      path: `/w/{full}/settings/trust-rules/new?preset=${preset}`,
      heading: 'New trust rule',
      audience: 'admins',
    }),
  ),
  {
    name: 'a trust rule in place of an API key',
    path: '/w/{full}/settings/trust-rules/new?from={key}',
    heading: 'New trust rule',
    audience: 'admins',
  },
  {
    name: 'a test of an identity token',
    path: '/w/{full}/settings/trust-rules/test',
    heading: 'Test a token',
    audience: 'admins',
  },
  {
    name: 'the question whether to revoke several trust rules',
    path: '/w/{full}/settings/trust-rules?ask=revoke&id={rule}',
    heading: 'Trust rules',
    audience: 'admins',
  },
  {
    name: 'a search for members without a match',
    path: '/w/{full}/settings/members?q=nothing-has-this-name',
    heading: 'Members',
    audience: 'members',
  },
  {
    name: 'members',
    path: '/w/{full}/settings/members?notice=last_owner',
    heading: 'Members',
    audience: 'members',
  },
  { name: 'audit log', path: '/w/{full}/audit-log', heading: 'Audit log', audience: 'admins' },
  { name: 'an event', path: '/w/{full}/audit-log?event=1', heading: 'Audit log', audience: 'admins' },
  {
    name: 'no such event',
    path: '/w/{full}/audit-log?event=nonsense',
    heading: 'Audit log',
    audience: 'admins',
  },
  {
    name: 'audit log without a match',
    path: '/w/{full}/audit-log?q=nothing-has-this-name',
    heading: 'Audit log',
    audience: 'admins',
  },
  {
    name: 'filters that make no sense',
    path: '/w/{full}/audit-log?from=yesterday&ip=nowhere',
    heading: 'Audit log',
    audience: 'admins',
  },
  {
    name: 'a search with a mistake',
    path: '/w/{full}/audit-log?query=type%3Ano_such+-actor%3Ax+leaked',
    heading: 'Audit log',
    audience: 'admins',
  },
  {
    name: 'a search by hour, oldest first, with other columns',
    path: '/w/{full}/audit-log?result=succeeded&from=24h&order=oldest&columns=seq%2Cuser_agent%2Crequest_id',
    heading: 'Audit log',
    audience: 'admins',
  },
  {
    name: 'a view without a name',
    path: '/w/{full}/audit-log?notice=view_unnamed',
    heading: 'Audit log',
    audience: 'admins',
  },
  {
    name: 'verified',
    path: '/w/{full}/audit-log?verify=1',
    heading: 'Audit log',
    audience: 'admins',
  },
  {
    name: 'comparison',
    path: '/w/{full}/audit-log/compare',
    heading: 'Compare with GitHub’s audit log',
    audience: 'admins',
  },
  {
    name: 'account',
    path: '/account',
    heading: 'Account',
    audience: 'signedIn',
  },
  {
    name: 'general settings',
    path: '/w/{full}/settings/general',
    heading: 'General',
    audience: 'members',
  },
  ...['transfer', 'leave', 'nothing known'].map((ask) => ({
    name: `general settings, ${ask} asked for`,
    path: `/w/{full}/settings/general?ask=${ask}`,
    heading: 'General',
    audience: 'members' as const,
  })),
  {
    name: 'general settings, deletion asked for',
    path: '/w/{full}/settings/general?ask=delete',
    heading: 'General',
    audience: 'members',
  },
  {
    name: 'the question whether to remove a member',
    path: '/w/{full}/settings/members?ask=remove&id={member}',
    heading: 'Members',
    audience: 'members',
  },
  {
    name: 'the question whether to sign out everywhere',
    path: '/account?ask=sign-out',
    heading: 'Account',
    audience: 'signedIn',
  },
  {
    name: 'an invitation that waits',
    path: '/w/{other}/settings/members',
    heading: 'Members',
    audience: 'outsider',
  },
  {
    name: 'a link of an invitation that has ended',
    path: '/invitation?token=unknown',
    heading: /This link has ended|You’re invited/,
    audience: 'everybody',
  },
  {
    name: 'not found in a workspace',
    path: '/w/{full}/no-such-page',
    heading: /Page not found/,
    audience: 'noMember',
  },
  {
    name: 'operator’s page, for everybody else',
    path: '/operator',
    heading: /Page not found/,
    audience: 'noMember',
  },
  { name: 'trust', path: '/trust?workspace={full}', heading: /./, audience: 'everybody' },
  { name: 'a document', path: '/docs/audit-chain', heading: 'The audit chain', audience: 'everybody' },
  {
    name: 'an auditor’s link that has ended',
    path: '/evidence',
    heading: /link has ended/,
    audience: 'everybody',
  },
  { name: 'API reference', path: '/docs/api?workspace={full}', heading: /./, audience: 'everybody' },
  { name: 'not found', path: '/no/such/page', heading: /Page not found/, audience: 'noOne' },
];

/** The page that shows the states no URL leads to, because they're brief, or need a fault or another configuration. */
export const GALLERY: readonly State[] = [
  {
    name: 'states to which no address leads',
    path: '/dev/states',
    heading: 'States to which no address leads',
    audience: 'gallery',
  },
];

export function seenBy(reader: Reader, { audience }: State): Seen {
  return AUDIENCES[audience][reader];
}
