import { type ParseArgsConfig, parseArgs } from 'node:util';
import { CommandError, EXIT } from './exit-codes.js';

type Values = Record<string, string | boolean | (string | boolean)[] | undefined>;

export interface Arguments {
  values: Values;
  positionals: string[];
  env: NodeJS.ProcessEnv;
  platform: NodeJS.Platform;
}

/** A subcommand. `run` returns the exit code. */
export interface Command {
  summary: string;
  usage: string;
  options: NonNullable<ParseArgsConfig['options']>;
  run(given: Arguments): Promise<number>;
}

/**
 * Reads the arguments of a command.
 *
 * @throws CommandError for an option that the command does not have
 */
export function readArguments(command: Command, args: string[]): Pick<Arguments, 'values' | 'positionals'> {
  try {
    const options = { ...command.options, help: { type: 'boolean', short: 'h' } } as const;
    const { values, positionals } = parseArgs({ args, options, allowPositionals: true, strict: true });
    return { values, positionals };
  } catch (error) {
    throw new CommandError(EXIT.usage, (error as Error).message.split('\n')[0] ?? '');
  }
}

/** Returns the value of an option that takes one text. */
export function textOf(values: Values, name: string): string | undefined {
  const value = values[name];
  return typeof value === 'string' ? value : undefined;
}

/** Returns the values of an option that may be repeated, or undefined if there are none. */
export function textsOf(values: Values, name: string): string[] | undefined {
  const all = values[name];
  return Array.isArray(all) ? all.filter((value) => typeof value === 'string') : undefined;
}
