/**
 * Vitest's set-up file. It sends the app's log lines through `console`, so that Vitest knows which test wrote them and
 * prints them if that test fails. `local/test/log-file.ts` keeps the lines of all tests.
 */
const shared = globalThis as typeof globalThis & { pulsestreamLogWrite?: (line: string) => void };

shared.pulsestreamLogWrite = (line) => console.info(line.trimEnd());
