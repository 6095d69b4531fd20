import type { ExportFormat } from '@/lib/contract/audit-event';

/** Thrown when the server refuses an export. `message` tells the user what to do next. */
export class ExportRefused extends Error {
  readonly title: string;

  constructor(title: string, message: string) {
    super(message);
    this.title = title;
  }
}

const TRY_AGAIN = 'Try again in a minute.';

/** The title and advice to show for each status. `refusal` composes the text for any status missing here. */
const REFUSALS: Record<number, [title: string, message: string]> = {
  401: ['You are signed out', 'Reload this page to sign in, then export again.'],
  403: ['Only admins can export', 'Ask an admin of this workspace to export the log.'],
  404: ['This workspace is gone for you', 'You may have been removed from it. Ask its owner.'],
};

async function refusal(response: Response): Promise<ExportRefused> {
  const known = REFUSALS[response.status];
  if (known) return new ExportRefused(...known);
  const problem: { detail?: string; request_id?: string } = await response.json().catch(() => ({}));
  // Either the network's limit or the workspace's may be used up. The server's message says which one.
  if (response.status === 429) return new ExportRefused('Not exported now', problem.detail ?? TRY_AGAIN);
  const id = problem.request_id === undefined ? '' : ` Request id: ${problem.request_id}`;
  return new ExportRefused('The server could not export the log', `${problem.detail ?? TRY_AGAIN}${id}`);
}

type Download = { href: string; signal: AbortSignal; onEvents: (events: number) => void };
export type Downloaded = { file: string; blob: Blob; events: number };

/**
 * Downloads an export into a blob, because browsers can keep a large blob on disk rather than in memory.
 *
 * @throws {ExportRefused} if the server refuses the export
 * @throws the error from `fetch` if the connection breaks, which is also how a failure on the server midway shows up
 */
export async function downloadExport({ href, signal, onEvents }: Download): Promise<Downloaded> {
  const response = await fetch(href, { signal });
  const file = /filename="([^"]+)"/.exec(response.headers.get('content-disposition') ?? '')?.[1];
  if (!response.ok || response.body === null || file === undefined) throw await refusal(response);
  const counter = new EventCounter(formatOf(file));
  const counted = response.body.pipeThrough(
    new TransformStream<Uint8Array, Uint8Array>({
      transform(bytes, controller) {
        counter.add(bytes);
        onEvents(counter.events);
        controller.enqueue(bytes);
      },
    }),
  );
  const type = response.headers.get('content-type') ?? '';
  const blob = await new Response(counted, { headers: { 'content-type': type } }).blob();
  return { file, blob, events: counter.events };
}

function formatOf(file: string): ExportFormat {
  return file.endsWith('.csv') ? 'csv' : 'ndjson';
}

const LINE_FEED = 0x0a;
const QUOTE = 0x22;

/**
 * Counts the events in an export as its bytes arrive, in chunks of any size. NDJSON has one event per line. A CSV
 * record ends at a line feed outside quotes, and the first record is the header. An escaped quote is two quotes, so it
 * leaves the quoting state as it was. Comparing single bytes is safe, because UTF-8 never uses a quote's or line feed's
 * byte inside another character.
 */
export class EventCounter {
  #records = 0;
  #inQuotes = false;
  readonly #format: ExportFormat;

  constructor(format: ExportFormat) {
    this.#format = format;
  }

  get events(): number {
    return this.#format === 'csv' ? Math.max(0, this.#records - 1) : this.#records;
  }

  add(bytes: Uint8Array): void {
    const hasQuotedLines = this.#format === 'csv';
    for (const byte of bytes) {
      if (byte === LINE_FEED && !this.#inQuotes) this.#records++;
      else if (byte === QUOTE && hasQuotedLines) this.#inQuotes = !this.#inQuotes;
    }
  }
}
