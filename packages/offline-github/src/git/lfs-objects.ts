import { createHash, randomBytes } from 'node:crypto';
import type { Clock } from '../clock';

/** Identifies an object by the SHA-256 of its content, as a pointer file does. */
export interface LfsPointer {
  oid: string;
  size: number;
}

interface Ticket {
  content: Buffer;
  expiresAt: number;
}

/** GitHub signs its download links for a short time. */
const TICKET_SECONDS = 3_600;

/** Keeps Git LFS objects in memory, and issues links that need no credential. */
export class LfsObjects {
  readonly #contents = new Map<string, Buffer>();
  readonly #tickets = new Map<string, Ticket>();

  constructor(private readonly clock: Clock) {}

  put(repositoryId: number, content: Buffer): LfsPointer {
    const oid = createHash('sha256').update(content).digest('hex');
    this.#contents.set(`${repositoryId} ${oid}`, content);
    return { oid, size: content.length };
  }

  /** Returns the name of a new link to an object, or undefined if the repository lacks the object. */
  issueTicket(repositoryId: number, oid: string): { name: string; seconds: number } | undefined {
    const content = this.#contents.get(`${repositoryId} ${oid}`);
    if (content === undefined) return undefined;
    const name = randomBytes(16).toString('hex');
    this.#tickets.set(name, { content, expiresAt: this.clock.now() + TICKET_SECONDS * 1000 });
    return { name, seconds: TICKET_SECONDS };
  }

  redeem(name: string): Buffer | undefined {
    const ticket = this.#tickets.get(name);
    return ticket !== undefined && ticket.expiresAt > this.clock.now() ? ticket.content : undefined;
  }
}

/** Returns a pointer file. https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md#the-pointer */
export function pointerFile({ oid, size }: LfsPointer): string {
  return `version https://git-lfs.github.com/spec/v1\noid sha256:${oid}\nsize ${size}\n`;
}
