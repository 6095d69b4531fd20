import {
  createPrivateKey,
  createPublicKey,
  generateKeyPairSync,
  type KeyObject,
  randomBytes,
} from 'node:crypto';
import type { components } from '@octokit/openapi-types';
import { offlineSecret } from './secret';

export type Permissions = components['schemas']['app-permissions'];

/** What an operator reads and sets on a GitHub App's settings page. */
export interface AppSettings {
  id: number;
  slug: string;
  name: string;
  /** `id`: as servers of before May 2024, which take no client id for the issuer of an App JWT. */
  issuers?: 'id' | undefined;
  clientId: string;
  clientSecret: string;
  /** PEM (PKCS#1), as GitHub hands it out. */
  privateKey: string;
  webhookSecret: string;
  /** Null: no webhook is sent, deliveries are only logged. */
  webhookUrl: string | null;
  setupUrl: string | null;
  /** "Redirect on update": the Setup URL is visited after a changed selection, too. */
  setupOnUpdate: boolean;
  callbackUrls: string[];
  permissions: Permissions;
  events: string[];
}

/** RSA-2048 in PKCS#1, the form in which GitHub downloads a key. */
export function generatePrivateKey(): string {
  const { privateKey } = generateKeyPairSync('rsa', { modulusLength: 2048 });
  return privateKey.export({ type: 'pkcs1', format: 'pem' }).toString();
}

/** Fresh settings with random credentials; `given` wins. */
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
 * The public halves of the App's private keys. GitHub allows several at once, so that a key can be rotated.
 * https://docs.github.com/en/apps/creating-github-apps/authenticating-with-a-github-app/managing-private-keys-for-github-apps
 */
export class AppKeys {
  #keys = new Map<string, KeyObject>();

  constructor(pem: string) {
    this.add(pem);
  }

  /** Returns the key's fingerprint, with which it can be removed. */
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

/** A new `privateKey` replaces all keys. */
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
