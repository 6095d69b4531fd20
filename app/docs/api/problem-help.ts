import type { ProblemCode } from '@/lib/problem';

/** Tells callers how to react to each problem code. */
export const PROBLEM_HELP: Record<ProblemCode, string> = {
  invalid_request: 'Fix the fields in `errors`. Unknown fields and parameters are refused too.',
  unauthenticated:
    'Send a valid credential. A key may have been revoked, have expired, or be of another environment. An identity token mints once, and needs a trust rule of the workspace that `X-Workspace` names.',
  invalid_signature:
    'Only deliveries signed by GitHub are accepted. Compare the webhook secret on both sides.',
  forbidden:
    'Your role doesn’t allow this, or the request doesn’t come from our pages. An API key may be bound to other networks, or its workspace may forbid keys; see `detail`.',
  not_found: 'Not found, or you don’t have access.',
  not_connected: 'Connect GitHub in the workspace’s settings.',
  installation_suspended: 'Unsuspend the installation on GitHub. No token is minted until then.',
  installation_deleted: 'The app was uninstalled. Connect GitHub again.',
  installation_already_connected:
    'The installation is connected to another workspace. Disconnect it there first.',
  payload_too_large: 'Send a smaller body.',
  unsupported_media_type: 'Send `Content-Type: application/json`.',
  installation_ambiguous:
    'The request points to no installation, or to several. Send the `installation_id` of one in `errors`, or name repositories of one account.',
  repository_not_accessible:
    'GitHub does not share the repository with us, or the key is not bound to it. Choose it on GitHub, then sync.',
  rate_limited:
    'Wait for `Retry-After` seconds. Limits count client addresses, and for exports, searches and syncs workspaces.',
  internal: 'The problem is on our side. Try again. If this continues, send support the `request_id`.',
  github_error: 'GitHub refused our request. See `cause` and `detail`: some refusals need action.',
  github_unavailable:
    'GitHub didn’t respond, or no longer lists the installation. Try again after `Retry-After` seconds.',
  minting_stopped:
    'The operator has stopped issuing tokens for everyone, your workspace or this key; see `detail`. Try again after `Retry-After` seconds.',
  audit_unavailable: 'The audit row could not be written, so no token was released. Try again.',
  evidence_unavailable: 'The operator has to set `EVIDENCE_SIGNING_KEY`. Nothing was recorded.',
  overloaded:
    'Too many large requests arrive at the same time, or the issuer of the identity token does not answer. Try again after `Retry-After` seconds.',
  database_unavailable: 'Try again after `Retry-After` seconds.',
  webhook_secret_not_configured: 'The operator must set `GITHUB_WEBHOOK_SECRET`. Then redeliver from GitHub.',
};
