import { readFile } from 'node:fs/promises';
import { PulseStreamError } from './errors.js';

/**
 * Reads a file with a key or an identity token.
 *
 * @throws {PulseStreamError} `identity_unavailable`
 */
export async function readCredential(file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    const { code = 'unreadable' } = error as NodeJS.ErrnoException;
    throw new PulseStreamError('identity_unavailable', `The file ${file} cannot be read: ${code}.`);
  }
}
