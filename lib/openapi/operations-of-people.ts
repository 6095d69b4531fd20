import {
  ApiKey,
  ApiKeyParams,
  ApiKeysQuery,
  CreateApiKey,
  CreatedApiKey,
  RotateApiKey,
} from '../contract/api-keys';
import { ChangeMember, InviteMember, Member, MemberParams } from '../contract/members';
import { listOf } from '../contract/pagination';
import type { Operation } from './operation';

const KEYS = '/api/v1/workspaces/{workspace}/api-keys';
const MEMBERS = '/api/v1/workspaces/{workspace}/members';

const ADMIN = { credential: 'user', role: 'admin', rateLimit: 'api' } as const;

/** API keys and members. */
export const PEOPLE_OPERATIONS: readonly Operation[] = [
  {
    ...ADMIN,
    id: 'listApiKeys',
    tag: 'API keys',
    method: 'get',
    path: KEYS,
    summary: 'List API keys',
    query: ApiKeysQuery,
    answer: { status: 200, description: 'One page, without the keys themselves.', schema: listOf(ApiKey) },
  },
  {
    ...ADMIN,
    id: 'createApiKey',
    tag: 'API keys',
    method: 'post',
    path: KEYS,
    summary: 'Create an API key',
    description: 'The key stands in this answer and never again: we keep its SHA-256 only.',
    body: CreateApiKey,
    example: { name: 'analysis-engine', repositories: ['acme/api'], expires_in: '90d' },
    answer: { status: 201, description: 'The key, once.', schema: CreatedApiKey },
    problems: ['repository_not_accessible'],
  },
  {
    ...ADMIN,
    id: 'rotateApiKey',
    tag: 'API keys',
    method: 'post',
    path: `${KEYS}/{id}/rotate`,
    summary: 'Rotate an API key',
    description: 'The old key goes on for the overlap: a day, unless something else is asked for.',
    params: ApiKeyParams,
    body: RotateApiKey,
    bodyOptional: true,
    example: { overlap: '24h' },
    answer: { status: 201, description: 'The new key, once.', schema: CreatedApiKey },
  },
  {
    ...ADMIN,
    id: 'revokeApiKey',
    tag: 'API keys',
    method: 'delete',
    path: `${KEYS}/{id}`,
    summary: 'Revoke an API key',
    params: ApiKeyParams,
    answer: { status: 204, description: 'Its next request is refused.' },
  },
  {
    ...ADMIN,
    id: 'listMembers',
    tag: 'Members',
    method: 'get',
    path: MEMBERS,
    summary: 'List members and invitations',
    answer: { status: 200, description: 'All of them.', schema: listOf(Member) },
  },
  {
    ...ADMIN,
    id: 'inviteMember',
    tag: 'Members',
    method: 'post',
    path: MEMBERS,
    summary: 'Invite somebody',
    description: 'The invitation waits for whoever signs in with this e-mail. At most 200 wait at a time.',
    body: InviteMember,
    example: { email: 'mia@acme.test', role: 'member' },
    answer: { status: 201, description: 'The invitation.', schema: Member },
  },
  {
    ...ADMIN,
    id: 'changeMember',
    tag: 'Members',
    method: 'patch',
    path: `${MEMBERS}/{id}`,
    summary: 'Change a role',
    params: MemberParams,
    body: ChangeMember,
    example: { role: 'admin' },
    answer: { status: 200, description: 'The member as they are now.', schema: Member },
  },
  {
    ...ADMIN,
    id: 'removeMember',
    tag: 'Members',
    method: 'delete',
    path: `${MEMBERS}/{id}`,
    summary: 'Remove a member, or take an invitation back',
    params: MemberParams,
    answer: { status: 204, description: 'Their next request is refused.' },
  },
];
