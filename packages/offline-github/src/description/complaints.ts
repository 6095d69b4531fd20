/** A departure from GitHub's description: of this GitHub's in an answer or a webhook, or of the app's in a request. */
export interface Complaint {
  kind: 'answer' | 'request' | 'webhook';
  /** The operation or event: `GET /app`, `installation.created`. */
  where: string;
  what: string;
}

const KEPT = 100;

const shared = globalThis as typeof globalThis & { localGitHubComplaints?: Set<Complaints> };

/** What one local GitHub has to complain of. It is taken once: by the test that caused it, or by `close()`. */
export class Complaints {
  #list: Complaint[] = [];

  constructor() {
    shared.localGitHubComplaints ??= new Set();
    shared.localGitHubComplaints.add(this);
  }

  add(complaint: Complaint): void {
    if (this.#list.length < KEPT) this.#list.push(complaint);
  }

  /** Those since the last call. */
  take(): Complaint[] {
    return this.#list.splice(0);
  }

  /** @throws if there is one that nobody has taken */
  assertNone(): void {
    throwOf(this.take());
  }
}

/** After each test: fails the one that caused them. @throws */
export function assertNoComplaints(): void {
  throwOf([...(shared.localGitHubComplaints ?? [])].flatMap((each) => each.take()));
}

function throwOf(complaints: Complaint[]): void {
  if (complaints.length === 0) return;
  const lines = complaints.map(({ kind, where, what }) => `  ${kind} ${where}: ${what}`);
  throw new Error(`not as GitHub describes itself:\n${[...new Set(lines)].join('\n')}`);
}
