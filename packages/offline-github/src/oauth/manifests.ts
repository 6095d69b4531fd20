import { randomBytes } from 'node:crypto';
import type { Clock } from '../clock';
import { type AppKeys, type AppSettings, createAppSettings, type Permissions } from '../settings';
import { hashToken } from '../tokens';

/**
 * A manifest's code expires after an hour.
 * https://docs.github.com/en/apps/sharing-github-apps/registering-a-github-app-from-a-manifest
 */
const LIFETIME_MS = 3_600_000;
const MAX_NAME = 34;

export interface Manifest {
  name: string;
  url: string;
  redirect_url: string | null;
  callback_urls: string[];
  setup_url: string | null;
  setup_on_update: boolean;
  hook_url: string | null;
  default_permissions: Permissions;
  default_events: string[];
}

export class ManifestError extends Error {
  override name = 'ManifestError';
}

const LOCAL_HOST = /^(localhost|127\.|0\.0\.0\.0|\[?::1)/;

/**
 * Parses and validates a manifest.
 *
 * @throws ManifestError with the message that GitHub's page shows
 */
export function parseManifest(text: string): Manifest {
  let given: Record<string, unknown>;
  try {
    given = JSON.parse(text) as Record<string, unknown>;
  } catch {
    throw new ManifestError('The manifest is not valid JSON.');
  }
  const hook = (given.hook_attributes ?? {}) as { url?: unknown };
  const manifest: Manifest = {
    name: typeof given.name === 'string' ? given.name : 'New App',
    url: requireUrl(given.url, 'url'),
    redirect_url: optionalUrl(given.redirect_url, 'redirect_url'),
    callback_urls: Array.isArray(given.callback_urls)
      ? given.callback_urls.map((each) => requireUrl(each, 'callback_urls'))
      : [],
    setup_url: optionalUrl(given.setup_url, 'setup_url'),
    setup_on_update: given.setup_on_update === true,
    hook_url: optionalUrl(hook.url, 'hook_attributes.url'),
    default_permissions: (given.default_permissions ?? {}) as Permissions,
    default_events: Array.isArray(given.default_events) ? given.default_events.map(String) : [],
  };
  if (manifest.name.length > MAX_NAME) throw new ManifestError(`Name is too long (at most ${MAX_NAME}).`);
  if (manifest.hook_url !== null && LOCAL_HOST.test(new URL(manifest.hook_url).host)) {
    throw new ManifestError('Hook url is not supported because it isn’t reachable over the public Internet.');
  }
  return manifest;
}

function requireUrl(value: unknown, field: string): string {
  if (typeof value === 'string' && URL.canParse(value)) return value;
  throw new ManifestError(`${field} must be a URL.`);
}

function optionalUrl(value: unknown, field: string): string | null {
  return value === undefined || value === null ? null : requireUrl(value, field);
}

/** Registers Apps from manifests. This GitHub has only one App, so converting a code replaces the App and its keys. */
export class Manifests {
  readonly #pending = new Map<string, { manifest: Manifest; ownerId: number; expiresAt: number }>();

  constructor(
    private readonly settings: AppSettings,
    private readonly keys: AppKeys,
    private readonly clock: Clock,
  ) {}

  /** @param ownerId the account that is to own the App */
  register(manifest: Manifest, ownerId: number): string {
    const code = randomBytes(20).toString('hex');
    this.#pending.set(hashToken(code), { manifest, ownerId, expiresAt: this.clock.now() + LIFETIME_MS });
    return code;
  }

  /** Consumes a code that was issued within the last hour and returns the new App. Returns null for any other code. */
  convert(code: string): AppSettings | null {
    const hash = hashToken(code);
    const pending = this.#pending.get(hash);
    this.#pending.delete(hash);
    if (!pending || pending.expiresAt <= this.clock.now()) return null;
    const { manifest, ownerId } = pending;
    const fresh = createAppSettings({
      id: this.settings.id + 1,
      ownerId,
      name: manifest.name,
      slug: manifest.name.toLowerCase().replace(/[^a-z0-9]+/g, '-'),
      callbackUrls: manifest.callback_urls,
      setupUrl: manifest.setup_url,
      setupOnUpdate: manifest.setup_on_update,
      webhookUrl: manifest.hook_url,
      permissions: { metadata: 'read', ...manifest.default_permissions },
      events: manifest.default_events,
    });
    Object.assign(this.settings, fresh);
    this.keys.replaceAll(fresh.privateKey);
    return fresh;
  }
}
