/**
 * Messages for `/sign-in?error=CODE`: first our own codes, then next-auth's. This file is safe to bundle for the
 * browser.
 */
const SIGN_IN_ERRORS = {
  AccountExists:
    'There is already an account with this email address, and it signs in another way. Use the sign-in you used before.',
  EmailNotVerified:
    'The sign-in service did not confirm your email address. Verify it there, allow us to read it, and sign in again.',
  EmailClaimMissing:
    'The sign-in service sent no “email” claim. Ask its administrator to release your email address to this application.',
  EmailVerifiedClaimMissing:
    'The sign-in service sent no “email_verified” claim, so your email address cannot be relied on. Ask the operator of this application to check the sign-in service.',
  SignInUnavailable: 'Signing in failed on our side. Try again in a moment.',
  TooManyAttempts: 'Too many sign-in attempts from your network. Wait a minute and try again.',
  CredentialsSignin: 'Enter a valid email address.',
  AccessDenied: 'You declined the sign-in, or the sign-in service refused it.',
  OAuthSignin: 'The sign-in service cannot be reached. Try again in a moment.',
  OAuthCallback: 'The sign-in was interrupted or took too long. Start again.',
  Callback: 'The sign-in was interrupted or took too long. Start again.',
  SessionRequired: 'Sign in to see this page.',
} as const satisfies Record<string, string>;

/**
 * Returns the message for an error code. An unknown code gets a generic message and is never echoed.
 *
 * @param code comes from the URL, so it can be any text
 */
export function describeSignInError(code: string): string {
  return Object.hasOwn(SIGN_IN_ERRORS, code)
    ? SIGN_IN_ERRORS[code as keyof typeof SIGN_IN_ERRORS]
    : 'Signing in failed. Try again.';
}
