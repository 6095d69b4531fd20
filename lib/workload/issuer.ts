import { onePerProcess } from '../async';
import { log } from '../observability/log';
import { type IssuerDocuments, readIssuer } from './discovery';
import type { SigningKeys } from './signing-keys';

/** For how long keys are used without asking the issuer again, and so for how long a withdrawn key still counts. */
const FRESH_MS = 10 * 60_000;

/** For how long keys are used while the issuer can't be read. */
const USABLE_MS = 60 * 60_000;

/** The pause between two reads, whatever key ids tokens name. */
const PAUSE_MS = 60_000;

/** The pause after a failure, while there are no keys at all. */
const PAUSE_WITHOUT_KEYS_MS = 10_000;

/** The keys, or after how many seconds there may be some. */
export type KeysAnswer = { keys: SigningKeys } | { retryAfterSeconds: number };

/**
 * Keeps the keys of one issuer. All callers share one read at a time, and a failed read is remembered like a successful
 * one, so tokens can't make this process ask more often.
 */
export class Issuer {
  #keys: SigningKeys | undefined;
  #readAt = Number.NEGATIVE_INFINITY;
  #nextReadAt = Number.NEGATIVE_INFINITY;
  #reading: Promise<void> | undefined;

  /** @param now a monotonic clock, in milliseconds */
  constructor(
    readonly url: string,
    private readonly now = () => performance.now(),
    private readonly read: (issuer: string) => Promise<IssuerDocuments> = readIssuer,
  ) {}

  /** Returns the issuer's keys. Reads them first if they are too old, or lack this one. Never throws. */
  async keysFor(kid: string): Promise<KeysAnswer> {
    if (!this.#isFresh() || !this.#keys?.has(kid)) await this.#refresh();
    if (this.#keys !== undefined && this.#age() < USABLE_MS) return { keys: this.#keys };
    return { retryAfterSeconds: Math.max(1, Math.ceil((this.#nextReadAt - this.now()) / 1000)) };
  }

  #age(): number {
    return this.now() - this.#readAt;
  }

  #isFresh(): boolean {
    return this.#age() < FRESH_MS;
  }

  async #refresh(): Promise<void> {
    if (this.#reading === undefined && this.now() < this.#nextReadAt) return;
    this.#reading ??= this.#readNow();
    await this.#reading;
  }

  async #readNow(): Promise<void> {
    try {
      this.#keys = (await this.read(this.url)).keys;
      this.#readAt = this.now();
    } catch (error) {
      log.warn({ err: error, issuer: this.url }, 'the keys of a workload issuer could not be read');
    } finally {
      const hasKeys = this.#age() < USABLE_MS;
      this.#nextReadAt = this.now() + (hasKeys ? PAUSE_MS : PAUSE_WITHOUT_KEYS_MS);
      this.#reading = undefined;
    }
  }
}

const getIssuers = onePerProcess('workload issuers', () => new Map<string, Issuer>());

/** @param url one of `WORKLOAD_ISSUERS`, so that there are never more than the operator named */
export function issuerAt(url: string): Issuer {
  const known = getIssuers().get(url) ?? new Issuer(url);
  getIssuers().set(url, known);
  return known;
}
