import type { Payload } from './payload';

/**
 * Top-level fields that GitHub's published payloads have, in any event. `shape.test.ts` compares the list with
 * `@octokit/openapi-webhooks` and `@octokit/webhooks-schemas`.
 *
 * @see https://docs.github.com/en/webhooks/webhook-events-and-payloads
 */
export const KNOWN_FIELDS: ReadonlySet<string> = new Set(
  `account action after alert alerts answer approver assignee avatar_url base_ref before blocked_issue blocked_issue_id
  blocked_issue_repo blocked_user blocking_issue blocking_issue_id blocking_issue_repo branch branches build changes
  check_run check_suite client_payload comment commit commit_oid commits compare completed_at context created created_at
  custom_pattern_name custom_pattern_scope definition deleted deployment deployment_callback_url deployment_status
  description discussion effective_date enterprise environment event forced forkee head_commit hook hook_id id inputs
  installation invitation issue key label location marketplace_purchase master_branch member membership merge_group
  milestone name new_property_values number old_answer old_property_values organization package pages parent_issue
  parent_issue_id parent_issue_repo personal_access_token_request previous_marketplace_purchase project project_card
  project_column projects_v2 projects_v2_item projects_v2_status_update pull_request pull_requests pusher pusher_type
  reason ref ref_type registry_package release repositories repositories_added repositories_removed repository
  repository_advisory repository_ruleset repository_selection requested_action requested_reviewer requested_team requester requestor review
  reviewers rule scope secret_types security_advisory sender sha since source sponsorship starred_at started_at state
  status sub_issue sub_issue_id sub_issue_repo target_type target_url team thread type updated_at user workflow
  workflow_job workflow_job_run workflow_job_runs workflow_run zen`.split(/\s+/),
);

/** Fields that any event may carry. */
const COMMON = ['action', 'installation', 'organization', 'enterprise', 'sender'];

type Shape = {
  /** Narrower than GitHub's schemas, which allow a `repository` everywhere. */
  own: ReadonlySet<string>;
  /** Returns whether the payload names its subject in the form that only this event has. */
  hasSubject: (payload: Payload) => boolean;
};

const withCommon = (...fields: string[]): ReadonlySet<string> => new Set([...COMMON, ...fields]);

/** The events that take effect from their payload. */
const SHAPES: ReadonlyMap<string, Shape> = new Map([
  [
    'installation',
    {
      own: withCommon('repositories', 'requester'),
      // Other events name the installation by its id alone.
      hasSubject: ({ installation }) => installation?.hasAccountField === true,
    },
  ],
  [
    'installation_repositories',
    {
      own: withCommon('repositories_added', 'repositories_removed', 'repository_selection', 'requester'),
      hasSubject: ({ installation, fields }) =>
        installation !== undefined && fields.has('repositories_removed'),
    },
  ],
  [
    'repository',
    {
      own: withCommon('repository', 'changes'),
      hasSubject: ({ repository }) => repository !== undefined,
    },
  ],
]);

/**
 * Returns whether a payload has the shape of the event in `X-GitHub-Event`. The header is not signed, so another
 * event's body can be sent under it. Unknown fields are ignored, because GitHub adds some at any time.
 */
export function fitsEvent(event: string, payload: Payload): boolean {
  const shape = SHAPES.get(event);
  if (shape?.hasSubject(payload) !== true) return false;
  return ![...payload.fields].some((field) => KNOWN_FIELDS.has(field) && !shape.own.has(field));
}
