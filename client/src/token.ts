import type { inspect } from 'node:util';
import type { MintAnswer } from './api.js';

/**
 * An installation token of GitHub: read-only, valid for one hour at most. Its fields are those of the HTTP API. Only
 * `value` reveals the token: `console.log`, `JSON.stringify`, `String`, `structuredClone` and spreading never do.
 */
export class MintedToken {
  readonly #value: string;
  readonly expires_at: MintAnswer['expires_at'];
  readonly installation_id: MintAnswer['installation_id'];
  readonly account: MintAnswer['account'];
  readonly permissions: MintAnswer['permissions'];
  readonly repository_selection: MintAnswer['repository_selection'];
  /** The repositories that were asked for. Undefined if the token is for all of the installation's. */
  readonly repositories: MintAnswer['repositories'];

  constructor({ token, ...answer }: MintAnswer) {
    this.#value = token;
    this.expires_at = answer.expires_at;
    this.installation_id = answer.installation_id;
    this.account = answer.account;
    this.permissions = answer.permissions;
    this.repository_selection = answer.repository_selection;
    this.repositories = answer.repositories;
  }

  /** The token itself. Pass it on by a child's environment or standard input, never by its arguments. */
  get value(): string {
    return this.#value;
  }

  toString(): string {
    return `[MintedToken for ${this.account.login}, expires ${this.expires_at}]`;
  }

  [Symbol.for('nodejs.util.inspect.custom')](
    _depth: number,
    options: Parameters<typeof inspect>[1],
    print: typeof inspect,
  ): string {
    return `MintedToken ${print({ ...this, value: '[hidden]' }, options)}`;
  }
}
