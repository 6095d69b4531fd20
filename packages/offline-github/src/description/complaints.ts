/** A violation of GitHub's description, by a response or webhook of this server or by a client's request. */
export interface Complaint {
  kind: 'answer' | 'request' | 'webhook';
  /** The operation or event: `GET /app`, `installation.created`. */
  where: string;
  what: string;
}

const MAX_COMPLAINTS = 100;

const shared = globalThis as typeof globalThis & { offlineGitHubComplaints?: Set<Complaints> };

/** Collects the complaints of one offline GitHub. The test that caused a complaint takes it, or `close()` does. */
export class Complaints {
  #list: Complaint[] = [];

  constructor() {
    shared.offlineGitHubComplaints ??= new Set();
    shared.offlineGitHubComplaints.add(this);
  }

  addAll(kind: Complaint['kind'], where: string, wrong: readonly string[]): void {
    for (const what of wrong) if (this.#list.length < MAX_COMPLAINTS) this.#list.push({ kind, where, what });
  }

  /** Returns the complaints since the last call. */
  take(): Complaint[] {
    return this.#list.splice(0);
  }

  /** @throws if a complaint was not taken */
  assertNone(): void {
    throwOf(this.take());
  }
}

/** Fails the test that caused a complaint, when it is called after each test. @throws */
export function assertNoComplaints(): void {
  throwOf([...(shared.offlineGitHubComplaints ?? [])].flatMap((each) => each.take()));
}

function throwOf(complaints: Complaint[]): void {
  if (complaints.length === 0) return;
  const lines = complaints.map(({ kind, where, what }) => `  ${kind} ${where}: ${what}`);
  throw new Error(`not as GitHub describes itself:\n${[...new Set(lines)].join('\n')}`);
}
