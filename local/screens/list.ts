/** The pictures that `npm run screens` takes: every page, in the states that a customer can meet. */
import type { Page } from '@playwright/test';
import { CONNECT_OUTCOMES } from '../../lib/connect/outcomes';
import type { Services } from '../services';
import { withoutAuditLog } from './data';

/** The people who view the pages: signed out, new, two members, a member invited to another workspace, an owner, and an operator. */
export const PEOPLE = ['nobody', 'nora', 'mia', 'mona', 'ines', 'olivia', 'operator'] as const;

export const DOCS_FOLDER = 'docs/screens';

/**
 * The names and looks of the pictures in README and docs. `local/screens/screens-documented.test.ts` compares this list
 * with the documents.
 */
export const IN_DOCS: readonly string[] = [
  'sign-in-wide-light',
  'first-run-wide-light',
  'github-not-connected-wide-light',
  'github-wide-light',
  'github-narrow-dark',
  'api-keys-wide-light',
  'members-wide-light',
  'audit-log-wide-light',
  'audit-event-wide-light',
  'audit-broken-wide-light',
  'trust-wide-light',
  'api-reference-wide-light',
];

export type Shot = {
  name: string;
  path: string;
  as: (typeof PEOPLE)[number];
  before?: (page: Page, services: Services) => Promise<unknown>;
  /** The height of the picture from the top of the page, in pixels. */
  height?: number;
  /** Limits the looks. Useful if another picture already shows the same page in every look. */
  looks?: readonly string[];
};

export const press = (name: string) => (page: Page) => page.getByRole('button', { name }).first().click();
const open = (summary: string) => (page: Page) =>
  page.locator('summary', { hasText: summary }).first().click();

/** The pages of outcomes that are not shown on globex's settings page. */
const SAID_AT: Readonly<Record<string, string>> = {
  unknown_attempt: '/connect/github',
  other_user: '/connect/github',
  connected: '/w/acme/settings/github',
  updated: '/w/acme/settings/github',
  already_connected_here: '/w/acme/settings/github',
  suspended: '/w/initech/settings/github',
  awaiting_approval: '/w/initech/settings/github',
};
/** This outcome offers choices that are stored with an attempt, so a code in the URL is not enough to show the page. */
const NEEDS_AN_ATTEMPT = 'choose_installation';
const TWO_LOOKS = ['wide-light', 'narrow-dark'];

/** Shows a state that has no URL of its own. */
const state = (name: string, title: string): Shot => ({
  name,
  path: '/dev/states',
  as: 'olivia',
  looks: TWO_LOOKS,
  before: (page) =>
    page
      .getByRole('region', { name: title, exact: true })
      .evaluate((element) => element.scrollIntoView({ block: 'start' })),
});

