/**
 * A Vitest reporter that writes everything that tests print to a file, including the app's log lines. A green run shows
 * none of it on the terminal.
 */
import { appendFileSync, mkdirSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import type { UserConsoleLog } from 'vitest';
import type { Reporter } from 'vitest/reporters';

/** The file is in a folder that `npm test` searches for secrets at the end (local/remains/folders.ts). */
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
