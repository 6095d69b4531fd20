/** A browser without scripts and without a window. It follows redirects, keeps cookies and submits forms. */
import { type HTMLElement, parse } from 'node-html-parser';

const MAX_REDIRECTS = 20;

export class HttpBrowser {
  /** The URL of the current page. `status` and `html` come from the same response. */
  url = new URL('about:blank');
  status = 0;
  html = '';
  /** Every visited URL, redirects included, without fragments. */
  readonly visited: string[] = [];
  readonly #cookies = new Map<string, Map<string, string>>();

  /** @param stopsAt matches URLs at which to stop following redirects; `status` is 0 after such a stop */
  constructor(private readonly stopsAt: (url: URL) => boolean = () => false) {}

  /**
   * Opens a URL and follows redirects.
   *
   * @throws {Error} after too many redirects, or the error from `fetch`
   */
  async open(url: string, init: RequestInit = {}): Promise<void> {
    let target = new URL(url, this.url.protocol === 'about:' ? undefined : this.url);
    let request = init;
    for (let hops = 0; hops <= MAX_REDIRECTS; hops++) {
      const response = await this.#send(target, request);
      const location = response.headers.get('location');
      if (response.status < 300 || response.status >= 400 || location === null) {
        this.url = target;
        this.status = response.status;
        this.html = await response.text();
        return;
      }
      await response.body?.cancel();
      target = new URL(location, target);
      if (this.stopsAt(target)) {
        Object.assign(this, { url: target, status: 0, html: '' });
        return;
      }
      // 307 and 308 keep the method. After any other redirect, a browser sends GET.
      if (response.status < 307) request = {};
    }
    throw new Error(`too many redirects, the last one to ${target.origin}${target.pathname}`);
  }

  async #send(target: URL, init: RequestInit): Promise<Response> {
    this.visited.push(`${target.origin}${target.pathname}${target.search}`);
    const jar = this.#cookies.get(target.origin) ?? new Map<string, string>();
    this.#cookies.set(target.origin, jar);
    const headers = new Headers(init.headers);
    if (jar.size > 0) headers.set('cookie', [...jar].map(([name, value]) => `${name}=${value}`).join('; '));
    const response = await fetch(target, { ...init, headers, redirect: 'manual' });
    for (const line of response.headers.getSetCookie()) {
      const [pair = ''] = line.split(';');
      const [name = '', ...value] = pair.split('=');
      if (/;\s*max-age=0\b/i.test(line) || value.join('=') === '') jar.delete(name);
      else jar.set(name, value.join('='));
    }
    return response;
  }

  /** Stores a cookie as if the origin had set it. */
  setCookie(origin: string, name: string, value: string): void {
    this.#cookies.set(origin, (this.#cookies.get(origin) ?? new Map<string, string>()).set(name, value));
  }

  /** Returns the cookies of one origin, so that a test can call its API as this browser's user. */
  cookieHeader(origin: string): string {
    return [...(this.#cookies.get(origin) ?? [])].map(([name, value]) => `${name}=${value}`).join('; ');
  }

  /**
   * Presses a button: submits its form with the form's current values, which `fields` may override.
   *
   * @param button the button's visible text or its `aria-label`
   * @throws {Error} if the page has no such button
   */
  async press(button: string, fields: Record<string, string | string[]> = {}): Promise<void> {
    const page = parse(this.html);
    const found = page.querySelectorAll('button').find((each) => nameOf(each) === button);
    const form = found?.closest('form');
    if (!found || !form) throw new Error(`no button "${button}" on ${this.url.pathname}`);
    const body = formFields(form, found);
    for (const [name, value] of Object.entries(fields)) {
      body.delete(name);
      for (const item of [value].flat()) body.append(name, item);
    }
    const action = new URL(form.getAttribute('action') || this.url.href, this.url);
    await this.open(action.href, {
      method: 'POST',
      headers: { origin: this.url.origin },
      body: form.getAttribute('enctype') === 'multipart/form-data' ? toMultipart(body) : body,
    });
  }

  /**
   * Follows the link whose text contains `text`.
   *
   * @throws {Error} if there is no such link
   */
  async follow(text: string): Promise<void> {
    const link = parse(this.html)
      .querySelectorAll('a[href]')
      .find((each) => each.textContent.includes(text));
    if (!link) throw new Error(`no link "${text}" on ${this.url.pathname}`);
    await this.open(new URL(link.getAttribute('href') ?? '', this.url).href);
  }

  get text(): string {
    return parse(this.html).textContent.replace(/\s+/g, ' ').trim();
  }
}

/** Encodes fields as multipart, because a browser without scripts submits a server action that way. */
function toMultipart(fields: URLSearchParams): FormData {
  const form = new FormData();
  for (const [name, value] of fields) form.append(name, value);
  return form;
}

function nameOf(button: HTMLElement): string {
  return button.getAttribute('aria-label') ?? button.textContent.replace(/\s+/g, ' ').trim();
}

function formFields(form: HTMLElement, pressed: HTMLElement): URLSearchParams {
  const body = new URLSearchParams();
  for (const input of form.querySelectorAll('input[name]')) {
    const type = input.getAttribute('type') ?? 'text';
    const unchecked = (type === 'checkbox' || type === 'radio') && !input.hasAttribute('checked');
    if (!unchecked && type !== 'submit')
      body.append(input.getAttribute('name') ?? '', input.getAttribute('value') ?? '');
  }
  const name = pressed.getAttribute('name');
  if (name !== undefined) body.append(name, pressed.getAttribute('value') ?? '');
  return body;
}