export const SHOTS: readonly Shot[] = [
  { name: 'sign-in', path: '/sign-in', as: 'nobody' },
  { name: 'sign-in-refused', path: '/sign-in?error=AccountExists', as: 'nobody' },
  { name: 'trust-signed-out', path: '/trust', as: 'nobody' },
  { name: 'trust-foot', path: '/trust', as: 'nobody', before: scrollToEnd },
  { name: 'not-found-signed-out', path: '/no/such/page', as: 'nobody' },
  { name: 'first-run', path: '/new', as: 'nora' },
  { name: 'invitation-waiting', path: '/w/pied-piper/settings/github', as: 'ines' },
  { name: 'forbidden', path: '/w/hooli/audit-log', as: 'mia' },
  { name: 'github-not-connected', path: '/w/globex/settings/github', as: 'olivia' },
  { name: 'github', path: '/w/acme/settings/github', as: 'olivia' },
  {
    name: 'github-repositories',
    path: '/w/acme/settings/github',
    as: 'olivia',
    before: selectRows,
    height: 2000,
  },
  { name: 'github-as-member', path: '/w/acme/settings/github', as: 'mona' },
  { name: 'github-statuses', path: '/w/initech/settings/github', as: 'olivia' },
  {
    name: 'github-no-repositories',
    path: '/w/umbrella/settings/github',
    as: 'olivia',
    before: scrollToRepositories,
  },
  { name: 'github-ended', path: '/w/initech/settings/github', as: 'olivia', before: showEnded },
  { name: 'github-minting-stopped', path: '/w/vandelay/settings/github', as: 'olivia' },
  { name: 'github-disconnect', path: '/w/acme/settings/github', as: 'olivia', before: press('Disconnect') },
  // The outcomes of an attempt to connect.
  ...Object.keys(CONNECT_OUTCOMES)
    .filter((outcome) => outcome !== NEEDS_AN_ATTEMPT)
    .map((outcome) => ({
      name: `connect-${outcome.replaceAll('_', '-')}`,
      path: `${SAID_AT[outcome] ?? '/w/globex/settings/github'}?notice=${outcome}`,
      as: 'olivia' as const,
      height: 480,
      looks: TWO_LOOKS,
    })),
  { name: 'github-backing-off', path: '/w/initech/settings/github', as: 'olivia', before: showBackingOff },
  state('loading-github', 'GitHub is loading'),
  state('loading-settings', 'a list is loading'),
  { name: 'workspace-choice', path: '/connect/github?installation_id=1', as: 'olivia' },
  { name: 'account-menu', path: '/w/acme/settings/members', as: 'olivia', before: open('Your account') },
  { name: 'api-keys', path: '/w/acme/settings/api-keys', as: 'olivia' },
  {
    name: 'api-keys-selected',
    path: '/w/acme/settings/api-keys?sort=name',
    as: 'olivia',
    before: selectRows,
  },
  { name: 'api-keys-revoke-several', path: '/w/acme/settings/api-keys', as: 'olivia', before: askAboutRows },
  { name: 'api-keys-none', path: '/w/umbrella/settings/api-keys', as: 'olivia' },
  { name: 'api-keys-forbid', path: '/w/acme/settings/api-keys?ask=forbid', as: 'olivia' },
  { name: 'api-keys-forbidden', path: '/w/initech/settings/api-keys', as: 'olivia' },
  { name: 'api-key', path: '/w/acme/settings/api-keys', as: 'olivia', before: openKey, height: 2000 },
  { name: 'api-key-new', path: '/w/acme/settings/api-keys/new', as: 'olivia', before: chooseRepositories },
  { name: 'api-key-shown-once', path: '/w/globex/settings/api-keys/new', as: 'olivia', before: createKey },
  {
    name: 'api-key-used',
    path: '/w/acme/settings/api-keys',
    as: 'olivia',
    before: follow('analysis-engine'),
    height: 2000,
  },
  {
    name: 'repository',
    path: '/w/acme/settings/github',
    as: 'olivia',
    before: follow('acme/api'),
    height: 1400,
  },
  { name: 'connection', path: '/w/acme/settings/github', as: 'olivia', before: follow('acme'), height: 2000 },
  {
    name: 'connection-in-trouble',
    path: '/w/initech/settings/github',
    as: 'olivia',
    before: follow('initech'),
    height: 1600,
    looks: TWO_LOOKS,
  },
  {
    name: 'member',
    path: '/w/acme/settings/github',
    as: 'olivia',
    before: follow('olivia@acme.test'),
    height: 1800,
  },
  { name: 'trust-rules', path: '/w/acme/settings/trust-rules', as: 'olivia' },
  { name: 'trust-rules-none', path: '/w/umbrella/settings/trust-rules', as: 'olivia' },
  {
    name: 'trust-rule-new',
    path: '/w/acme/settings/trust-rules/new?preset=github-actions',
    as: 'olivia',
    before: fillRule,
    height: 1900,
  },
  {
    name: 'trust-rule-new-kubernetes',
    path: '/w/acme/settings/trust-rules/new?preset=kubernetes',
    as: 'olivia',
    looks: TWO_LOOKS,
    height: 1700,
  },
  ...['gitlab', 'other'].map((preset) => ({
    name: `trust-rule-new-${preset}`,
    path: `/w/acme/settings/trust-rules/new?preset=${preset}`,
    as: 'olivia' as const,
    looks: TWO_LOOKS,
    height: 1700,
  })),
  {
    name: 'trust-rule-new-refused',
    path: '/w/acme/settings/trust-rules/new?preset=other',
    as: 'olivia',
    before: refuseRule,
    looks: TWO_LOOKS,
    height: 1700,
  },
  {
    name: 'trust-rule-instead-of-key',
    path: '/w/acme/settings/api-keys',
    as: 'olivia',
    before: moveKey,
    looks: TWO_LOOKS,
    height: 1900,
  },
  { name: 'trust-rule', path: '/w/acme/settings/trust-rules', as: 'olivia', before: openRule, height: 2600 },
  {
    name: 'trust-rule-test',
    path: '/w/acme/settings/trust-rules/test',
    as: 'olivia',
    before: testToken,
    height: 1400,
  },
  { name: 'members', path: '/w/acme/settings/members', as: 'olivia' },
  {
    name: 'members-managed',
    path: '/w/acme/settings/members',
    as: 'olivia',
    before: open('Manage mona@acme.test'),
    height: 1600,
  },
  {
    name: 'members-invited',
    path: '/w/acme/settings/members',
    as: 'olivia',
    before: inviteSomeone,
    height: 1600,
  },
  { name: 'members-no-match', path: '/w/acme/settings/members?q=nothing-has-this-name', as: 'olivia' },
  { name: 'members-as-member', path: '/w/acme/settings/members', as: 'mona' },
  { name: 'audit-log', path: '/w/acme/audit-log', as: 'olivia' },
  {
    name: 'audit-log-no-match',
    path: '/w/acme/audit-log?q=nothing-has-this-name',
    as: 'olivia',
    before: showNoMatch,
  },
  {
    name: 'audit-log-search',
    path: '/w/acme/audit-log?repository=acme%2Fapi&ip=-10.0.0.0%2F8&from=24h',
    as: 'olivia',
  },
  {
    name: 'audit-log-menus',
    path: '/w/acme/audit-log?result=succeeded',
    as: 'olivia',
    before: open('Event'),
  },
  {
    name: 'audit-log-mistake',
    path: '/w/acme/audit-log?query=type%3Ano_such+-actor%3Ax+leaked',
    as: 'olivia',
    looks: TWO_LOOKS,
  },
  {
    name: 'audit-event',
    path: '/w/acme/audit-log?type=github.token_minted',
    as: 'olivia',
    before: openEvent,
  },
  { name: 'audit-verified', path: '/w/acme/audit-log?verify=1', as: 'olivia' },
  {
    name: 'audit-log-foot',
    path: '/w/umbrella/audit-log?cursor=WyJvbGRlciIsNTBd',
    as: 'olivia',
    before: scrollToFoot,
  },
  { name: 'audit-broken', path: '/w/initech/audit-log?verify=1', as: 'olivia' },
  {
    name: 'audit-event-missing',
    path: '/w/initech/audit-log?event=9',
    as: 'olivia',
    height: 480,
    looks: TWO_LOOKS,
  },
  { name: 'audit-archived', path: '/w/vandelay/audit-log', as: 'olivia', before: scrollToArchived },
  { name: 'audit-archived-verified', path: '/w/vandelay/audit-log?verify=1', as: 'olivia' },
  { name: 'audit-event-archived', path: '/w/vandelay/audit-log?event=3', as: 'olivia', looks: TWO_LOOKS },
  { name: 'audit-compare', path: '/w/acme/audit-log/compare', as: 'olivia' },
  // Take only two looks: a comparison reads the whole log and is therefore rate-limited per workspace.
  {
    name: 'audit-compared',
    path: '/w/acme/audit-log/compare',
    as: 'olivia',
    before: compareLogs,
    looks: TWO_LOOKS,
  },
  { name: 'trust', path: '/trust?workspace=acme', as: 'olivia' },
  { name: 'trust-whole', path: '/trust?workspace=acme', as: 'olivia', height: 3600 },
  { name: 'trust-document', path: '/docs/threat-model', as: 'nobody' },
  { name: 'auditor-links', path: '/w/acme/settings/evidence-links', as: 'olivia' },
  {
    name: 'auditor-link-new',
    path: '/w/acme/settings/evidence-links',
    as: 'olivia',
    before: createAuditorLink,
  },
  { name: 'auditor-link-ended', path: '/evidence', as: 'nobody' },
  { name: 'api-reference', path: '/docs/api?workspace=acme', as: 'olivia' },
  { name: 'api-reference-operation', path: '/docs/api?workspace=acme#mintTokenForService', as: 'olivia' },
  { name: 'api-reference-errors', path: '/docs/api?workspace=acme#errors', as: 'olivia' },
  { name: 'not-found', path: '/w/somebody-else/settings/github', as: 'olivia' },
  { name: 'not-found-in-workspace', path: '/w/acme/no-such-page', as: 'olivia' },
  { name: 'operator', path: '/operator', as: 'operator' },
  // Take only two looks, because an operator may run every check six times a minute.
  { name: 'operator-all', path: '/operator', as: 'operator', before: runAllChecks, looks: TWO_LOOKS },
  {
    name: 'operator-broken',
    path: '/operator',
    as: 'operator',
    before: breakAndRunAllChecks,
    looks: TWO_LOOKS,
  },
  { name: 'error', path: '/w/acme/settings/members', as: 'olivia', before: failNavigation },
  { name: 'offline', path: '/w/acme/settings/github', as: 'olivia', before: goOffline },
];

