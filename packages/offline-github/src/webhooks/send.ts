import type { Delivery } from './delivery-log';
import type { SignedDelivery } from './sign';

/** GitHub gives a receiver ten seconds. https://docs.github.com/en/webhooks/using-webhooks/best-practices-for-using-webhooks */
const RECEIVER_TIMEOUT_MS = 10_000;
/** How much of an answer the delivery log keeps. */
const KEPT_ANSWER = 4_096;

type Outcome = Pick<Delivery, 'status' | 'statusCode' | 'durationMs' | 'responseHeaders' | 'responsePayload'>;

/** One attempt; never throws: a failure is an outcome. */
export async function send(url: string, signed: SignedDelivery, closed: AbortSignal): Promise<Outcome> {
  const started = performance.now();
  const timeout = AbortSignal.timeout(RECEIVER_TIMEOUT_MS);
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: signed.headers,
      body: signed.body,
      redirect: 'manual',
      signal: AbortSignal.any([timeout, closed]),
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
      status: timeout.aborted ? 'timed out' : 'failed to connect to host',
      statusCode: timeout.aborted ? 504 : 502,
      durationMs: performance.now() - started,
      responseHeaders: null,
      responsePayload: null,
    };
  }
}
