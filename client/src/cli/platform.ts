import { CommandError, EXIT } from './exit-codes.js';

/**
 * Refuses work whose credentials travel over a Unix socket: Node offers a named pipe on Windows instead, which is not
 * protected by the permissions of a folder.
 *
 * @param what the start of the sentence for the user, such as `pulsestream clone`
 * @throws CommandError on Windows
 */
export function assertUnixSockets(what: string, platform: NodeJS.Platform): void {
  if (platform !== 'win32') return;
  throw new CommandError(
    EXIT.unavailable,
    `${what} works on Linux and macOS only. On Windows use it inside WSL, or git with "pulsestream git-credential".`,
  );
}
