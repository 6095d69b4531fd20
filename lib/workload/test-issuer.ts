/** Runs an OpenID Connect issuer of workload identity on this machine, with knobs for everything that can go wrong. */
import { generateKeyPairSync, type KeyObject, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { CompactSign, type JWTHeaderParameters } from 'jose';

type Claims = Record<string, unknown>;

/** @returns true if it has taken care of the request */
type Intervene = (request: IncomingMessage, response: ServerResponse) => boolean;

type SigningKey = { kid: string; alg: string; privateKey: KeyObject; published: object };

const GENERATORS = {
  RS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  PS256: () => generateKeyPairSync('rsa', { modulusLength: 2048 }),
  ES256: () => generateKeyPairSync('ec', { namedCurve: 'P-256' }),
  ES384: () => generateKeyPairSync('ec', { namedCurve: 'P-384' }),
  EdDSA: () => generateKeyPairSync('ed25519'),
} as const;

export function createSigningKey(
  alg: keyof typeof GENERATORS = 'RS256',
  kid: string = randomUUID(),
): SigningKey {
  const { privateKey, publicKey } = GENERATORS[alg]();
  return {
    kid,
    alg,
    privateKey,
    published: { ...publicKey.export({ format: 'jwk' }), kid, alg, use: 'sig' },
  };
}

/**
 * Starts an issuer. Its address is an issuer URL of `WORKLOAD_ISSUERS`.
 *
 * @param audience the `aud` of its tokens, unless their claims name another
 * @param path the path of the issuer's URL, such as `/id/CLUSTER`
 * @param alg the algorithm of its first key. RSA keys, as the platforms have them, take a second to make
 */
export async function startTestIssuer(
  audience: string,
  { path = '', alg = 'RS256' }: { path?: string; alg?: keyof typeof GENERATORS } = {},
) {
  const state = {
    keys: [createSigningKey(alg)] as SigningKey[],
    /** Changes the discovery document. */
    discovery: {} as Claims,
    /** Replaces the key set. */
    keySet: undefined as unknown,
    intervene: (() => false) as Intervene,
    /** How often its discovery document was asked for, and its key set. */
    discoveries: 0,
    keyReads: 0,
  };
  const server = createServer((request, response) => {
    const { pathname } = new URL(request.url ?? '/', url);
    if (pathname === `${path}/.well-known/openid-configuration`) state.discoveries++;
    if (pathname === `${path}/jwks`) state.keyReads++;
    if (state.intervene(request, response)) return;
    const document = documents()[pathname];
    response
      .writeHead(document === undefined ? 404 : 200, { 'content-type': 'application/json' })
      .end(JSON.stringify(document ?? {}));
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const url = `http://127.0.0.1:${(server.address() as AddressInfo).port}${path}`;

  const documents = (): Record<string, unknown> => ({
    [`${path}/.well-known/openid-configuration`]: {
      issuer: url,
      jwks_uri: `${url}/jwks`,
      response_types_supported: ['id_token'],
      subject_types_supported: ['public'],
      id_token_signing_alg_values_supported: ['RS256'],
      ...state.discovery,
    },
    [`${path}/jwks`]: state.keySet ?? { keys: state.keys.map(({ published }) => published) },
  });

  /** Signs these claims, and no others. */
  async function signExactly(
    claims: unknown,
    header: Partial<JWTHeaderParameters> = {},
    key = state.keys[0] ?? createSigningKey(alg),
  ): Promise<string> {
    return new CompactSign(Buffer.from(JSON.stringify(claims)))
      .setProtectedHeader({ alg: key.alg, kid: key.kid, ...header })
      .sign(key.privateKey);
  }

  /** Signs these claims, with issuer, audience and five minutes from now unless they say otherwise. */
  const sign = (claims: Claims, header?: Partial<JWTHeaderParameters>, key?: SigningKey): Promise<string> =>
    signExactly({ ...standardClaims(), ...claims }, header, key);

  const standardClaims = (): Claims => ({
    iss: url,
    aud: audience,
    ...times(300),
    jti: randomUUID(),
  });

  return {
    url,
    state,
    sign,
    signExactly,
    /** Signs a token as GitHub Actions does for a job, by default on the branch `main`. */
    signGitHubActions: (job: GitHubActionsJob, claims: Claims = {}) =>
      sign({ ...gitHubActionsClaims(job), ...claims }, { typ: 'JWT', x5t: 'example-thumbprint' }),
    /** Signs a token as a Kubernetes cluster does for a projected volume. */
    signKubernetes: (pod: KubernetesPod, claims: Claims = {}) =>
      sign({ aud: [audience], ...kubernetesClaims(pod), ...claims }),
    /** Publishes a new key, with which tokens are signed from now on, and withdraws the others. */
    rotateKeys: () => {
      state.keys = [createSigningKey(alg)];
    },
    stop: () =>
      new Promise<void>((resolve) => {
        server.close(() => resolve());
        server.closeAllConnections();
      }),
  };
}

export type TestIssuer = Awaited<ReturnType<typeof startTestIssuer>>;

function times(seconds: number): Claims {
  const iat = Math.floor(Date.now() / 1000);
  return { iat, nbf: iat, exp: iat + seconds };
}

/** @param repository as `owner/name` */
export type GitHubActionsJob = { repository: string; ref?: string; environment?: string };

/**
 * Returns the claims of a token of GitHub Actions. Its `nbf` is ten minutes before its `iat`.
 *
 * @see https://docs.github.com/en/actions/reference/security/oidc
 */
export function gitHubActionsClaims({
  repository,
  ref = 'refs/heads/main',
  environment,
}: GitHubActionsJob): Claims {
  const [owner] = repository.split('/');
  const { iat, exp } = times(300);
  return {
    sub: `repo:${repository}:${environment === undefined ? `ref:${ref}` : `environment:${environment}`}`,
    ...(environment === undefined ? {} : { environment }),
    ref,
    sha: '2f1b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d',
    repository,
    repository_owner: owner,
    actor_id: '12',
    repository_visibility: 'private',
    repository_id: '74',
    repository_owner_id: '65',
    run_id: '10685993555',
    run_number: '10',
    run_attempt: '2',
    runner_environment: 'github-hosted',
    actor: 'octocat',
    workflow: 'example-workflow',
    workflow_ref: `${repository}/.github/workflows/ci.yml@${ref}`,
    head_ref: '',
    base_ref: '',
    event_name: 'workflow_dispatch',
    ref_type: 'branch',
    ref_protected: 'true',
    job_workflow_ref: `${repository}/.github/workflows/ci.yml@${ref}`,
    nbf: Number(iat) - 600,
    iat,
    exp,
  };
}

export type KubernetesPod = { namespace: string; serviceAccount: string };

/**
 * Returns the claims of a token that the kubelet projects into a pod. Its `aud` is a list, and it has no `typ`.
 *
 * @see https://kubernetes.io/docs/reference/access-authn-authz/service-accounts-admin/#schema-for-service-account-private-claims
 */
export function kubernetesClaims({ namespace, serviceAccount }: KubernetesPod): Claims {
  return {
    ...times(3600),
    'kubernetes.io': {
      namespace,
      node: { name: 'my-node', uid: '646e7c5e-32d6-4d42-9dbd-e504e6cbe6b1' },
      pod: { name: 'my-pod', uid: '5e0bd49b-f040-43b0-99b7-22765a53f7f3' },
      serviceaccount: { name: serviceAccount, uid: '14ee3fa4-a7e2-420f-9f9a-dbc4507c3798' },
    },
    sub: `system:serviceaccount:${namespace}:${serviceAccount}`,
  };
}
