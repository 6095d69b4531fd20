import { hashToken } from './tokens';

export type AuthKind = 'app' | 'installation' | 'user' | 'client' | 'session' | 'none' | 'invalid';

export interface LoggedRequest {
  readonly id: string;
  /** Milliseconds since the epoch, by GitHub's clock. */
  readonly at: number;
  readonly method: string;
  /** Method and path as in GitHub's reference: `GET /app/installations/{installation_id}`. */
  readonly route: string;
  readonly path: string;
  readonly query: Record<string, string>;
  readonly body: unknown;
  status: number | null;
  auth: AuthKind;
  /** base64(SHA-256(credential)). The credential itself is not stored. */
  credentialHash: string | null;
  installationId: number | null;
  durationMs: number | null;
}

export interface RequestFilter {
  method?: string;
  route?: string;
  path?: string;
  auth?: AuthKind;
  status?: number;
  since?: number;
}

const KEPT = 50_000;
const SECRET_FIELDS = new Set([
  'access_token',
  'token',
  'client_secret',
  'code',
  'code_verifier',
  'refresh_token',
  'authenticity_token',
  'secret',
  'pem',
  'private_key',
]);

/** Records every request, so that tests can assert what a client sent. */
export class RequestLog {
  #entries: LoggedRequest[] = [];

  add(entry: LoggedRequest): void {
    this.#entries.push(entry);
    if (this.#entries.length > KEPT * 1.1) this.#entries = this.#entries.slice(-KEPT);
  }

  list(): readonly LoggedRequest[] {
    return this.#entries;
  }

  filter(wanted: RequestFilter): LoggedRequest[] {
    const { since = 0, ...equal } = wanted;
    const pairs = Object.entries(equal);
    return this.#entries.filter(
      (entry) =>
        entry.at >= since && pairs.every(([key, value]) => entry[key as keyof LoggedRequest] === value),
    );
  }

  clear(): void {
    this.#entries = [];
  }
}

/** Returns the value with every secret field replaced by its hash. */
export function redact(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(redact);
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, inner]) => [
      key,
      SECRET_FIELDS.has(key) && typeof inner === 'string' ? `sha256:${hashToken(inner)}` : redact(inner),
    ]),
  );
}
