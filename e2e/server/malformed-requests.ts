/** Generates malformed webhook and API requests, the same ones for the same seed. None may have an effect but a sync. */
import { createHmac } from 'node:crypto';
import type { AppSettings } from 'offline-github';
import { SeededRandom, signDelivery } from 'offline-github/testing';

export interface Malformed {
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string | Buffer;
  /** The expected status. If omitted, any 4xx will do. */
  status?: number;
}

/** The customer whose requests are malformed. */
export interface FuzzedCustomer {
  seed: number;
  app: AppSettings;
  slug: string;
  apiKey: string;
  /** The `Authorization` header of the workspace's owner. */
  authorization: string;
  installationId: number;
}

const WEBHOOK = '/api/github/webhooks';
const NOBODYS_ID = '00000000-0000-4000-8000-000000000000';

/** Events that have an effect, each with the part of its payload that causes the effect. */
const EFFECTS = [
  ['installation', 'created', 'installation'],
  ['installation', 'deleted', 'installation'],
  ['installation', 'suspend', 'installation'],
  ['installation_repositories', 'added', 'repositories_removed'],
  ['installation_repositories', 'removed', 'repositories_removed'],
  ['repository', 'renamed', 'repository'],
  ['repository', 'deleted', 'repository'],
  ['repository', 'transferred', 'repository'],
] as const;

