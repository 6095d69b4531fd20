/** Runs the real nginx and HAProxy in front of two replicas, with the exact configuration from docs/operations.md. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endWithParent } from '../process/end-with-parent';
import { findFreePort } from '../process/free-port';
import { canMakeCertificate, makeCertificate } from './certificate';
import { findProgram } from './debian-programs';

export type ProxyName = 'nginx' | 'haproxy';

export interface RunningProxy {
  /** The TLS port on 127.0.0.1, with a self-signed certificate. */
  port: number;
  close(): Promise<void>;
}

/** Returns the first program that this machine lacks to run the proxy, or `undefined` if none is missing. */
export function missingForProxy(name: ProxyName): string | undefined {
  if (findProgram(name) === undefined) return name;
  return canMakeCertificate() ? undefined : 'openssl';
}

/** Completes the documented configuration. Returns it with the arguments that start the program. */
const PROGRAMS: Record<ProxyName, (folder: string, text: string) => { settings: string; args: string[] }> = {
  nginx: (folder, text) => {
    const temporary = ['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
      (name) => `${name}_temp_path ${folder}/${name};`,
    );
    return {
      settings: `daemon off; pid ${folder}/pid; error_log stderr; events {}
http { access_log off; ${temporary.join(' ')}
${text} }`,
      args: ['-p', folder, '-c', path.join(folder, 'settings')],
    };
  },
  haproxy: (folder, text) => ({
    settings: `defaults
  mode http
  timeout connect 10s
  timeout client 60s
  timeout server 60s
${text}`,
    args: ['-db', '-f', path.join(folder, 'settings')],
  }),
};

/**
 * Starts a proxy with the documented configuration.
 *
 * @param replicas the ports of the two replicas
 * @throws if a program is missing or does not start
 */
export async function startProxy(
  name: ProxyName,
  replicas: readonly [number, number],
): Promise<RunningProxy> {
  const program = findProgram(name);
  if (program === undefined) throw new Error(`${name} is not on this machine`);
  const folder = await mkdtemp(path.join(tmpdir(), `pulsestream-${name}-`));
  // nginx's workers run as another user, so that user must be able to enter the folder.
  await chmod(folder, 0o755);
  const { certificate, key } = makeCertificate(folder);
  const both = await Promise.all([certificate, key].map((file) => readFile(file, 'utf8')));
  await writeFile(path.join(folder, 'certificate-and-key.pem'), both.join(''));
  const port = await findFreePort(21_000 + (process.pid % 400) * 10);
  const text = (await documented(name))
    .replaceAll('127.0.0.1:8443', `127.0.0.1:${port}`)
    .replaceAll('127.0.0.1:3000', `127.0.0.1:${replicas[0]}`)
    .replaceAll('127.0.0.1:3001', `127.0.0.1:${replicas[1]}`)
    .replace(/(?<=\s)[\w-]+\.pem\b/g, (file) => path.join(folder, file));
  const { settings, args } = PROGRAMS[name](folder, text);
  await writeFile(path.join(folder, 'settings'), settings);
  const child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const stopWatchdog = endWithParent(child, { signal: 'TERM', temporaryFolder: folder });
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (chunk: string) => {
    output = (output + chunk).slice(-4_000);
  });
  while (!(await accepts(port))) {
    if (child.exitCode !== null) throw new Error(`${name} did not start: ${output}`);
    await sleep(50);
  }
  return {
    port,
    close: async () => {
      if (child.exitCode === null && child.signalCode === null) {
        child.kill('SIGTERM');
        await once(child, 'exit');
      }
      stopWatchdog();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

/** Returns the first code block in this language from docs/operations.md. */
async function documented(language: string): Promise<string> {
  const operations = await readFile('docs/operations.md', 'utf8');
  const text = new RegExp(`\`\`\`${language}\\n([\\s\\S]*?)\`\`\``).exec(operations)?.[1];
  if (text === undefined) throw new Error(`docs/operations.md has no ${language}`);
  return text;
}

async function accepts(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}
