/** How git is configured to get its credentials from this command. */
import path from 'node:path';
import { fileURLToPath } from 'node:url';

/** This command's own executable. Absolute, so that no other program of that name can take its place. */
const BINARY = path.join(path.dirname(fileURLToPath(import.meta.url)), '../../bin/pulsestream.js');

type Setting = readonly [key: string, value: string];

/** Returns the value of `credential.helper`: a line for the shell, because git adds the operation to it. */
export function helperLine(): string {
  return `!${quote(process.execPath)} ${quote(BINARY)} git-credential`;
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

/** Returns the settings for git inside `exec`. They hold for GitHub's host only. */
export function settingsForHost(origin: string): Setting[] {
  return [
    // The empty value removes the helpers configured so far, such as one that would store the token.
    [`credential.${origin}.helper`, ''],
    [`credential.${origin}.helper`, helperLine()],
    [`credential.${origin}.useHttpPath`, 'true'],
  ];
}

/**
 * Returns the settings for a clone. Only this command answers for credentials, whatever the host. Submodules by SSH are
 * fetched by HTTPS, because a token is no SSH key.
 */
export function settingsForClone(cloneUrl: string, { http1 }: { http1: boolean }): Setting[] {
  const { origin, hostname } = new URL(cloneUrl);
  return [
    ['credential.helper', ''],
    ['credential.helper', helperLine()],
    ['credential.useHttpPath', 'true'],
    ['http.sslVerify', 'true'],
    [`http.${origin}.sslVerify`, 'true'],
    [`url.${origin}/.insteadOf`, `git@${hostname}:`],
    [`url.${origin}/.insteadOf`, `ssh://git@${hostname}/`],
    ...(http1 ? ([['http.version', 'HTTP/1.1']] as const) : []),
  ];
}

/** Returns the settings as arguments of git. They reach every git that this one starts, and no `.git/config`. */
export function asArguments(settings: readonly Setting[]): string[] {
  return settings.flatMap(([key, value]) => ['-c', `${key}=${value}`]);
}
