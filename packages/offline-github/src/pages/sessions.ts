import { randomBytes } from 'node:crypto';
import { deleteCookie, getCookie, setCookie } from 'hono/cookie';
import type { HttpContext } from '../http-env';
import type { State } from '../state/store';
import type { Account } from '../state/types';
import { hashToken } from '../tokens';

const COOKIE = 'local_github_session';

export interface Session {
  readonly user: Account;
  /** The CSRF token that every form contains. */
  readonly csrfToken: string;
}

/** Keeps the sessions of signed-in users. A cookie identifies each session. */
export class Sessions {
  readonly #sessions = new Map<string, { userId: number; csrfToken: string }>();

  constructor(private readonly state: State) {}

  start(c: HttpContext, user: Account): void {
    const id = randomBytes(24).toString('base64url');
    this.#sessions.set(hashToken(id), { userId: user.id, csrfToken: randomBytes(24).toString('base64url') });
    setCookie(c, COOKIE, id, { httpOnly: true, sameSite: 'Lax', path: '/' });
  }

  end(c: HttpContext): void {
    this.#sessions.delete(hashToken(getCookie(c, COOKIE) ?? ''));
    deleteCookie(c, COOKIE, { path: '/' });
  }

  current(c: HttpContext): Session | null {
    const found = this.#sessions.get(hashToken(getCookie(c, COOKIE) ?? ''));
    const user = found && this.state.accounts.get(found.userId);
    return found && user ? { user, csrfToken: found.csrfToken } : null;
  }
}
