/** The tokens of one command: minted as they are needed, renewed before they expire, and revoked at the end. */
import type { Client, Job, MintedToken, MintOptions, Repository } from '../index.js';
import { type Credential, NoAnswer } from './credential-protocol.js';
import { CommandError, EXIT } from './exit-codes.js';
import { waitUntilServed } from './served.js';

export interface Scope {
  /** Restricts the session to these repositories. Without them: whatever the caller may read. */
  repositories?: readonly string[];
  installationId?: number;
  /** Restricts git to the repositories of this account. */
  owner?: string;
}

/** A request of git for a credential. */
export interface GitRequest {
  protocol: string;
  host: string;
  /** Undefined without `credential.useHttpPath`. */
  repository: string | undefined;
}

export class Session {
  /** One job of the client for each scope of a token. A job renews its token, and revokes it at the end. */
  readonly #jobs = new Map<string, Promise<Job>>();
  readonly #running: Promise<unknown>[] = [];
  readonly #found = new Map<string, Promise<Repository | undefined>>();
  readonly #served = new Map<string, Promise<void>>();
  #unrevoked = 0;
  #isClosed = false;
  #end: () => void = () => {};
  readonly #ended = new Promise<void>((resolve) => {
    this.#end = resolve;
  });

  constructor(
    private readonly client: Client,
    private readonly scope: Scope = {},
  ) {}

  /** Returns a token for the whole scope, with at least five minutes left. */
  async token(): Promise<Credential> {
    const { repositories, installationId } = this.scope;
    const job = await this.#job('scope', {
      ...(repositories !== undefined && { repositories: [...repositories] }),
      ...(installationId !== undefined && { installation_id: installationId }),
    });
    return asCredential(await job.token());
  }

  /**
   * Finds a repository that the caller may read.
   *
   * @throws CommandError if there is none of this name
   */
  async locate(fullName: string): Promise<{ cloneUrl: string }> {
    const found = await this.#find(fullName);
    if (found === undefined)
      throw new CommandError(EXIT.notFound, `${fullName} does not exist, or this caller may not read it.`);
    return { cloneUrl: found.clone_url };
  }

  /**
   * Returns the origin of GitHub's clone URLs.
   *
   * @throws CommandError if the caller may read no repository
   */
  async origin(): Promise<string> {
    const origin = await this.#anyOrigin();
    if (origin === undefined) throw new CommandError(EXIT.notFound, 'This caller may read no repository.');
    return origin;
  }

  /**
   * Returns a credential for git, for GitHub's own host and granted repositories only.
   *
   * @throws NoAnswer for any other host, protocol, account or repository
   */
  async forGit({ protocol, host, repository }: GitRequest): Promise<Credential> {
    if (repository === undefined) return this.#forHost(protocol, host);
    if (!this.#covers(repository)) throw new NoAnswer(`${repository} is not a part of this command.`);
    const found = await this.#find(repository);
    if (found === undefined) throw new NoAnswer(`${repository} was not granted.`);
    assertOrigin(new URL(found.clone_url).origin, protocol, host);
    const token = await this.#tokenFor(found);
    await this.#untilServed(found.clone_url, token);
    return asCredential(token);
  }

  /** Revokes every token of this session. Returns the number of tokens that could not be revoked. */
  async close(): Promise<number> {
    this.#isClosed = true;
    this.#end();
    await Promise.allSettled(this.#running);
    return this.#unrevoked;
  }

  async #forHost(protocol: string, host: string): Promise<Credential> {
    if (this.scope.owner !== undefined) throw new NoAnswer('git named no repository.');
    const origin = await this.#anyOrigin();
    if (origin === undefined) throw new NoAnswer('this caller may read no repository.');
    assertOrigin(origin, protocol, host);
    return this.token();
  }

  async #anyOrigin(): Promise<string | undefined> {
    for await (const { clone_url } of this.client.repositories({ limit: 1 }))
      return new URL(clone_url).origin;
    return undefined;
  }

  #covers(repository: string): boolean {
    const { repositories, owner } = this.scope;
    const name = repository.toLowerCase();
    if (owner !== undefined && !name.startsWith(`${owner.toLowerCase()}/`)) return false;
    return repositories === undefined || repositories.some((each) => each.toLowerCase() === name);
  }

  /** GitHub compares names without regard to case. */
  #find(fullName: string): Promise<Repository | undefined> {
    return once(this.#found, fullName.toLowerCase(), async (name) => {
      const { installationId } = this.scope;
      const query = { q: name, ...(installationId !== undefined && { installation_id: installationId }) };
      for await (const row of this.client.repositories(query))
        if (row.full_name.toLowerCase() === name) return row;
      return undefined;
    });
  }

  /** Returns the token of the whole scope if it is there and covers the repository, or else one for it alone. */
  async #tokenFor({ id, installation_id }: Repository): Promise<MintedToken> {
    const whole = await this.#jobs.get('scope')?.then((job) => job.token());
    const isCovered =
      whole?.installation_id === installation_id &&
      (whole.repositories?.some((each) => each.id === id) ?? true);
    if (whole && isCovered) return whole;
    const job = await this.#job(String(id), { repositories: [id], installation_id });
    return job.token();
  }

  #job(purpose: string, options: MintOptions): Promise<Job> {
    return once(this.#jobs, purpose, () => this.#begin(options));
  }

  /** Mints a token, and keeps its job running until the session is closed. */
  #begin(options: MintOptions): Promise<Job> {
    return new Promise((resolve, reject) => {
      // Nobody would revoke a token that is minted from now on.
      if (this.#isClosed) return reject(new NoAnswer('the command has ended.'));
      const onRevokeError = (): void => {
        this.#unrevoked += 1;
      };
      const running = this.client.withToken({ ...options, verify: true, onRevokeError }, (_, job) => {
        resolve(job);
        return this.#ended;
      });
      running.catch(reject);
      this.#running.push(running);
    });
  }

  #untilServed(cloneUrl: string, { value }: MintedToken): Promise<void> {
    return once(this.#served, `${value} ${cloneUrl}`, () => waitUntilServed(cloneUrl, value));
  }
}

/** Returns the result of the first call for this key, unless the call failed. */
function once<T>(known: Map<string, Promise<T>>, key: string, work: (key: string) => Promise<T>): Promise<T> {
  const earlier = known.get(key);
  if (earlier !== undefined) return earlier;
  const result = work(key);
  known.set(key, result);
  result.catch(() => known.delete(key));
  return result;
}

function asCredential({ value, expires_at }: MintedToken): Credential {
  return { token: value, expiresAt: new Date(expires_at) };
}

/**
 * Lets a credential out only to the scheme, host and port of the control plane's own clone URLs.
 *
 * @throws NoAnswer for any other
 */
function assertOrigin(origin: string, protocol: string, host: string): void {
  const { protocol: scheme, host: expected, port } = new URL(origin);
  const withPort = port === '' ? `${expected}:${scheme === 'https:' ? 443 : 80}` : expected;
  if (`${protocol}:` === scheme && [expected, withPort].includes(host.toLowerCase())) return;
  throw new NoAnswer(`${JSON.stringify(`${protocol}://${host}`)} is not ${origin}.`);
}
