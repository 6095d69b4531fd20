import { setTimeout as sleep } from 'node:timers/promises';
import { getConfig } from '../config';
import { Live, Readiness } from '../contract/operation';
import { fetchOutgoing } from '../github/connections';
import { type Check, fail, type Outcome, ok, warn } from './check';

/** Checks that the public origin leads to a healthy replica, over the way that users and GitHub take. */
export const ORIGIN_CHECKS: readonly Check[] = [
  { id: 'origin', find: findOrigin },
  { id: 'origin-ready', needs: ['origin'], find: findReady },
];

async function get(path: string): Promise<{ status: number; data: unknown }> {
  const signal = AbortSignal.timeout(getConfig().github.timeoutMs);
  const response = await fetchOutgoing(`${getConfig().publicUrl}${path}`, { signal });
  const text = await response.text();
  try {
    return { status: response.status, data: JSON.parse(text) };
  } catch {
    return { status: response.status, data: undefined };
  }
}

/** Names a failed connection by Node's code or the error's message, neither of which holds a secret. */
export function connectionFault(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error ? String(error.code) : '';
  return code !== '' && Number.isNaN(Number(code)) ? code : error.message;
}

async function findOrigin() {
  const { publicUrl, isDeployed } = getConfig();
  try {
    const { status, data } = await get('/api/health/live');
    if (status !== 200 || !Live.safeParse(data).success)
      return fail(
        `NEXTAUTH_URL (${publicUrl}) does not lead to this app: status ${status} to /api/health/live.`,
        'Start the app, and let DNS, load balancer and ingress pass every path of this origin to it.',
      );
  } catch (error) {
    return fail(
      `NEXTAUTH_URL (${publicUrl}) does not answer: ${connectionFault(error)}.`,
      'Start the app. Check DNS, certificate, ingress, and that this machine may connect to the origin.',
    );
  }
  if (isDeployed || publicUrl.startsWith('https:')) return ok(`The app answers at ${publicUrl}.`);
  return ok(`The app answers at ${publicUrl}, over plain http, which only dev and demo accept.`);
}

/** A result is reused for a second, and one slow answer of Redis is no finding. */
const READY_PAUSE_MS = 1100;
const READY_ATTEMPTS = 6;

async function findReady() {
  for (let attempt = 1; ; attempt++) {
    const outcome = await readReadiness();
    if (outcome.status === 'ok' || attempt === READY_ATTEMPTS) return outcome;
    await sleep(READY_PAUSE_MS);
  }
}

async function readReadiness(): Promise<Outcome> {
  const { status, data } = await get('/api/health/ready');
  const parsed = Readiness.safeParse(data);
  if (!parsed.success)
    return fail(`Status ${status} to /api/health/ready.`, 'Look at the log of the replica that answers.');
  const { checks, reasons = {} } = parsed.data;
  const failed = (Object.keys(checks) as (keyof typeof checks)[]).filter((part) => checks[part] === 'failed');
  if (failed.length === 0) return ok('The replica that answers is ready.');
  const named = failed.map((part) => (reasons[part] === undefined ? part : `${part} (${reasons[part]})`));
  const found = `The replica that answers is not ready: ${named.join(', ')}.`;
  const todo = 'If these pass above, the replica has another configuration or network than the doctor.';
  return failed.every((part) => part === 'redis') ? warn(found, todo) : fail(found, todo);
}
