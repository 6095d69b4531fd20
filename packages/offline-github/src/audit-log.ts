import { randomUUID } from 'node:crypto';
import type { Clock } from './clock';

/**
 * The names of token kinds in GitHub's audit log.
 * https://docs.github.com/en/organizations/keeping-your-organization-secure/managing-security-settings-for-your-organization/identifying-audit-log-events-performed-by-an-access-token
 */
export type ProgrammaticAccessType = 'GitHub App server-to-server token' | 'GitHub App user-to-server token';

/** An entry of the audit log, with GitHub's field names. */
export interface AuditEntry {
  '@timestamp': number;
  _document_id: string;
  action: string;
  actor: string;
  actor_id: number | null;
  org?: string;
  org_id?: number;
  repo?: string;
  repo_id?: number;
  integration?: string;
  installation_id?: number;
  hashed_token?: string;
  programmatic_access_type?: ProgrammaticAccessType;
  request_method?: string;
  route?: string;
  transport_protocol_name?: 'http';
}

const CSV_FIELDS = [
  '@timestamp',
  'action',
  'actor',
  'org',
  'repo',
  'hashed_token',
  'programmatic_access_type',
  'request_method',
  'route',
  'installation_id',
  '_document_id',
] as const satisfies readonly (keyof AuditEntry)[];

/** Cap on stored entries. Older entries are dropped, so a long benchmark doesn't run out of memory. */
const KEPT = 200_000;

/** This GitHub's audit log. An entry's `hashed_token` can be used to find the same token in another service's log. */
export class AuditLog {
  #entries: AuditEntry[] = [];

  constructor(private readonly clock: Clock) {}

  add(entry: Omit<AuditEntry, '@timestamp' | '_document_id'>): void {
    this.#entries.push({ '@timestamp': this.clock.now(), _document_id: randomUUID(), ...entry });
    if (this.#entries.length > KEPT * 1.1) this.#entries = this.#entries.slice(-KEPT);
  }

  /** Returns the entries, oldest first. */
  list(filter: Partial<AuditEntry> = {}): AuditEntry[] {
    const wanted = Object.entries(filter);
    return this.#entries.filter((entry) =>
      wanted.every(([key, value]) => entry[key as keyof AuditEntry] === value),
    );
  }

  toCsv(): string {
    const rows = this.#entries.map((entry) => CSV_FIELDS.map((field) => csvCell(entry[field])).join(','));
    return `${[CSV_FIELDS.join(','), ...rows].join('\n')}\n`;
  }

  clear(): void {
    this.#entries = [];
  }
}

/**
 * Quotes a cell if necessary, and puts an apostrophe before text that a spreadsheet would run as a formula (`= + - @`).
 */
function csvCell(value: string | number | null | undefined): string {
  if (value === null || value === undefined) return '';
  const text = String(value);
  const safe = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text;
  return /[",\n\r]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
