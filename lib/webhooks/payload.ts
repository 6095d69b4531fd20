import { z } from 'zod';
import { StorableText } from '../github/odd-items';

/**
 * The fields that are read from a payload; GitHub may add others. An unreadable field is omitted and named in
 * `odd`. It does not invalidate the delivery.
 */
export type Payload = {
  action?: string | undefined;
  installation?: DescribedInstallation | undefined;
  senderId?: number | undefined;
  requesterId?: number | undefined;
  removedRepositoryIds?: number[] | undefined;
  repository?: DescribedRepository | undefined;
  /** The former account, from `repository.transferred`. */
  formerOwnerId?: number | undefined;
  /** Names of the top-level fields, which identify the shape of an event. */
  fields: ReadonlySet<string>;
};

export type DescribedInstallation = {
  id: number;
  /** Only events about the installation itself describe the account; others name the id alone. */
  hasAccountField: boolean;
  account?: DescribedAccount | undefined;
  repositorySelection?: 'all' | 'selected' | undefined;
};

export type DescribedAccount = { id: number; login: string; type: string };

export type DescribedRepository = { id: number; ownerId?: number | undefined };

/** An integer that a JavaScript number represents exactly. A larger one is rounded and would name another object. */
const Id = z.int().positive();

type Fields = Readonly<Record<string, unknown>>;

/** Reads one payload, and collects the paths of unreadable fields. */
class Reader {
  readonly odd: string[] = [];

  /** @returns `undefined` for absent, null and unreadable values; GitHub's schemas allow the first two */
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

  /** Rejects text that PostgreSQL cannot store, because it would make every redelivery fail. */
  text(value: unknown, path: string): string | undefined {
    if (value === undefined || value === null) return undefined;
    const { success, data } = StorableText.safeParse(value);
    if (!success) this.odd.push(path);
    return data;
  }

  /** Reads the id of an object that is useless without one. */
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
 * @returns `odd`: the paths of unreadable fields, never a value
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

/** An enterprise account has a `slug` where others have a `login`. */
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
