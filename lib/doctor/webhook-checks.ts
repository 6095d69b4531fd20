import { createHmac, randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { getConfig } from '../config';
import { fetchOutgoing } from '../github/connections';
import { listRecentDeliveries, type RecentDelivery, requestRedelivery } from '../github/deliveries';
import { GitHubError } from '../github/errors';
import { type Check, type Facts, fail, ok, warn } from './check';
import { connectionFault } from './origin-checks';

/** Checks the App's webhook: its settings, a delivery of our own, and GitHub's deliveries. */
export const WEBHOOK_CHECKS: readonly Check[] = [
  { id: 'webhook-secret', isCheap: true, find: findSecret },
  { id: 'webhook-url', needs: ['app-key'], find: findUrl },
  { id: 'webhook-settings', needs: ['webhook-url'], find: findSettings },
  { id: 'webhook-ping', needs: ['webhook-secret'], find: findPing },
  { id: 'webhook-deliveries', needs: ['app-key'], find: findDeliveries },
  { id: 'webhook-redelivery', needs: ['app-key'], find: findRedelivery },
];

const expectedUrl = () => `${getConfig().publicUrl}/api/github/webhooks`;

async function findSecret() {
  const [current, previous] = getConfig().github.webhookSecrets;
  if (current === undefined)
    return fail(
      'GITHUB_WEBHOOK_SECRET is not set, so every delivery is refused.',
      'Set it to the secret in the App’s settings on GitHub.',
    );
  if (previous === undefined) return ok('A webhook secret is set.');
  return warn(
    'A previous webhook secret is accepted, too.',
    'When GitHub signs with the new one, unset GITHUB_WEBHOOK_SECRET_PREVIOUS.',
  );
}

async function findUrl({ hook }: Facts) {
  const url = await hook().then(
    (config) => config.url,
    (error: unknown) => {
      if (error instanceof GitHubError && error.kind === 'not_found') return undefined;
      throw error;
    },
  );
  const expected = expectedUrl();
  if (url === expected) return ok(`GitHub delivers to ${url}.`);
  const todo = `In the App’s settings, make the webhook active and set its URL to ${expected}.`;
  return fail(url === undefined ? 'The App has no webhook URL.' : `GitHub delivers to ${url}.`, todo);
}

async function findSettings({ hook }: Facts) {
  const { contentType, verifiesTls, hasSecret } = await hook();
  if (!hasSecret)
    return fail(
      'GitHub does not sign its deliveries.',
      'In the App’s settings, set the webhook’s secret to GITHUB_WEBHOOK_SECRET.',
    );
  if (!verifiesTls)
    return fail(
      'GitHub does not verify the certificate of our origin.',
      'In the App’s settings, enable SSL verification of the webhook.',
    );
  if (contentType !== 'json')
    return warn(
      `GitHub sends ${contentType}, which is accepted but larger.`,
      'In the App’s settings, set the content type to application/json.',
    );
  return ok('GitHub signs its deliveries, sends JSON and verifies our certificate.');
}

/** The meaning of each status of a delivery. GitHub's log has 0 for a connection that failed. */
const MEANINGS: Readonly<Record<number, readonly [found: string, todo: string]>> = {
  0: ['no connection', 'Let GitHub’s addresses (GET /meta, hooks) reach the origin.'],
  401: [
    'the signature is wrong',
    'Set the same secret in GITHUB_WEBHOOK_SECRET and in the App’s settings, and restart the app.',
  ],
  404: ['nothing is at this URL', 'Correct the webhook’s URL, and the paths that the ingress passes on.'],
  413: ['the payload is too large', 'Let the proxy in front pass bodies of 25 MB.'],
  502: ['a proxy reached no replica', 'Look at the proxy’s log and at the replicas’ readiness.'],
  503: ['the app had no secret or no database', 'Look at the app’s readiness and its GITHUB_WEBHOOK_SECRET.'],
  504: ['the app did not answer in time', 'Look at the app’s log for slow deliveries.'],
};

const OTHER = ['the delivery was refused', 'Look at the app’s log and the proxy’s for this status.'] as const;

function meaningOf(status: number): readonly [found: string, todo: string] {
  const [meaning, todo] = MEANINGS[status] ?? OTHER;
  return [`status ${status}, ${meaning}`, todo];
}

/** Sends a signed `ping` to our own public URL, as GitHub does. It changes nothing. */
async function findPing() {
  const [secret = ''] = getConfig().github.webhookSecrets;
  const body = JSON.stringify({ zen: 'Sent by the doctor.' });
  const signature = createHmac('sha256', secret).update(body).digest('hex');
  const headers = {
    'content-type': 'application/json',
    'x-github-event': 'ping',
    'x-github-delivery': randomUUID(),
    'x-hub-signature-256': `sha256=${signature}`,
  };
  const signal = AbortSignal.timeout(getConfig().github.timeoutMs);
  try {
    const { status } = await fetchOutgoing(expectedUrl(), { method: 'POST', headers, body, signal });
    if (status === 202) return ok('A ping signed with GITHUB_WEBHOOK_SECRET is accepted at the public URL.');
    const [found, todo] = meaningOf(status);
    return fail(`A ping that we signed was answered with ${found}.`, todo);
  } catch (error) {
    return fail(
      `A ping that we signed did not arrive: ${connectionFault(error)}.`,
      'See to origin first. The app may also be unreachable from this machine only.',
    );
  }
}

/** Keeps the newest attempt of each delivery, without attempts that are under way. */
function newestAttempts(deliveries: RecentDelivery[]): RecentDelivery[] {
  const seen = new Set<string>();
  return deliveries.filter(({ guid, isPending }) => {
    if (isPending || seen.has(guid)) return false;
    seen.add(guid);
    return true;
  });
}

async function findDeliveries({ deliveries }: Facts) {
  const newest = newestAttempts(await deliveries());
  const [last] = newest;
  if (last === undefined)
    return warn(
      'GitHub has attempted no delivery in the last days.',
      'Install the App on an account, or change an installation, and run the doctor again.',
    );
  const failed = newest.filter(({ isAccepted }) => !isAccepted);
  const [worst] = failed;
  if (worst === undefined) return ok(`The last ${newest.length} deliveries were accepted.`);
  const [found, todo] = meaningOf(worst.statusCode);
  const text = `${failed.length} of the last ${newest.length} deliveries failed, the newest at ${worst.deliveredAt.toISOString()}: ${found}.`;
  if (!last.isAccepted) return fail(text, todo);
  return warn(text, 'Later ones were accepted. Reconcile asks GitHub for the failed ones again.');
}

const POLLS = 15;
const POLL_MS = 1000;

/**
 * Has GitHub send its newest delivery once more, which proves the whole way in. A delivery that took effect before has
 * no effect now.
 */
async function findRedelivery({ deliveries }: Facts) {
  const known = await deliveries();
  const newest = known.find(({ isPending }) => !isPending);
  if (newest === undefined)
    return warn(
      'Not checked: GitHub has no delivery to send once more.',
      'Install the App on an account, and run the doctor again.',
    );
  const before = new Set(known.map(({ id }) => id));
  await requestRedelivery(newest.id);
  for (let poll = 0; poll < POLLS; poll++) {
    await sleep(poll === 0 ? POLL_MS / 4 : POLL_MS);
    const again = (await listRecentDeliveries()).find(
      ({ id, guid, isPending }) => guid === newest.guid && !before.has(id) && !isPending,
    );
    if (again === undefined) continue;
    if (again.isAccepted) return ok('GitHub sent a delivery once more, and it was accepted.');
    const [found, todo] = meaningOf(again.statusCode);
    return fail(`GitHub sent a delivery once more, and it failed: ${found}.`, todo);
  }
  return warn(
    'GitHub has not reported the result of a delivery that we asked for.',
    'Look at Advanced, Recent Deliveries, in the App’s settings.',
  );
}
