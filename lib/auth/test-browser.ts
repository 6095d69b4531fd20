/** A browser for tests, which keeps cookies, follows redirects, and signs in through next-auth's real handler. */
import type { NextApiRequest, NextApiResponse } from 'next';
import NextAuth, { type AuthOptions } from 'next-auth';

type Answer = { status: number; location: string | null; body: unknown };

export class TestBrowser {
  readonly cookies = new Map<string, string>();
  /** Every `Set-Cookie` header, exactly as next-auth sent it. */
  readonly setCookies: string[] = [];

  constructor(
    /** Replace them after a change of the app's configuration. */
    public options: AuthOptions,
    private readonly origin: string,
  ) {}

  /** Sends a request to next-auth. */
  async request(method: 'GET' | 'POST', path: string, form: Record<string, string> = {}): Promise<Answer> {
    const url = new URL(path, this.origin);
    const answer: Answer = { status: 200, location: null, body: undefined };
    const sent = new Map<string, unknown>();
    const response = {
      status(code: number) {
        answer.status = code;
        return response;
      },
      getHeader: (name: string) => sent.get(name.toLowerCase()),
      setHeader(name: string, value: unknown) {
        sent.set(name.toLowerCase(), value);
        return response;
      },
      json: (body: unknown) => {
        answer.body = body;
      },
      send: (body: unknown) => {
        answer.body = body;
      },
      end() {},
    };
    const request = {
      method,
      headers: { host: url.host },
      cookies: Object.fromEntries(this.cookies),
      query: { ...Object.fromEntries(url.searchParams), nextauth: url.pathname.split('/').slice(3) },
      body: method === 'POST' ? form : undefined,
    };
    // Call next-auth's handler for the pages router, because it runs outside Next. It shares all its code with the app
    // router's handler, which the app uses.
    await NextAuth(
      request as unknown as NextApiRequest,
      response as unknown as NextApiResponse,
      this.options,
    );
    this.keep((sent.get('set-cookie') as string[] | undefined) ?? []);
    const location = sent.get('location');
    answer.location = typeof location === 'string' ? location : null;
    return answer;
  }

  private keep(headers: string[]): void {
    this.setCookies.push(...headers);
    for (const header of headers) {
      const [pair = ''] = header.split(';');
      const at = pair.indexOf('=');
      this.cookies.set(pair.slice(0, at), decodeURIComponent(pair.slice(at + 1)));
    }
  }

  private async csrfToken(): Promise<string> {
    const { body } = await this.request('GET', '/api/auth/csrf');
    return (body as { csrfToken: string }).csrfToken;
  }

  /**
   * Clicks a provider's sign-in button.
   *
   * @returns next-auth's response, which redirects to the provider
   */
  async startSignIn(provider: string, callbackUrl = '/'): Promise<Answer> {
    const csrfToken = await this.csrfToken();
    return this.request('POST', `/api/auth/signin/${provider}`, { csrfToken, callbackUrl });
  }

  /**
   * Clicks a provider's sign-in button, passes the provider's page, and returns to the app.
   *
   * @returns next-auth's last response
   */
  async signIn(provider: string, callbackUrl = '/'): Promise<Answer> {
    const start = await this.startSignIn(provider, callbackUrl);
    if (start.location === null || start.location.startsWith(this.origin)) return start;
    const page = await fetch(start.location, { redirect: 'manual' });
    return this.request('GET', page.headers.get('location') ?? '');
  }

  async devLogin(email: string, callbackUrl = '/'): Promise<Answer> {
    const csrfToken = await this.csrfToken();
    return this.request('POST', '/api/auth/callback/dev-login', { csrfToken, email, callbackUrl });
  }

  async signOut(): Promise<Answer> {
    return this.request('POST', '/api/auth/signout', { csrfToken: await this.csrfToken() });
  }
}
