/** Runs the steps of an action as the runner of GitHub Actions does, by the protocol that GitHub publishes. */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterAll } from 'vitest';
import { parse } from 'yaml';
import type { Machine, Run } from '../cli/test-machine.js';

/** A step of a workflow, and what the log of the job shows of it. */
export type Step = Run & { log: string };

type Metadata = {
  inputs: Record<string, { default?: string }>;
  runs: { main: string; post: string };
};

/**
 * Serves identity tokens to jobs.
 *
 * @param issue returns a token for an audience
 * @see https://docs.github.com/en/actions/reference/security/oidc
 */
export async function startIdentityService(issue: (audience: string) => Promise<string>) {
  const bearer = randomUUID();
  const audiences: (string | null)[] = [];
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const isJob = request.headers.authorization === `Bearer ${bearer}`;
    if (pathname !== '/idtoken' || searchParams.get('api-version') !== '2.0' || !isJob)
      return response.writeHead(401).end();
    const audience = searchParams.get('audience');
    audiences.push(audience);
    const value = await issue(audience ?? 'https://github.com/acme');
    response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ count: 1, value }));
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  afterAll(() => {
    server.close();
    server.closeAllConnections();
  });
  return {
    audiences,
    variables: {
      ACTIONS_ID_TOKEN_REQUEST_URL: `http://127.0.0.1:${(server.address() as AddressInfo).port}/idtoken?api-version=2.0`,
      ACTIONS_ID_TOKEN_REQUEST_TOKEN: bearer,
    },
  };
}

/**
 * Serves the identity tokens of jobs of `acme/engine` on the branch `main`, which a trust rule of the machine's workspace
 * names.
 */
export async function startTrustedJobs(machine: Machine) {
  await machine.trust({ subject: 'repo:acme/engine:ref:refs/heads/main' });
  return startIdentityService((aud) =>
    machine.issuer.signGitHubActions({ repository: 'acme/engine' }, { aud }),
  );
}

/** Starts a job on a machine. `variables` are those that the runner gives every step. */
export async function startJob(machine: Machine, variables: Record<string, string>) {
  const temp = machine.folder(`runner-${randomUUID()}`);
  await mkdir(temp);
  const job: Record<string, string> = {
    GITHUB_ACTIONS: 'true',
    RUNNER_TEMP: temp,
    RUNNER_TRACKING_ID: `github_${randomUUID()}`,
    ...variables,
  };
  const state: Record<string, string> = {};
  const masked: string[] = [];

  const runStep = async (command: string, args: string[], env: Record<string, string>): Promise<Step> => {
    const files: Record<string, string> = {};
    for (const name of ['GITHUB_ENV', 'GITHUB_STATE', 'GITHUB_OUTPUT', 'GITHUB_PATH']) {
      files[name] = path.join(temp, `${name}-${randomUUID()}`);
      await writeFile(files[name], '');
    }
    const run = await machine.run(command, args, { cwd: temp, env: { ...job, ...env, ...files } });
    for (const [, value = ''] of run.stdout.matchAll(/^::add-mask::(.*)$/gm)) masked.push(value);
    Object.assign(job, await readFileCommands(files.GITHUB_ENV));
    Object.assign(state, await readFileCommands(files.GITHUB_STATE));
    const log = masked.reduce(
      (text, secret) => text.replaceAll(secret, '***'),
      `${run.stdout}${run.stderr}`.replace(/^::add-mask::.*$/gm, ''),
    );
    return { ...run, log };
  };

  return {
    temp,
    /** The environment of the following steps. */
    variables: job,
    /** Runs `uses:` with an action that was checked out to a folder. Returns how to run its post step. */
    uses: async (folder: string, inputs: Record<string, string>) => {
      const { runs, inputs: known }: Metadata = parse(
        await readFile(path.join(folder, 'action.yml'), 'utf8'),
      );
      const given = Object.entries(known).map(([name, { default: value = '' }]) => [
        `INPUT_${name.toUpperCase()}`,
        inputs[name] ?? value,
      ]);
      const env: Record<string, string> = Object.fromEntries(given);
      const main = await runStep(process.execPath, [path.join(folder, runs.main)], env);
      const post = () => {
        const saved = Object.entries(state).map(([name, value]) => [`STATE_${name}`, value]);
        return runStep(process.execPath, [path.join(folder, runs.post)], {
          ...env,
          ...Object.fromEntries(saved),
        });
      };
      return { main, post };
    },
    /** Runs a step with `run:`. */
    run: (script: string) => runStep('bash', ['--noprofile', '--norc', '-eo', 'pipefail', '-c', script], {}),
  };
}

/** Reads a file of `NAME<<DELIMITER` blocks. */
async function readFileCommands(file: string | undefined): Promise<Record<string, string>> {
  const text = file === undefined ? '' : await readFile(file, 'utf8');
  const found: Record<string, string> = {};
  const rest = text.replace(/^(\w+)<<(\S+)\n([\s\S]*?)\n\2\n/gm, (_, name: string, __, value: string) => {
    found[name] = value;
    return '';
  });
  if (rest !== '') throw new Error('The runner cannot read this file.');
  return found;
}
