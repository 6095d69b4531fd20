import { createHash, randomUUID } from 'node:crypto';
import type { Redis } from 'ioredis';
import RedisMock from 'ioredis-mock';

export type Command = (string | number)[];

/** The error of a command that Redis cannot run. */
export class CommandError extends Error {}

/**
 * An in-memory Redis. `ioredis-mock` runs the commands and the Lua scripts, and this class adds the script cache. Like
 * Redis, it runs commands, scripts and transactions one at a time.
 */
export class Commands {
  // Mocks for the same host share their data, so each instance gets its own host.
  readonly #redis: Redis = new RedisMock({ host: randomUUID() });
  readonly #scripts = new Map<string, string>();
  #last: Promise<unknown> = Promise.resolve();

  /** Runs `commands` with no other command in between. A failed command yields its error, and the rest still run. */
  run(commands: Command[]): Promise<(CommandError | unknown)[]> {
    const result = this.#last.then(async () => {
      const replies: unknown[] = [];
      for (const command of commands) {
        replies.push(await this.#runOne(command).catch((error: unknown) => asCommandError(error)));
      }
      return replies;
    });
    this.#last = result;
    return result;
  }

  /** Returns every key with its value. */
  async dump(): Promise<Record<string, unknown>> {
    const keys = await this.#redis.keys('*');
    const entries = await Promise.all(keys.map(async (key) => [key, await this.#valueOf(key)] as const));
    return Object.fromEntries(entries);
  }

  close(): void {
    this.#redis.disconnect();
  }

  async #runOne(command: Command): Promise<unknown> {
    const [name = '', ...args] = command.map(String);
    switch (name.toLowerCase()) {
      case 'eval':
        return this.#eval(args);
      case 'evalsha': {
        const [sha1 = '', ...rest] = args;
        const script = this.#scripts.get(sha1.toLowerCase());
        if (script === undefined) throw new CommandError('NOSCRIPT No matching script. Please use EVAL.');
        return this.#eval([script, ...rest]);
      }
      case 'script':
        return this.#script(args);
      default:
        return this.#native(name, args);
    }
  }

  #eval([script = '', keyCount = '', ...rest]: string[]): Promise<unknown> {
    this.#scripts.set(sha1Of(script), script);
    // Remove Upstash's hint about key locking, which is not valid Lua.
    return this.#redis.eval(script.replace(/^#!lua[^\n]*\n/, ''), Number(keyCount), ...rest);
  }

  #script([subcommand = '', ...args]: string[]): unknown {
    if (subcommand.toLowerCase() === 'load') {
      const [script = ''] = args;
      this.#scripts.set(sha1Of(script), script);
      return sha1Of(script);
    }
    if (subcommand.toLowerCase() === 'exists') return args.map((sha1) => (this.#scripts.has(sha1) ? 1 : 0));
    if (subcommand.toLowerCase() === 'flush') {
      this.#scripts.clear();
      return 'OK';
    }
    throw new CommandError(`ERR unknown subcommand '${subcommand}'`);
  }

  async #native(name: string, args: string[]): Promise<unknown> {
    const method: unknown = Reflect.get(this.#redis, name.toLowerCase());
    if (!/^[a-z]+$/i.test(name) || NOT_COMMANDS.has(name.toLowerCase()) || typeof method !== 'function') {
      throw new CommandError(`ERR Command is not available: '${name}'`);
    }
    // The mock accepts SET's options only in upper case, but Upstash's client sends them in lower case.
    const [key = '', value = '', ...options] = args;
    const given =
      name.toLowerCase() === 'set' ? [key, value, ...options.map((option) => option.toUpperCase())] : args;
    const reply: unknown = await method.apply(this.#redis, given);
    // Redis has no maps, so the protocol represents an object from ioredis as a flat list.
    if (typeof reply === 'object' && reply !== null && !Array.isArray(reply))
      return Object.entries(reply).flat();
    return reply;
  }

  async #valueOf(key: string): Promise<unknown> {
    switch (await this.#redis.type(key)) {
      case 'hash':
        return this.#redis.hgetall(key);
      case 'list':
        return this.#redis.lrange(key, 0, -1);
      case 'set':
        return this.#redis.smembers(key);
      case 'zset':
        return this.#redis.zrange(key, 0, '-1');
      default:
        return this.#redis.get(key);
    }
  }
}

/** Methods of the client that are not commands of the server. */
const NOT_COMMANDS = new Set([
  'connect',
  'constructor',
  'disconnect',
  'duplicate',
  'emit',
  'multi',
  'on',
  'once',
  'off',
  'pipeline',
  'quit',
  'subscribe',
]);

function asCommandError(error: unknown): CommandError {
  if (error instanceof CommandError) return error;
  const message = error instanceof Error ? error.message : String(error);
  return new CommandError(/^[A-Z]{3,} /.test(message) ? message : `ERR ${message}`);
}

function sha1Of(script: string): string {
  return createHash('sha1').update(script).digest('hex');
}
