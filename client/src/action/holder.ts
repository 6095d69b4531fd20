/**
 * The process that holds the tokens of a job from the action's main step to its post step. It keeps them in memory only,
 * renews them, and revokes them at the end.
 */
import { createServer } from 'node:net';
import path from 'node:path';
import { SESSION } from '../cli/environment.js';
import { describeFailure } from '../cli/failure.js';
import { settingsForHost } from '../cli/git.js';
import { Session } from '../cli/session.js';
import { serve } from '../cli/source.js';
import { type Client, createClient } from '../index.js';
import type { Ending } from './end-holder.js';
import type { Inputs } from './inputs.js';

/** Sent once, to the step that started this process. */
export type Report = { variables: Record<string, string>; end: string } | { failure: string };

const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

process.once('message', (inputs: Inputs) => void hold(inputs));

async function hold(inputs: Inputs): Promise<void> {
  try {
    const { repositories } = inputs;
    const session = new Session(clientOf(inputs), repositories.length > 0 ? { repositories } : {});
    try {
      await offer(session, inputs);
    } catch (error) {
      await session.close();
      throw error;
    }
  } catch (error) {
    report({ failure: describeFailure(error).message });
  }
}

function clientOf({ url, workspace, audience }: Inputs): Client {
  return createClient({
    url,
    workspace,
    auth: { ambient: 'github-actions' },
    userAgent: 'pulsestream-action',
    ...(audience !== undefined && { audience }),
  });
}

/** Checks that the job may read the repositories, and offers credentials to the following steps. */
async function offer(session: Session, { repositories, tokenVariable }: Inputs): Promise<void> {
  const end = async (): Promise<Ending> => ({ unrevoked: await session.close() });
  const exit = () => void end().then(() => process.exit());
  for (const signal of SIGNALS) process.once(signal, exit);
  // The main step was cancelled before it got the report.
  process.once('disconnect', exit);
  for (const name of repositories) await session.locate(name);
  const origin = await session.origin();
  const exported = tokenVariable && { [tokenVariable]: (await session.token()).token };
  const served = await serve(session);
  const socket = path.join(path.dirname(served.socket), 'end');
  await listen(socket, async () => {
    const ending = await end();
    await served.close();
    return ending;
  });
  process.off('disconnect', exit);
  report({
    variables: { ...gitVariables(process.env, origin), [SESSION]: served.socket, ...exported },
    end: socket,
  });
}

/** Serves the socket that ends this process. */
function listen(socket: string, end: () => Promise<Ending>): Promise<void> {
  const server = createServer((connection) => {
    connection.on('error', () => undefined);
    void end().then((ending) => connection.end(JSON.stringify(ending), () => process.exit()));
  });
  return new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(socket, resolve);
  });
}

/** Returns the variables that add our settings to those that the job has given git already. */
function gitVariables(env: NodeJS.ProcessEnv, origin: string): Record<string, string> {
  const first = Number.parseInt(env.GIT_CONFIG_COUNT ?? '0', 10) || 0;
  const settings = settingsForHost(origin);
  const entries = settings.flatMap(([key, value], index) => [
    [`GIT_CONFIG_KEY_${first + index}`, key],
    [`GIT_CONFIG_VALUE_${first + index}`, value],
  ]);
  return { ...Object.fromEntries(entries), GIT_CONFIG_COUNT: String(first + settings.length) };
}

function report(message: Report): void {
  process.send?.(message, () => {
    if ('failure' in message) process.exit(1);
    process.disconnect?.();
  });
}
