import type { AuditEvent, AuditVerification } from '../../lib/contract/audit-event';
import type { AppServer } from '../app/server';
import { HttpBrowser } from '../clients/http-browser';
import type { Services } from '../services';
import { CUSTOMER, connectGitHub, createWorkspace, signIn } from './customer';
import { clone, cloneIsRefused, createApiKey, mint, pushIsRefused } from './engine';
import { expect, type Step } from './steps';
import { findTraces, hashedToken } from './traces';

const CHOSEN = ['acme/api', 'acme/web'];
const NOT_CHOSEN = 'acme/infra';

/**
 * Runs the main job, step by step.
 *
 * @throws if a step fails
 */
export async function runJob(step: Step, services: Services, app: AppServer): Promise<void> {
  const { env, appUrl, github } = services;
  const browser = new HttpBrowser();
  await step(`${CUSTOMER.email} signs in and creates the workspace “${CUSTOMER.workspace}”`, async () => {
    await signIn(browser, appUrl);
    await createWorkspace(browser);
  });
  await step(
    'connects GitHub and chooses two of three repositories',
    () => connectGitHub(browser, services, CHOSEN),
    () => `the settings page shows ${CHOSEN.join(' and ')}`,
  );
  const apiKey = await step('the operator makes an API key in the CLI', () =>
    createApiKey(env, CUSTOMER.workspace),
  );
  const minted = await step(
    'a backend service mints a token',
    () => mint(appUrl, apiKey, ['acme/api']),
    ({ expires_at, permissions }) => `${JSON.stringify(permissions)}, until ${expires_at}`,
  );
  const [repository] = minted.repositories ?? [];
  expect(repository !== undefined, 'the answer names no repository');

  const cloned = await step(
    `real git clones ${repository.full_name}`,
    async () => {
      const result = await clone(repository.clone_url, minted.token);
      const head = await github.headOf(repository.full_name);
      expect(result.head === head, `cloned ${result.head}, but GitHub is at ${head}`);
      return result;
    },
    ({ head, files }) => `commit ${head}, the one that GitHub has; ${files.join(', ')}`,
  );
  try {
    await step(
      'a push with the same token is refused',
      () => pushIsRefused(cloned.directory, minted.token),
      String,
    );
  } finally {
    await cloned.remove();
  }
  await step(
    `${NOT_CHOSEN} cannot be cloned with it`,
    () => cloneIsRefused(`${github.webUrl}/${NOT_CHOSEN}.git`, minted.token),
    String,
  );
  await step(
    'the audit log has the mint, under the hash that GitHub logged',
    () => findAuditRow(browser, appUrl, minted.token, github.auditLog),
    ({ event, verification }) =>
      `${event.type} #${event.seq}, hash ${event.hash}\nchain intact: ${verification.events} events`,
  );
  await step('the token is in no table, no key of Redis, no line of the log and no file', async () => {
    const places = await findTraces([minted.token, apiKey], services, app);
    expect(places.length === 0, `found in ${places.join(', ')}`);
  });
}

async function findAuditRow(
  browser: HttpBrowser,
  appUrl: string,
  token: string,
  gitHubLog: Services['github']['auditLog'],
): Promise<{ event: AuditEvent; verification: AuditVerification }> {
  const hash = hashedToken(token);
  const get = async <T>(path: string): Promise<T> => {
    const url = `${appUrl}/api/v1/workspaces/${CUSTOMER.workspace}/${path}`;
    const response = await fetch(url, { headers: { cookie: browser.cookieHeader(appUrl) } });
    expect(response.ok, `GET ${path} answered ${response.status}`);
    return (await response.json()) as T;
  };
  const { data } = await get<{ data: AuditEvent[] }>('audit-events?type=github.token_minted');
  const event = data.find(({ details }) => details.hashed_token === hash);
  expect(event !== undefined, 'the mint is not in the audit log');
  expect(gitHubLog.list({ hashed_token: hash }).length > 0, 'GitHub’s audit log does not know this hash');
  const verification = await get<AuditVerification>('audit-events/verify');
  expect(verification.ok, `the chain is broken at event ${verification.first_bad}`);
  return { event, verification };
}
