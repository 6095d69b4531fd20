/** A violation of GitHub's OpenAPI description, by a client's request or by a response or webhook from this server. */
export interface Complaint {
  kind: 'answer' | 'request' | 'webhook';
  /** The operation or event: `GET /app`, `installation.created`. */
  where: string;
  what: string;
}

const MAX_COMPLAINTS = 100;

const shared = globalThis as typeof globalThis & { offlineGitHubComplaints?: Set<Complaints> };

/** Collects the complaints of one offline GitHub. `close()` fails if there are complaints that no test has taken. */
export class Complaints {
  #list: Complaint[] = [];

  constructor() {
    shared.offlineGitHubComplaints ??= new Set();
    shared.offlineGitHubComplaints.add(this);
  }

  addAll(kind: Complaint['kind'], where: string, wrong: readonly string[]): void {
    for (const what of wrong) if (this.#list.length < MAX_COMPLAINTS) this.#list.push({ kind, where, what });
  }

  /** Returns the complaints collected since the last call, and clears them. */
  take(): Complaint[] {
    return this.#list.splice(0);
  }

  /** @throws if any complaint is left */
  assertNone(): void {
    throwOf(this.take());
  }
}

/** Throws if any server in this process has complaints. Call this after each test, so that the test at fault fails. */
export function assertNoComplaints(): void {
  throwOf([...(shared.offlineGitHubComplaints ?? [])].flatMap((each) => each.take()));
}

function throwOf(complaints: Complaint[]): void {
  if (complaints.length === 0) return;
  const lines = complaints.map(({ kind, where, what }) => `  ${kind} ${where}: ${what}`);
  throw new Error(`not as GitHub describes itself:\n${[...new Set(lines)].join('\n')}`);
}
