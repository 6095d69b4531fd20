/**
 * Runs the services of `compose.yaml` as processes of this machine: commands, environment and health checks are those of
 * the file and of its Dockerfiles. Only what a container's runtime adds is replaced: names of services, and volumes.
 */
import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { promisify } from 'node:util';
import { endWithParent } from '../process/end-with-parent';
import { runAsSuperuser } from '../services/postgres/databases';
import type { Postgres } from '../services/postgres/server';
import { type Compose, dockerfileOf, instructionOf, serviceOf } from './compose';

const execute = promisify(execFile);

export interface Places {
  /** Holds a folder for each volume. */
  folder: string;
  /** `HOST:PORT` on this machine, by that in the file. */
  addresses: Readonly<Record<string, string>>;
}

export interface ServiceProcess {
  command: [string, ...string[]];
  env: Record<string, string>;
  /** The image's working directory. */
  cwd: string;
  healthCheck: string[];
}

/** Returns how a service that is built here runs on this machine. `args` replace its command. */
export function processOf(
  compose: Compose,
  name: string,
  { folder, addresses }: Places,
  args?: readonly string[],
): ServiceProcess {
  const service = serviceOf(compose, name);
  const dockerfile = dockerfileOf(service) ?? '';
  const listOf = (instruction: string): string[] =>
    JSON.parse(instructionOf(dockerfile, instruction) || '[]');
  const here = (value: string): string => {
    let text = value.replaceAll('0.0.0.0', '127.0.0.1');
    for (const [from, to] of Object.entries(addresses)) text = text.replaceAll(from, to);
    for (const volume of service.volumes ?? []) {
      const [source = '', target = ''] = volume.split(':');
      mkdirSync(path.join(folder, source), { recursive: true });
      text = text.replace(new RegExp(`(?<![\\w/.])${target}(?![\\w-])`, 'g'), path.join(folder, source));
    }
    return text;
  };
  const [program = '', ...entrypoint] = listOf('ENTRYPOINT');
  const ofImage = instructionOf(dockerfile, 'ENV').split(' ').filter(Boolean);
  const env = {
    ...Object.fromEntries(ofImage.map((pair) => pair.split('=') as [string, string])),
    ...service.environment,
  };
  const command = [...entrypoint, ...(args ?? service.command ?? listOf('CMD'))].map(here);
  return {
    command: [here(program).replace(/^.*\bnode$/, process.execPath), ...command],
    env: Object.fromEntries(Object.entries(env).map(([key, value]) => [key, here(value)])),
    cwd: instructionOf(dockerfile, 'WORKDIR') === '/app' ? '.next/standalone' : '.',
    healthCheck: (service.healthcheck?.test.slice(2) ?? []).map(here),
  };
}

/** Runs a process to its end. Returns what it printed, and throws if it failed. */
export async function runToEnd({ command: [program, ...args], env, cwd }: ServiceProcess): Promise<string> {
  const { stdout, stderr } = await execute(program, args, { env: { NODE_ENV: 'production', ...env }, cwd });
  return stdout + stderr;
}

/** Starts a service in the background. `stop` returns its exit code. */
export function startProcess({ command: [program, ...args], env, cwd }: ServiceProcess) {
  const { PATH } = process.env;
  const child: ChildProcess = spawn(program, args, {
    env: { NODE_ENV: 'production', PATH, ...env },
    cwd,
    stdio: 'ignore',
  });
  endWithParent(child, { signal: 'KILL' });
  const ended = once(child, 'exit');
  return {
    stop: async (): Promise<number | null> => {
      child.kill('SIGTERM');
      await ended;
      return child.exitCode;
    },
  };
}

/** Runs the service's own health check once. */
export async function isHealthy({ healthCheck }: ServiceProcess): Promise<boolean> {
  return execute(process.execPath, healthCheck).then(
    () => true,
    () => false,
  );
}

/** Does what PostgreSQL's image does with an empty volume: the superuser runs the file's SQL. */
export async function runRolesSql({ server }: Pick<Postgres, 'server'>): Promise<void> {
  const statements = readFileSync('deploy/compose/roles.sql', 'utf8').split(/;$/m);
  await runAsSuperuser(server, async (client) => {
    // The local server comes with roles of the same names.
    await client.query('DROP ROLE pulsestream_owner, pulsestream_app');
    for (const statement of statements) await client.query(statement);
  });
}
