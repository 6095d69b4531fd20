import { AMBIENT, type AmbientName, type IdentityRequest } from './ambient.js';
import { PulseStreamError } from './errors.js';
import type { Fetch } from './exchange.js';
import { readCredential } from './read-credential.js';

/** How the client proves which service it is. Exactly one of these. */
export type Auth =
  /** An API key of a workspace. */
  | { apiKey: string }
  /** A file with an API key. It is read for each request, so that a rotated key needs no restart. */
  | { apiKeyFile: string }
  /** A file with an OIDC token that somebody else renews, such as a projected token of Kubernetes. */
  | { identityTokenFile: string }
  /** A function that returns an OIDC token, called for each request. */
  | { token: (request: IdentityRequest) => string | Promise<string> }
  /** The identity that the platform gives this process. */
  | { ambient: AmbientName };

/** Returns a fresh credential for one request. */
export type CredentialSource = (request: IdentityRequest) => Promise<string>;

const SOURCES = {
  apiKey: (key) => async () => key,
  apiKeyFile: (file) => () => readCredential(file),
  identityTokenFile: (file) => () => readCredential(file),
  token: (create) => async (request) => create(request),
  ambient: (name, fetch) => (request) => AMBIENT[name]({ ...request, fetch }),
} as const satisfies {
  [Kind in KeysOf<Auth>]: (value: ValueOf<Auth, Kind>, fetch: Fetch) => CredentialSource;
};

type KeysOf<T> = T extends unknown ? keyof T : never;
type ValueOf<T, Key extends PropertyKey> = T extends Record<Key, infer Value> ? Value : never;

/** The longest credential that the control plane reads. */
const MAX_CHARACTERS = 16_384;

/**
 * Returns the source of credentials that `auth` names.
 *
 * @throws {PulseStreamError} `invalid_options`
 */
export function credentialSource(auth: Auth, fetch: Fetch): CredentialSource {
  const [kind, ...others] = Object.keys(auth ?? {}).filter((key) => key in SOURCES) as KeysOf<Auth>[];
  if (kind === undefined || others.length > 0)
    throw new PulseStreamError('invalid_options', `auth must be one of ${Object.keys(SOURCES).join(', ')}.`);
  const value: unknown = auth[kind as keyof Auth];
  if (typeof value !== (kind === 'token' ? 'function' : 'string') || value === '')
    throw new PulseStreamError('invalid_options', `auth.${kind} is empty or of the wrong type.`);
  if (kind === 'ambient' && !Object.hasOwn(AMBIENT, value as string))
    throw new PulseStreamError(
      'invalid_options',
      `auth.ambient must be one of ${Object.keys(AMBIENT).join(', ')}.`,
    );
  const source = (SOURCES[kind] as (value: unknown, fetch: Fetch) => CredentialSource)(value, fetch);
  return async (request) => check(await source(request).catch(toIdentityError(request)));
}

/**
 * Checks a credential before it gets into a header: `fetch` quotes an invalid header in its error.
 *
 * @throws {PulseStreamError} `identity_unavailable`
 */
function check(credential: unknown): string {
  const text = typeof credential === 'string' ? credential.trim() : '';
  if (text !== '' && text.length <= MAX_CHARACTERS && /^[\x21-\x7e]+$/.test(text)) return text;
  throw new PulseStreamError(
    'identity_unavailable',
    'The key or token is empty, too long or not one line of ASCII.',
  );
}

/** Hides the error of a caller's function, because its text may hold the token. Passes on our own and an abort. */
const toIdentityError =
  ({ signal }: IdentityRequest) =>
  (error: unknown): never => {
    signal.throwIfAborted();
    if (!(error instanceof PulseStreamError))
      throw new PulseStreamError('identity_unavailable', 'The function that returns the token failed.');
    throw error;
  };