/** Returns a generator of requests for this customer. */
export function malformedRequests(given: FuzzedCustomer): () => Malformed {
  const { app, slug, apiKey, authorization, installationId } = given;
  const random = new SeededRandom(given.seed);
  /** Returns a random integer, at least `from` and below `to`. */
  const randomInt = (from: number, to: number) => from + Math.floor(random.next() * (to - from));
  const oneOf = <T>(choices: readonly T[]): T => {
    const chosen = choices[randomInt(0, choices.length)];
    if (chosen === undefined) throw new Error('nothing to choose from');
    return chosen;
  };
  const bytes = (length: number) => Buffer.from(Array.from({ length }, () => randomInt(0, 256)));

  /** Returns a value that no field accepts, because of its type, range, content or length. */
  const wrong = (): unknown =>
    oneOf<() => unknown>([
      () => null,
      () => -1,
      () => 1.5,
      () => 1e308,
      () => Number.MAX_SAFE_INTEGER + 1,
      () => true,
      () => '',
      () => '\u0000',
      () => '\ud800',
      () => "' OR 1=1 --",
      () => '../../etc/passwd',
      () => '💥'.repeat(randomInt(1, 2000)),
      () => ({}),
      () => JSON.parse('{"__proto__":{"admin":true},"constructor":1}'),
      () => [[[[]]]],
      () => Array.from({ length: randomInt(1, 600) }, () => 'x'),
    ])();

  /** Returns invalid JSON, arbitrary bytes, or valid JSON of the wrong shape. */
  function malformedJson(field: string, others: object = {}): string | Buffer {
    const json = JSON.stringify({ ...others, [oneOf([field, 'unknown_field'])]: wrong() });
    return oneOf<() => string | Buffer>([
      () => json,
      () => json.slice(0, -1),
      () => `${json}}`,
      () => bytes(randomInt(1, 400)),
      () => '[]',
      () => 'null',
      () => '['.repeat(randomInt(1, 5000)),
    ])();
  }

  /** Returns a payload that would end the connection if the app believed it. */
  const uninstall = () => ({
    action: 'deleted',
    installation: { id: installationId, account: { id: 30001, login: 'acme' } },
  });

  /** Returns a delivery with no signature, a wrong one, or one made with another secret. */
  function unsignedDelivery(): Malformed {
    const { headers, body } = signDelivery(app, 'installation', uninstall());
    const signature = oneOf([
      '',
      'sha256=',
      `sha256=${'0'.repeat(64)}`,
      `sha1=${'0'.repeat(40)}`,
      `sha256=${bytes(32).toString('hex')}`,
      bytes(40).toString('base64'),
    ]);
    const wronglySigned = { ...headers, 'X-Hub-Signature-256': signature };
    return {
      method: 'POST',
      path: WEBHOOK,
      headers: wronglySigned,
      body: oneOf([body, bytes(200)]),
      status: 401,
    };
  }

  /**
   * Returns a correctly signed delivery with content that GitHub would never send. The app accepts it, but does nothing
   * or only schedules a sync.
   */
  function signedDelivery(): Malformed {
    const [event, action, part] = oneOf(EFFECTS);
    const { headers, body: json } = signDelivery(app, event, { action, [part]: wrong() });
    const body = oneOf<() => string | Buffer>([
      () => json,
      () => json.slice(0, -1),
      () => `${json}}`,
      () => bytes(randomInt(50, 400)),
      () => '['.repeat(randomInt(1, 5000)),
    ])();
    const signature = createHmac('sha256', app.webhookSecret).update(body).digest('hex');
    const signed = { ...headers, 'X-Hub-Signature-256': `sha256=${signature}` };
    return { method: 'POST', path: WEBHOOK, headers: signed, body, status: 202 };
  }

  /** Returns a correctly signed delivery that lacks a header present on all of GitHub's deliveries. */
  function namelessDelivery(): Malformed {
    const { headers, body } = signDelivery(app, 'installation', uninstall());
    const name = oneOf(['X-GitHub-Delivery', 'X-GitHub-Event']);
    const { [name]: _, ...nameless } = headers;
    return { method: 'POST', path: WEBHOOK, headers: nameless, body, status: 400 };
  }

  function malformedCall(): Malformed {
    const key = { authorization: `Bearer ${apiKey}` };
    const user = { authorization };
    const json = { 'content-type': 'application/json' };
    const workspace = `/api/v1/workspaces/${slug}`;
    const query = `${oneOf(['cursor', 'limit', 'installation_id', 'from', 'ip', 'unknown'])}=${encodeURIComponent(
      oneOf(['-1', '1e9', 'x', '\u0000', '999999999999999999999', '%', '../..', "'--"]),
    )}`;
    const id = encodeURIComponent(oneOf(['x', '-1', '%00', '..', NOBODYS_ID, '9'.repeat(30)]));
    return oneOf<() => Malformed>([
      () => ({
        method: 'POST',
        path: '/api/v1/internal/github/token',
        headers: { ...key, ...json },
        body: malformedJson(oneOf(['installation_id', 'repositories'])),
      }),
      () => ({
        method: 'POST',
        path: '/api/v1/internal/github/token/revoke',
        headers: { ...key, ...json },
        body: malformedJson('token'),
      }),
      () => ({
        method: 'POST',
        path: `${workspace}/api-keys`,
        headers: { ...user, ...json },
        body: malformedJson(oneOf(['repositories', 'expires_in']), { name: 'fuzzed' }),
      }),
      () => ({ method: 'GET', path: `${workspace}/audit-events?${query}`, headers: user }),
      () => ({ method: 'GET', path: `${workspace}/github/repositories?${query}`, headers: user }),
      () => ({ method: 'DELETE', path: `${workspace}/github/installations/${id}`, headers: user }),
      () => ({ method: 'DELETE', path: `${workspace}/api-keys/${id}`, headers: user }),
      () => ({
        method: 'POST',
        path: '/api/v1/internal/github/token',
        headers: {
          authorization: `${oneOf(['Bearer', 'Basic', 'bearer ', ''])} ${bytes(60).toString('hex')}`,
        },
      }),
      () => ({ method: oneOf(['PUT', 'PATCH']), path: `${workspace}/api-keys`, headers: user }),
    ])();
  }

  const kinds = [
    unsignedDelivery,
    signedDelivery,
    namelessDelivery,
    malformedCall,
    malformedCall,
    malformedCall,
  ];
  return () => oneOf(kinds)();
}
