import type { ExportFormat } from '@/lib/contract/audit-event';

const LINE_FEED = 0x0a;
const QUOTE = 0x22;

/**
 * Counts the events of an export as its bytes come, however they are cut. NDJSON has a line an event. A record of CSV
 * ends with a line feed that is not within quotes; a quote within quotes is written twice, and the first record is
 * the header. Neither byte is part of another character in UTF-8.
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
