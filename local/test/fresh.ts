/**
 * Vitest's set-up file for test files that share a worker. Each file loads our modules anew. It also finds the
 * environment variables and process-wide values as they were before the first file. Packages stay loaded, which saves
 * loading time.
 */
import { vi } from 'vitest';

const shared = globalThis as typeof globalThis & {
  /** Set by `onePerProcess` in lib/async.ts. */
  pulsestream?: Map<string, unknown>;
  pulsestreamVariables?: NodeJS.ProcessEnv;
};

vi.resetModules();
delete shared.pulsestream;
shared.pulsestreamVariables ??= { ...process.env };
for (const name of Object.keys(process.env))
  if (!(name in shared.pulsestreamVariables)) delete process.env[name];
Object.assign(process.env, shared.pulsestreamVariables);
