/** Implements Upstash's REST protocol: https://upstash.com/docs/redis/features/restapi */
import { z } from 'zod';
import { type Command, CommandError, type Commands } from './commands';

const commandSchema = z.array(z.union([z.string(), z.number()])).min(1);
const commandsSchema = z.array(commandSchema);

export interface RestRequest {
  /** The path with the query. */
  url: string;
  body: string;
  /** True if strings in the response are to be encoded as base64, as requested by `Upstash-Encoding: base64`. */
  base64: boolean;
}

export interface RestAnswer {
  status: number;
  body: unknown;
}

export async function answer(commands: Commands, request: RestRequest): Promise<RestAnswer> {
  const { pathname } = new URL(request.url, 'http://store');
  try {
    switch (pathname) {
      case '/':
        return one(await commands.run([parse(commandSchema, request.body)]), request.base64);
      case '/pipeline':
      case '/multi-exec':
        return many(await commands.run(parse(commandsSchema, request.body)), request.base64);
      default:
        return one(await commands.run([commandInPath(pathname, request.body)]), request.base64);
    }
  } catch (error) {
    if (error instanceof CommandError) return { status: 400, body: { error: error.message } };
    throw error;
  }
}

/** Returns the command in the path. `/set/key` with a value as body is `SET key value`. */
function commandInPath(pathname: string, body: string): Command {
  const command = pathname.slice(1).split('/').map(decodeURIComponent);
  return body === '' ? command : [...command, body];
}

function parse<T>(schema: z.ZodType<T>, body: string): T {
  let json: unknown;
  try {
    json = JSON.parse(body);
  } catch {
    throw new CommandError('ERR failed to parse the request body: it is not JSON');
  }
  const parsed = schema.safeParse(json);
  if (!parsed.success)
    throw new CommandError('ERR the request body is not an array of commands and arguments');
  return parsed.data;
}

function one([reply]: unknown[], base64: boolean): RestAnswer {
  return reply instanceof CommandError
    ? { status: 400, body: { error: reply.message } }
    : { status: 200, body: { result: encode(reply, base64) } };
}

function many(replies: unknown[], base64: boolean): RestAnswer {
  return {
    status: 200,
    body: replies.map((reply) =>
      reply instanceof CommandError ? { error: reply.message } : { result: encode(reply, base64) },
    ),
  };
}

function encode(reply: unknown, base64: boolean): unknown {
  if (Array.isArray(reply)) return reply.map((item) => encode(item, base64));
  if (typeof reply === 'string')
    return base64 && reply !== 'OK' ? Buffer.from(reply).toString('base64') : reply;
  return reply ?? null;
}
