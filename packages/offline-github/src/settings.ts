import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import type { components } from '@octokit/openapi-types';

export type Permissions = components['schemas']['app-permissions'];

/** Prefix of the generated secrets for which GitHub defines no format. */
export const OFFLINE_SECRET_PREFIX = 'offline-github-secret-';

/** Returns a secret with 256 random bits. Its prefix makes it recognizable in a search for leaked secrets. */
export function offlineSecret(): string {
  return `${OFFLINE_SECRET_PREFIX}${randomBytes(32).toString('base64url')}`;
}

/** The URLs of this GitHub, without trailing slashes. They are empty until the server listens. */
export interface Urls {
  origin: string;
  web: string;
  api: string;
  /** The path prefixes of `web` and `api`: '' or '/like/this'. */
  readonly webBasePath: string;
  readonly apiBasePath: string;
}

/** The settings and credentials of the GitHub App. */
export interface AppSettings {
  id: number;
  slug: string;
  name: string;
  /** The account that registered the App. By default the first organization. */
  ownerId?: number | undefined;
  /** With `id`, only the App id is accepted as issuer of an App JWT, as on servers from before May 2024. */
  issuers?: 'id' | undefined;
  clientId: string;
  clientSecret: string;
  /** GitHub accepts each of an App's client secrets, so that a secret can be rotated. */
  secondClientSecret?: string | undefined;
  /** PEM (PKCS#1), the format in which GitHub issues keys. */
  privateKey: string;
  webhookSecret: string;
  /** If null, deliveries are logged but not sent. */
  webhookUrl: string | null;
  setupUrl: string | null;
  /** GitHub's option "Redirect on update": a changed selection leads to the Setup URL too. */
  setupOnUpdate: boolean;
  callbackUrls: string[];
  permissions: Permissions;
  events: string[];
}

/** Generates an RSA-2048 key in PKCS#1, the format in which GitHub issues keys. */
export function generatePrivateKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
}

/** Returns settings with random credentials. The fields in `given` take precedence. */
export function createAppSettings(given: Partial<AppSettings> = {}): AppSettings {
  return {
    id: 424242,
    slug: 'offline-app',
    name: 'Offline App',
    clientId: `Iv23li${randomBytes(7).toString('hex')}`,
    clientSecret: offlineSecret(),
    webhookSecret: offlineSecret(),
    webhookUrl: null,
    setupUrl: null,
    setupOnUpdate: true,
    callbackUrls: [],
    permissions: { contents: 'read', metadata: 'read' },
    events: ['repository'],
    ...given,
    privateKey: given.privateKey ?? generatePrivateKey(),
  };
}

/**
 * Holds the App's public keys. GitHub allows several, so that a key can be rotated.
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/managing-private-keys-for-github-apps
 */
export class AppKeys {
  #keys = new Map<string, KeyObject>();

  constructor(pem: string) {
    this.add(pem);
  }

  /** Adds a key. Returns its fingerprint, which `remove` takes. */
  add(pem: string): string {
    const key = createPublicKey(createPrivateKey(pem));
    const fingerprint = fingerprintOf(key);
    this.#keys.set(fingerprint, key);
    return fingerprint;
  }

  remove(fingerprint: string): boolean {
    return this.#keys.delete(fingerprint);
  }

  replaceAll(pem: string): void {
    this.#keys.clear();
    this.add(pem);
  }

  all(): KeyObject[] {
    return [...this.#keys.values()];
  }

  fingerprints(): string[] {
    return [...this.#keys.keys()];
  }
}

/** Changes settings. A new `privateKey` replaces all keys. */
export function configureApp(
  settings: AppSettings,
  keys: AppKeys,
  changes: Partial<AppSettings>,
): AppSettings {
  if (changes.privateKey !== undefined) keys.replaceAll(changes.privateKey);
  return Object.assign(settings, changes);
}

function fingerprintOf(key: KeyObject): string {
  const { n } = key.export({ format: 'jwk' });
  return String(n).slice(0, 24);
}
