/** Asks the platform for an identity token, by the protocol that each platform publishes. */
import { isSafe } from './address.js';
import { PulseStreamError } from './errors.js';
import { exchange, type Fetch } from './exchange.js';
import { parseJson } from './problem.js';
import { readCredential } from './read-credential.js';

export type AmbientName = keyof typeof AMBIENT;

/** Everything that a source of identity tokens may use. */
export type IdentityRequest = {
  /** The audience that the token must name: the origin of the control plane, unless another was chosen. */
  audience: string;
  signal: AbortSignal;
};

type Platform = IdentityRequest & { fetch: Fetch };

/** The folder that a pod mounts a projected token at, because Kubernetes mounts one with our audience nowhere itself. */
const KUBERNETES_FILE = '/var/run/secrets/pulsestream/token';

export const AMBIENT = {
  'github-actions': githubActions,
  kubernetes: () => readCredential(KUBERNETES_FILE),
  google,
  azure,
} as const satisfies Record<string, (platform: Platform) => Promise<string>>;

/**
 * Requests a token for a job with the permission `id-token: write`.
 *
 * @see https://docs.github.com/en/actions/reference/security/oidc
 */
async function githubActions({ audience, ...platform }: Platform): Promise<string> {
  const url = withQuery(required('ACTIONS_ID_TOKEN_REQUEST_URL', 'permissions: id-token: write'), {
    audience,
  });
  const bearer = required('ACTIONS_ID_TOKEN_REQUEST_TOKEN', 'permissions: id-token: write');
  if (!isSafe(new URL(url))) throw unavailable('ACTIONS_ID_TOKEN_REQUEST_URL is not an https URL.');
  return field(
    'value',
    await request(platform, url, { authorization: `Bearer ${bearer}`, accept: 'application/json' }),
  );
}

/**
 * Requests an identity token of the default service account. Compute Engine, Cloud Run and GKE serve this.
 *
 * @see https://cloud.google.com/compute/docs/instances/verifying-instance-identity
 */
async function google({ audience, ...platform }: Platform): Promise<string> {
  const host = process.env.GCE_METADATA_HOST ?? 'metadata.google.internal';
  const path = '/computeMetadata/v1/instance/service-accounts/default/identity';
  const url = withQuery(`http://${host}${path}`, { audience, format: 'full' });
  const { headers, text } = await request(platform, url, { 'metadata-flavor': 'Google' });
  // Another server at this name does not send the header.
  if (headers.get('metadata-flavor') !== 'Google')
    throw unavailable(`${host} is not Google's metadata server.`);
  return text;
}

/**
 * Requests an access token of the managed identity. `audience` is the application ID URI that stands for the control
 * plane in Entra ID.
 *
 * @see https://learn.microsoft.com/entra/identity/managed-identities-azure-resources/how-to-use-vm-token
 * @see https://learn.microsoft.com/azure/app-service/overview-managed-identity
 */
async function azure({ audience: resource, ...platform }: Platform): Promise<string> {
  const { IDENTITY_ENDPOINT: endpoint, IDENTITY_HEADER: header, AZURE_CLIENT_ID: client } = process.env;
  const query = { resource, ...(client === undefined ? {} : { client_id: client }) };
  const answer =
    endpoint !== undefined && header !== undefined
      ? await request(platform, withQuery(endpoint, { ...query, 'api-version': '2019-08-01' }), {
          'x-identity-header': header,
        })
      : await request(
          platform,
          withQuery('http://169.254.169.254/metadata/identity/oauth2/token', {
            ...query,
            'api-version': '2018-02-01',
          }),
          { metadata: 'true' },
        );
  return field('access_token', answer);
}

/** Sends a request to the platform. A failure is worth a retry unless the platform rejected the request itself. */
async function request(
  { fetch, signal }: Omit<Platform, 'audience'>,
  url: string,
  headers: Record<string, string>,
) {
  const answer = await exchange(fetch, url, { headers, signal }).catch((error: unknown) => {
    if (error instanceof PulseStreamError && error.code === 'unreachable')
      throw unavailable(error.message, 'safe');
    throw error;
  });
  if (answer.status === 200) return answer;
  const passing =
    answer.status === 404 || answer.status === 410 || answer.status === 429 || answer.status >= 500;
  throw unavailable(`${new URL(url).origin} answered HTTP ${answer.status}.`, passing ? 'safe' : 'no');
}

function field(name: string, { text }: { text: string }): string {
  const value = (parseJson(text) as Record<string, unknown> | null | undefined)?.[name];
  if (typeof value === 'string') return value;
  throw unavailable(`The platform's response has no field ${name}.`);
}

function withQuery(url: string, query: Record<string, string>): string {
  if (!URL.canParse(url)) throw unavailable('The address of the identity service is not a URL.');
  const parsed = new URL(url);
  for (const [name, value] of Object.entries(query)) parsed.searchParams.set(name, value);
  return parsed.href;
}

function required(variable: string, hint: string): string {
  const value = process.env[variable];
  if (value !== undefined && value !== '') return value;
  throw unavailable(`${variable} is not set. It needs ${hint}.`);
}

const unavailable = (message: string, retry: 'safe' | 'no' = 'no') =>
  new PulseStreamError('identity_unavailable', message, { retry });
