/**
 * Passes credentials from the process that minted them to git's helpers and to nested commands. They travel over a Unix
 * socket in a folder that only this user can enter, so no token is in a file, an argument or git's environment.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { createConnection, createServer, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { type Credential, NoAnswer } from './credential-protocol.js';
import { CommandError, EXIT } from './exit-codes.js';
import { describeFailure } from './failure.js';
import type { GitRequest } from './session.js';

/** Where credentials come from: this process's own session, or that of the process around it. */
export interface Source {
  token(): Promise<Credential>;
  origin(): Promise<string>;
  locate(fullName: string): Promise<{ cloneUrl: string }>;
  forGit(request: GitRequest): Promise<Credential>;
}

type Question =
  | { ask: 'token' }
  | { ask: 'origin' }
  | { ask: 'locate'; fullName: string }
  | { ask: 'forGit'; request: GitRequest };

type Reply =
  | { credential: { token: string; expiresAt: string } }
  | { url: string }
  | { noAnswer: string }
  | { failure: { exitCode: number; message: string } };

/** A question is a few hundred bytes. More is no question of ours. */
const MAX_QUESTION_BYTES = 65_536;

/** Serves a source on a new socket until `close`. */
export async function serve(source: Source): Promise<{ socket: string; close(): Promise<void> }> {
  const folder = await mkdtemp(path.join(tmpdir(), 'pulsestream-'));
  const socket = path.join(folder, 'session');
  const connections = new Set<Socket>();
  const server = createServer({ allowHalfOpen: true }, (connection) => {
    connections.add(connection);
    connection.once('close', () => connections.delete(connection));
    // A helper that git ended needs no reply.
    connection.on('error', () => undefined);
    void reply(source, connection);
  });
  try {
    await new Promise<void>((resolve, reject) => {
      server.once('error', reject);
      server.listen(socket, resolve);
    });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
  return {
    socket,
    close: async () => {
      server.close();
      for (const connection of connections) connection.destroy();
      await rm(folder, { recursive: true, force: true });
    },
  };
}

async function reply(source: Source, connection: Socket): Promise<void> {
  const question = await readAll(connection).catch(() => '');
  connection.end(JSON.stringify(await answer(source, question)));
}

async function answer(source: Source, text: string): Promise<Reply> {
  try {
    const question: Question = JSON.parse(text);
    if (question.ask === 'origin') return { url: await source.origin() };
    if (question.ask === 'locate') return { url: (await source.locate(question.fullName)).cloneUrl };
    const credential = await (question.ask === 'token' ? source.token() : source.forGit(question.request));
    return { credential: { token: credential.token, expiresAt: credential.expiresAt.toISOString() } };
  } catch (error) {
    if (error instanceof NoAnswer) return { noAnswer: error.message };
    return { failure: describeFailure(error) };
  }
}

/** Returns the source of the `pulsestream` that listens on this socket. */
export function sourceAt(socket: string): Source {
  const ask = async (question: Question): Promise<Reply> => {
    const reply: Reply = JSON.parse(await exchange(socket, JSON.stringify(question)));
    if ('noAnswer' in reply) throw new NoAnswer(reply.noAnswer);
    if ('failure' in reply) throw new CommandError(reply.failure.exitCode, reply.failure.message);
    return reply;
  };
  const credential = async (question: Question): Promise<Credential> => {
    const reply = await ask(question);
    if (!('credential' in reply)) throw new Error('the session replied with something else');
    return { token: reply.credential.token, expiresAt: new Date(reply.credential.expiresAt) };
  };
  const url = async (question: Question): Promise<string> => {
    const reply = await ask(question);
    if (!('url' in reply)) throw new Error('the session replied with something else');
    return reply.url;
  };
  return {
    token: () => credential({ ask: 'token' }),
    forGit: (request) => credential({ ask: 'forGit', request }),
    origin: () => url({ ask: 'origin' }),
    locate: async (fullName) => ({ cloneUrl: await url({ ask: 'locate', fullName }) }),
  };
}

async function exchange(socket: string, question: string): Promise<string> {
  const connection = createConnection(socket);
  try {
    await new Promise<void>((resolve, reject) => {
      connection.once('error', reject);
      connection.once('connect', resolve);
    });
  } catch {
    throw new CommandError(
      EXIT.unavailable,
      'The pulsestream command that started this one has ended, and its tokens with it.',
    );
  }
  connection.end(question);
  return readAll(connection);
}

async function readAll(connection: Socket): Promise<string> {
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of connection.iterator({ destroyOnReturn: false }) as AsyncIterable<Buffer>) {
    bytes += chunk.length;
    if (bytes > MAX_QUESTION_BYTES) throw new Error('too long');
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString('utf8');
}