async function scrollToRepositories(page: Page): Promise<void> {
  await page.getByText('No repositories are shared').first().scrollIntoViewIfNeeded();
}

async function scrollToEnd(page: Page): Promise<void> {
  await page.evaluate(() => window.scrollTo(0, document.body.scrollHeight));
}

async function showBackingOff(page: Page): Promise<void> {
  await page.getByText('we leave GitHub alone for now').scrollIntoViewIfNeeded();
}

async function showEnded(page: Page): Promise<void> {
  await open('1 ended connection')(page);
  await scrollToEnd(page);
}

async function showNoMatch(page: Page): Promise<void> {
  await page.getByText('No event matches').scrollIntoViewIfNeeded();
  await page.getByText('Clear the filters').scrollIntoViewIfNeeded();
}

async function openKey(page: Page): Promise<void> {
  await page
    .getByRole('link', { name: /^Manage/ })
    .first()
    .click();
  await page.getByRole('button', { name: 'Rotate key' }).waitFor();
}

/** Goes to the page of an object by a link with its name. */
function follow(name: string) {
  return async (page: Page): Promise<void> => {
    await page.getByRole('link', { name, exact: true }).first().click();
    await page.getByRole('heading', { level: 1, name, exact: true }).waitFor();
    await page.waitForLoadState('networkidle');
  };
}

