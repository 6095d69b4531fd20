/** Runs real `git` as a backend service does. git gets the token from its environment, never from argv or a file. */
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A credential helper that prints the token from the environment, so that git stores nothing. */
const HELPER =
  '!f() { test "$1" = get && printf "username=x-access-token\\npassword=%s\\n" "$INSTALLATION_TOKEN"; }; f';

export interface GitResult {
  ok: boolean;
  /** Standard output and error. git never prints credentials, so a credential in the output is a bug in our code. */
  output: string;
}

/**
 * Runs git.
 *
 * @param args git's arguments, without credentials
 * @param token the installation token that the credential helper prints
 */
export async function git(args: string[], token: string, cwd?: string): Promise<GitResult> {
  try {
    const { stdout, stderr } = await run(
      'git',
      ['-c', 'credential.helper=', '-c', `credential.helper=${HELPER}`, ...args],
      {
        ...(cwd === undefined ? {} : { cwd }),
        env: {
          PATH: process.env.PATH,
          HOME: cwd ?? process.cwd(),
          GIT_CONFIG_NOSYSTEM: '1',
          GIT_CONFIG_GLOBAL: '/dev/null',
          GIT_TERMINAL_PROMPT: '0',
          INSTALLATION_TOKEN: token,
          NODE_ENV: 'production',
        },
      },
    );
    return { ok: true, output: `${stdout}${stderr}`.trim() };
  } catch (error) {
    const { stdout = '', stderr = '' } = error as { stdout?: string; stderr?: string };
    return { ok: false, output: `${stdout}${stderr}`.trim() };
  }
}
