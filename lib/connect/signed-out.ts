import { findAttempt } from './attempts';
import { settingsPage } from './destinations';

/** Returns where a user continues after signing in again, if the session ended during the visit to GitHub. */
export async function signedOutPage(state: string | undefined): Promise<string> {
  const attempt = state === undefined ? null : await findAttempt(state);
  return settingsPage(attempt?.workspace.slug, attempt === null ? 'unknown_attempt' : 'signed_out');
}