async function chooseRepositories(page: Page): Promise<void> {
  await page.getByLabel('Name').fill('nightly-scan');
  await page.getByLabel('acme/api').check();
}

async function createKey(page: Page): Promise<void> {
  await page.getByLabel('Name').fill('analysis-engine');
  await page.getByText('All repositories, including future ones').click();
  await press('Create API key')(page);
  const key = page.getByRole('region', { name: 'API key' });
  await key.waitFor();
  // The key belongs to a temporary database. Secret scanners cannot tell that, so most of the key is hidden.
  await page.evaluate(() => {
    for (const code of document.querySelectorAll('code'))
      code.textContent =
        code.textContent?.replace(/(psk_demo_\w{4})\w+/, '$1••••••••••••••••••••••••••') ?? '';
  });
}

async function fillRule(page: Page): Promise<void> {
  await page.getByLabel('Name', { exact: true }).fill('nightly analysis');
  await page.getByLabel('Repository of the workflow').fill('acme/deploy');
  await page.getByLabel('Branch, tag or environment').fill('main');
  await page.getByLabel('Further claims').fill('repository_id=123456');
  await page.getByLabel('acme/api').check();
}

async function refuseRule(page: Page): Promise<void> {
  await page.getByLabel('Name', { exact: true }).fill('every workflow');
  await page.getByLabel('Subject').fill('repo:*');
  await page.getByLabel('Further claims').fill('nonsense');
  await press('Create trust rule')(page);
  await page.getByText('is not of the form name=value').waitFor();
}

