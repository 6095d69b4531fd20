import { randomUUID } from 'node:crypto';
import { parseArgs } from 'node:util';
import { z } from 'zod';
import type { RequestOrigin } from '../lib/actor';
import { SYSTEM_CLI } from '../lib/actor';
import { assertAppIdentity } from '../lib/db/app-identity';

export type Command = {
  summary: string;
  /** The options, as shown in the help text. */
  usage: string;
  /**
   * @param args the arguments after the command's name
   * @returns the result to print as JSON, or `undefined` if the command has written its own output
   */
  run: (args: string[]) => Promise<object | undefined>;
};

/** Thrown if a command is used incorrectly. The message says how to correct it. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

/** True for an option without a value, such as `--dry-run`. Its schema is a boolean with a default. */
const isFlag = (option: unknown) => option instanceof z.ZodDefault && option.unwrap() instanceof z.ZodBoolean;

function parseOptions<S extends z.ZodObject>(schema: S, args: string[]): z.output<S> {
  const names = Object.keys(schema.shape);
  let values: Record<string, unknown>;
  try {
    const options = Object.fromEntries(
      names.map((name) => {
        const type = isFlag(schema.shape[name]) ? 'boolean' : 'string';
        return [name, { type, multiple: true } as const];
      }),
    );
    const given = Object.entries(parseArgs({ args, options, strict: true }).values);
    const isList = (name: string) => {
      const option = schema.shape[name];
      return (option instanceof z.ZodOptional ? option.unwrap() : option) instanceof z.ZodArray;
    };
    const twice = given.find(([name, all]) => Array.isArray(all) && all.length > 1 && !isList(name));
    if (twice !== undefined) throw new UsageError(`--${twice[0]} is given twice`);
    values = Object.fromEntries(
      given.map(([name, all]) => [name, Array.isArray(all) && !isList(name) ? all[0] : all]),
    );
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  const parsed = schema.safeParse(values);
  if (parsed.success) return parsed.data;
  const complaints = parsed.error.issues.map((issue) => {
    const name = String(issue.path[0]);
    return `--${name}: ${name in values ? issue.message : 'missing'}`;
  });
  throw new UsageError(complaints.join('\n'));
}

/**
 * Builds a command. Unknown options are rejected.
 *
 * @param spec.options the schema of all options. Each takes a value, except a boolean with a default. An array may be
 *   given several times
 */
export function command<S extends z.ZodObject>(spec: {
  summary: string;
  usage: string;
  options: S;
  /** True if these options need neither configuration nor database; false otherwise. */
  isOffline?: (options: z.output<S>) => boolean;
  run: (options: z.output<S>) => Promise<object | undefined>;
}): Command {
  const { summary, usage, options, isOffline, run } = spec;
  return {
    summary,
    usage,
    async run(args) {
      const parsed = parseOptions(options, args);
      // Like the server, the CLI refuses to work on the database of another App or environment.
      if (!isOffline?.(parsed)) await assertAppIdentity();
      return run(parsed);
    },
  };
}

/** Returns the actor and the origin recorded in the audit log for actions in the CLI. */
export function operator(): { actor: typeof SYSTEM_CLI; origin: RequestOrigin } {
  return { actor: SYSTEM_CLI, origin: { requestId: randomUUID(), clientIp: null, userAgent: null } };
}
