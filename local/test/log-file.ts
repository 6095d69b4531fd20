/**
 * Vitest's reporter that writes to a file what the tests print, the app's log lines included: a green run shows none.
 */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { UserConsoleLog } from 'vitest';
import type { Reporter } from 'vitest/reporters';

/** Within a folder that `npm test` searches for secrets in the end (local/demo/traces.ts). */
const FILE = process.env.VITEST_LOG ?? 'test-results/vitest.log';

export default class LogFile implements Reporter {
  onInit(): void {
    mkdirSync(path.dirname(FILE), { recursive: true });
    writeFileSync(FILE, '');
  }

  onUserConsoleLog({ content }: UserConsoleLog): void {
    appendFileSync(FILE, content);
  }
}
