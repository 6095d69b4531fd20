import type { ProblemCode } from '@/lib/problem';

/** Tells callers how to react to each problem code. */
export const PROBLEM_HELP: Record<ProblemCode, string> = {
  invalid_request: 'Correct what `errors` names. Unknown fields and parameters are refused too.',
  unauthenticated:
    'Send a valid credential. A key may have been revoked, have expired, or be of another environment. An identity token mints once, and needs a trust rule of the workspace that `X-Workspace` names.',
  invalid_signature: 'Only GitHub’s signed deliveries are taken. Compare the webhook secret on both sides.',
  forbidden:
    'Your role is too low for this, or the request does not come from our own pages. An API key may be bound to other networks, or its workspace forbids keys; `detail` says which.',
  not_found: 'Nothing has this name, or nothing that you may know of: the two are answered alike.',
  not_connected: 'Connect GitHub in the settings of the workspace.',
  installation_suspended: 'Unsuspend the installation on GitHub. No token is minted until then.',
  installation_deleted: 'The App was uninstalled. Connect GitHub again.',
  installation_already_connected: 'Another workspace has it. Disconnect it there first.',
  payload_too_large: 'Send a smaller body.',
  unsupported_media_type: 'Send `Content-Type: application/json`.',
  installation_ambiguous:
    'The request points to no installation, or to several. Send the `installation_id` of one in `errors`, or name repositories of one account.',
  repository_not_accessible:
    'GitHub does not share the repository with us, or the key is not bound to it. Choose it on GitHub, then sync.',
  rate_limited:
    'Wait for `Retry-After` seconds. Limits count client addresses, and for exports, searches and syncs workspaces.',
  internal: 'Our fault. Try again; if it lasts, tell us the `request_id`.',
  github_error:
    'GitHub refused a request of ours. `cause` names why, and `detail` says what to do: not every refusal passes by itself.',
  github_unavailable:
    'GitHub did not answer, or shows the installation no longer. Try again after `Retry-After` seconds.',
  minting_stopped:
    'The operator has stopped issuing tokens, for everybody, your workspace or this key; `detail` says which, and why. Try again after `Retry-After` seconds; it lasts until the operator starts it again.',
  audit_unavailable: 'The audit row could not be written, so no token was released. Try again.',
  overloaded:
    'Too many large requests arrive at the same time, or the issuer of the identity token does not answer. Try again after `Retry-After` seconds.',
  database_unavailable: 'Try again after `Retry-After` seconds.',
  webhook_secret_not_configured:
    'The operator has to set `GITHUB_WEBHOOK_SECRET`. GitHub can redeliver after that.',
};
