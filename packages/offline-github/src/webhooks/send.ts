import type { Delivery } from './delivery-log';
import type { SignedDelivery } from './sign';

/**
 * GitHub waits ten seconds for a receiver's response.
 * https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks
 */
const RECEIVER_TIMEOUT_MS = 10_000;
/** The delivery log keeps this many characters of a response. */
const KEPT_ANSWER = 4_096;

type Outcome = Pick<Delivery, 'status' | 'statusCode' | 'durationMs' | 'responseHeaders' | 'responsePayload'>;

/** Makes one delivery attempt. Never throws: failures are returned as an outcome too. */
export async function send(url: string, signed: SignedDelivery, closed: AbortSignal): Promise<Outcome> {
  const started = performance.now();
  const timeout = new Deadline(RECEIVER_TIMEOUT_MS);
  try {
    const response = await fetch(url, {
      method: 'POST',
      // A kept connection may be closed by the receiver just as the next delivery is written to it. That delivery would
      // be lost, as nothing repeats it.
      headers: { ...signed.headers, connection: 'close' },
      body: signed.body,
      redirect: 'manual',
      signal: AbortSignal.any([timeout.signal, closed]),
    });
    const text = await response.text();
    return {
      status: response.ok ? 'OK' : `Invalid HTTP Response: ${response.status}`,
      statusCode: response.status,
      durationMs: performance.now() - started,
      responseHeaders: Object.fromEntries(response.headers),
      responsePayload: text.slice(0, KEPT_ANSWER),
    };
  } catch {
    return {
      status: timeout.signal.aborted ? 'timed out' : 'failed to connect to host',
      statusCode: timeout.signal.aborted ? 504 : 502,
      durationMs: performance.now() - started,
      responseHeaders: null,
      responsePayload: null,
    };
  } finally {
    timeout.clear();
  }
}

const TICK_MS = 250;

/** Aborts after the given time, not counting any time during which this process was blocked. */
class Deadline {
  readonly #abort = new AbortController();
  readonly #timer: NodeJS.Timeout;

  constructor(ms: number) {
    let left = ms;
    // After a block, the event loop runs only one of the missed ticks, so a block of any length counts as one tick.
    this.#timer = setInterval(() => {
      left -= TICK_MS;
      if (left <= 0) this.#abort.abort();
    }, TICK_MS).unref();
  }

  get signal(): AbortSignal {
    return this.#abort.signal;
  }

  clear(): void {
    clearInterval(this.#timer);
  }
}
