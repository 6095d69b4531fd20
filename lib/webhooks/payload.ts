import { z } from 'zod';
import { StorableText } from '../github/installations';

/**
 * The fields that the app reads from a payload. A field that cannot be parsed is left out and reported in `odd`, but
 * does not make the webhook invalid.
 */
export type Payload = {
  action?: string | undefined;
  installation?: DescribedInstallation | undefined;
  senderId?: number | undefined;
  requesterId?: number | undefined;
  removedRepositoryIds?: number[] | undefined;
  repository?: DescribedRepository | undefined;
  /** The account that owned the repository before a transfer (`repository.transferred`). */
  formerOwnerId?: number | undefined;
  /** Names of the payload's top-level fields, which show which event the payload belongs to. */
  fields: ReadonlySet<string>;
};

export type DescribedInstallation = {
  id: number;
  /**
   * True if the payload describes the installation's account. Only events about the installation itself do. Other
   * events contain just the installation's id.
   */
  hasAccountField: boolean;
  account?: DescribedAccount | undefined;
  repositorySelection?: 'all' | 'selected' | undefined;
};

export type DescribedAccount = { id: number; login: string; type: string };

export type DescribedRepository = { id: number; ownerId?: number | undefined };

/**
 * An integer that a JavaScript number represents exactly. A larger integer would be rounded, so it would identify a
 * different object.
 */
const Id = z.int().positive();

type Fields = Readonly<Record<string, unknown>>;

/** Reads the fields of one payload, and collects the paths of fields that cannot be parsed. */
class Reader {
  readonly odd: string[] = [];

  /**
   * Reads an object.
   *
   * @returns `undefined` for an absent, null or invalid value. Only an invalid value is reported as odd, because
   *   GitHub's schemas allow the other two
   */
  fields(value: unknown, path: string): Fields | undefined {
    if (value === undefined || value === null) return undefined;
    if (typeof value === 'object' && !Array.isArray(value)) return value as Fields;
    this.odd.push(path);
    return undefined;
  }

  id(value: unknown, path: string): number | undefined {
    if (value === undefined || value === null) return undefined;
    const { success, data } = Id.safeParse(value);
    if (!success) this.odd.push(path);
    return data;
  }

  /**
   * Reads text. Text that PostgreSQL can't store is left out: trying to store it would fail again on every redelivery.
   */
  text(value: unknown, path: string): string | undefined {
    if (value === undefined || value === null) return undefined;
    const { success, data } = StorableText.safeParse(value);
    if (!success) this.odd.push(path);
    return data;
  }

  /** Reads an object's id. A missing id is reported as odd, because the object is useless without one. */
  idOf(value: unknown, path: string): number | undefined {
    const fields = this.fields(value, path);
    if (fields === undefined) return undefined;
    if (fields.id === undefined || fields.id === null) this.odd.push(`${path}.id`);
    return this.id(fields.id, `${path}.id`);
  }

  ids(value: unknown, path: string): number[] | undefined {
    if (value === undefined || value === null) return undefined;
    if (!Array.isArray(value)) {
      this.odd.push(path);
      return undefined;
    }
    return value.flatMap((item, index) => {
      const id = this.idOf(item ?? {}, `${path}.${index}`);
      return id === undefined ? [] : [id];
    });
  }
}

/**
 * Reads the payload of any event.
 *
 * @returns `odd`: the paths of fields that could not be parsed, never their values
 */
export function readPayload(value: unknown): { payload: Payload; odd: string[] } {
  const reader = new Reader();
  const top = reader.fields(value, '(payload)') ?? {};
  if (value === null || value === undefined) reader.odd.push('(payload)');
  const repository = reader.fields(top.repository, 'repository');
  const repositoryId = reader.idOf(top.repository, 'repository');
  const payload: Payload = {
    action: reader.text(top.action, 'action'),
    installation: readInstallation(reader, top.installation),
    senderId: reader.idOf(top.sender, 'sender'),
    requesterId: reader.idOf(top.requester, 'requester'),
    removedRepositoryIds: reader.ids(top.repositories_removed, 'repositories_removed'),
    repository:
      repositoryId === undefined
        ? undefined
        : { id: repositoryId, ownerId: reader.idOf(repository?.owner, 'repository.owner') },
    formerOwnerId: readFormerOwner(reader, top.changes),
    fields: new Set(Object.keys(top)),
  };
  return { payload, odd: [...new Set(reader.odd)] };
}

function readInstallation(reader: Reader, value: unknown): DescribedInstallation | undefined {
  const path = 'installation';
  const id = reader.idOf(value, path);
  const fields = reader.fields(value, path);
  if (id === undefined || fields === undefined) return undefined;
  const selection = fields.repository_selection;
  if (selection !== undefined && selection !== null && selection !== 'all' && selection !== 'selected')
    reader.odd.push(`${path}.repository_selection`);
  return {
    id,
    hasAccountField: fields.account !== undefined,
    account: readAccount(reader, fields.account, `${path}.account`),
    repositorySelection: selection === 'all' || selection === 'selected' ? selection : undefined,
  };
}

/** Reads an account. An enterprise has a `slug` instead of a `login`. */
function readAccount(reader: Reader, value: unknown, path: string): DescribedAccount | undefined {
  const id = reader.idOf(value, path);
  const fields = reader.fields(value, path);
  if (id === undefined || fields === undefined) return undefined;
  return {
    id,
    login:
      reader.text(fields.login, `${path}.login`) ??
      reader.text(fields.slug, `${path}.slug`) ??
      `account-${id}`,
    type: reader.text(fields.type, `${path}.type`) ?? 'Enterprise',
  };
}

function readFormerOwner(reader: Reader, value: unknown): number | undefined {
  const path = 'changes.owner.from';
  const changes = reader.fields(value, 'changes');
  const owner = reader.fields(changes?.owner, 'changes.owner');
  const from = reader.fields(owner?.from, path);
  return reader.idOf(from?.organization, `${path}.organization`) ?? reader.idOf(from?.user, `${path}.user`);
}

/**
 * All top-level fields in GitHub's published payloads. `shape.test.ts` compares this list with
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

/** Fields that any event may have. */
const COMMON = ['action', 'installation', 'organization', 'enterprise', 'sender'];

type Shape = {
  /**
   * The top-level fields that the event may have. This list is stricter than GitHub's schemas, which allow a
   * `repository` in every event.
   */
  own: ReadonlySet<string>;
  /** True if the payload describes its subject in the way that only this event does. */
  hasSubject: (payload: Payload) => boolean;
};

const withCommon = (...fields: string[]): ReadonlySet<string> => new Set([...COMMON, ...fields]);

/** The shapes of the events whose payload is applied directly. */
const SHAPES: ReadonlyMap<string, Shape> = new Map([
  [
    'installation',
    {
      own: withCommon('repositories', 'requester'),
      // Other events only contain the installation's id.
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
 * Checks that a payload has the shape of the event in `X-GitHub-Event`. The header isn't signed, so an attacker could
 * replay another event's signed body under this name. Unknown fields are ignored, because GitHub may add fields at any
 * time.
 */
export function fitsEvent(event: string, payload: Payload): boolean {
  const shape = SHAPES.get(event);
  if (shape?.hasSubject(payload) !== true) return false;
  return ![...payload.fields].some((field) => KNOWN_FIELDS.has(field) && !shape.own.has(field));
}