async function moveKey(page: Page): Promise<void> {
  await page
    .getByRole('link', { name: /^Move to a trust rule/ })
    .first()
    .click();
  await page.getByRole('heading', { name: 'New trust rule' }).waitFor();
}

async function openRule(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Manage nightly analysis' }).click();
  await page.getByRole('button', { name: 'Revoke rule' }).waitFor();
}

async function testToken(page: Page, { env, appUrl }: Services): Promise<void> {
  const claims = { aud: appUrl, sub: 'repo:acme/deploy:ref:refs/heads/main', repository_id: '654321' };
  const body = JSON.stringify(claims);
  const answer = await fetch(`${env.WORKLOAD_ISSUERS}/sign`, { method: 'POST', body });
  await page.getByLabel('Identity token').fill(((await answer.json()) as { value: string }).value);
  await press('Test the token')(page);
  await page.getByRole('region', { name: 'Result' }).waitFor();
}

async function openEvent(page: Page): Promise<void> {
  await page.getByRole('link', { name: 'Token issued', exact: true }).first().click();
  await page.getByRole('dialog').waitFor();
}

async function scrollToFoot(page: Page): Promise<void> {
  await page.getByRole('navigation', { name: 'Audit log, pages' }).scrollIntoViewIfNeeded();
}

async function scrollToArchived(page: Page): Promise<void> {
  await page.getByText('archived, and cannot be').scrollIntoViewIfNeeded();
}

async function compareLogs(page: Page, { github }: Services): Promise<void> {
  const log = Buffer.from(JSON.stringify(github.auditLog.list()));
  await page
    .getByLabel('GitHub’s audit log')
    .setInputFiles({ name: 'log.json', mimeType: 'application/json', buffer: log });
  await press('Compare')(page);
  await page.getByText(/in GitHub’s log, all of them in ours|that this log does not know/).waitFor();
}

async function createAuditorLink(page: Page): Promise<void> {
  await page.getByLabel('For').fill('Example Audit Ltd.');
  await press('Create link')(page);
  await page.getByRole('link', { name: 'Done' }).waitFor();
}

async function runAllChecks(page: Page): Promise<void> {
  await press('Run all checks')(page);
  await page.getByText('Every check was made').waitFor();
}

/** Breaks the App's registration in several ways meanwhile. */
async function breakAndRunAllChecks(page: Page, { github }: Services): Promise<void> {
  const { slug, permissions, events } = structuredClone(github.app);
  github.configureApp({ slug: 'renamed', permissions: { ...permissions, issues: 'write' }, events: [] });
  await runAllChecks(page);
  github.configureApp({ slug, permissions, events });
}

async function failNavigation(page: Page, services: Services): Promise<void> {
  await withoutAuditLog(services, async () => {
    await page.getByRole('link', { name: 'Audit log' }).click();
    await page.getByRole('heading', { name: 'Something went wrong' }).waitFor();
  });
}

async function goOffline(page: Page): Promise<void> {
  await page.context().setOffline(true);
  await page.getByText('You’re offline').waitFor();
}

async function selectRows(page: Page): Promise<void> {
  const boxes = page.locator('[data-row]');
  await boxes.nth(0).check();
  await boxes.nth(1).check();
}

async function askAboutRows(page: Page): Promise<void> {
  await selectRows(page);
  await page.getByRole('button', { name: 'Revoke', exact: true }).click();
  await page.getByRole('dialog').waitFor();
}

async function inviteSomeone(page: Page): Promise<void> {
  await page.getByLabel('Email').fill('lea@acme.test');
  await page.getByRole('button', { name: 'Invite' }).click();
  await page.getByText(/^Invitation (created|replaced)$/).waitFor();
  await page.getByRole('checkbox', { name: 'Select lea@acme.test' }).check();
}
