/**
 * Git's credential protocol: lines of `key=value`, ended by an empty line or the end of the input.
 *
 * @see https://git-scm.com/docs/git-credential#IOFMT
 */

export interface CredentialRequest {
  protocol: string;
  host: string;
  /** Sent only with `credential.useHttpPath`. */
  path: string | undefined;
  username: string | undefined;
  /** Set if the caller takes a ready-made `Authorization` header (git 2.46, Git LFS 3.6). */
  takesAuthType: boolean;
}

export interface Credential {
  token: string;
  expiresAt: Date;
}

/** Tells why git gets no credential. This is no failure: git then asks the next helper. */
export class NoAnswer extends Error {
  override readonly name = 'NoAnswer';
}

/** The username that GitHub documents for installation tokens. */
const USERNAME = 'x-access-token';

/** A token has to fit on one line. A space or control character would end it or begin another attribute. */
const ONE_WORD = /^[\x21-\x7e]{1,4096}$/;

/**
 * Reads a request of git.
 *
 * @throws NoAnswer for a line that is not `key=value`, and for a NUL or carriage return, which no URL of GitHub has
 */
export function parseRequest(input: string): CredentialRequest {
  const values = new Map<string, string>();
  const capabilities = new Set<string>();
  for (const line of input.split('\n')) {
    if (line === '') break;
    const at = line.indexOf('=');
    if (at < 1) throw new NoAnswer('git sent a line without "="');
    if (/[\0\r]/.test(line)) throw new NoAnswer('git sent a value with a control character');
    const key = line.slice(0, at);
    const value = line.slice(at + 1);
    if (key !== 'capability[]') values.set(key, value);
    else if (value === '') capabilities.clear();
    else capabilities.add(value);
  }
  return {
    protocol: values.get('protocol') ?? '',
    host: values.get('host') ?? '',
    path: values.get('path'),
    username: values.get('username') || undefined,
    takesAuthType: capabilities.has('authtype'),
  };
}

/** True unless git wants the password of another user, such as of `https://someone@github.com/`. */
export function wantsOurUser({ username }: CredentialRequest): boolean {
  return username === undefined || username === USERNAME;
}

/**
 * Writes the answer to git. With `authtype`, git gets a ready-made header instead of a password, marked `ephemeral`:
 * helpers such as `store` then have no password to keep.
 *
 * @throws Error if the token would not fit on one line
 */
export function formatAnswer({ takesAuthType }: CredentialRequest, { token, expiresAt }: Credential): string {
  if (!ONE_WORD.test(token)) throw new Error('the token has a character that git’s protocol cannot carry');
  const expiry = `password_expiry_utc=${Math.floor(expiresAt.getTime() / 1000)}`;
  const lines = takesAuthType
    ? [
        'capability[]=authtype',
        'authtype=Basic',
        `credential=${Buffer.from(`${USERNAME}:${token}`).toString('base64')}`,
        'ephemeral=1',
        expiry,
      ]
    : [`username=${USERNAME}`, `password=${token}`, expiry];
  return `${lines.join('\n')}\n\n`;
}
