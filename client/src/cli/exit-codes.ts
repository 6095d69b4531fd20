/**
 * The exit codes of this command, after `sysexits.h`. `clone` and `exec` also end as git or the command ended.
 *
 * @see https://man.openbsd.org/sysexits.3
 */
export const EXIT = {
  ok: 0,
  /** A check of `doctor` failed. */
  failed: 1,
  usage: 64,
  /** The repository or the account does not exist, or the caller may not read it. */
  notFound: 66,
  /** The control plane or GitHub does not work, or this command not on this platform. */
  unavailable: 69,
  internal: 70,
  /** A later attempt can succeed: throttled, or minting is stopped. */
  tryAgain: 75,
  /** The control plane refused the identity. */
  refused: 77,
  configuration: 78,
  notExecutable: 126,
  notInstalled: 127,
} as const;

/** Ends the command with a message for the person who ran it. */
export class CommandError extends Error {
  override readonly name = 'CommandError';

  constructor(
    readonly exitCode: number,
    message: string,
  ) {
    super(message);
  }
}
