/**
 * Vitest's set-up file: sends the app's log lines through `console`, where Vitest knows which test wrote them. It
 * prints
 * them with a failing test, and `local/test/log-file.ts` keeps all of them.
 */
const shared = globalThis as typeof globalThis & { pulsestreamLogWrite?: (line: string) => void };

shared.pulsestreamLogWrite = (line) => console.info(line.trimEnd());
