import { findAttempt } from './attempts';
import { settingsPage } from './destinations';

/** Where somebody goes on whose session ended at GitHub, once signed in again. */
export async function signedOutPage(state: string | undefined): Promise<string> {
  const attempt = state === undefined ? null : await findAttempt(state);
  return settingsPage(attempt?.workspace.slug, attempt === null ? 'unknown_attempt' : 'signed_out');
}
