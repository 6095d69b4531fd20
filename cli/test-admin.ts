/** Runs the operator's CLI in tests. */
import { execFile } from 'node:child_process';
import { vi } from 'vitest';
import { runAdmin } from './run-admin';

export type Outcome = { code: number; stdout: string; stderr: string };

/**
 * Runs a command in this process, which is 30 times faster than starting a new one. Commands run one after another,
 * because they share the process's output and exit code.
 */
export async function runHere(...args: string[]): Promise<Outcome> {
  const outcome: Outcome = { code: 0, stdout: '', stderr: '' };
  const spies = [
    vi.spyOn(console, 'log').mockImplementation((line) => {
      outcome.stdout += `${line}\n`;
    }),
    vi.spyOn(console, 'error').mockImplementation((line) => {
      outcome.stderr += `${line}\n`;
    }),
    vi.spyOn(process.stdout, 'write').mockImplementation((chunk, encodingOrDone, done) => {
      outcome.stdout += chunk;
      (typeof encodingOrDone === 'function' ? encodingOrDone : done)?.();
      return true;
    }),
  ];
  const before = process.exitCode;
  try {
    process.exitCode = 0;
    await runAdmin(args);
    outcome.code = Number(process.exitCode);
  } finally {
    process.exitCode = before;
    for (const spy of spies) spy.mockRestore();
  }
  return outcome;
}

/** Runs a command in a process of its own, with the given environment variables. */
export function runInProcess(args: string[], environment: Record<string, string>): Promise<Outcome> {
  return new Promise((resolve) => {
    execFile(
      process.execPath,
      ['--import', 'tsx', 'cli/admin.ts', ...args],
      { env: { PATH: process.env.PATH, NODE_ENV: 'test', ...environment } },
      (error, stdout, stderr) => resolve({ code: error === null ? 0 : Number(error.code), stdout, stderr }),
    );
  });
}
