import { MintRequest, MintResponse } from '@/lib/contract/mint';

/** The parts of the route spec that both mint routes share. */
export const MINT = {
  tag: 'Tokens',
  body: MintRequest,
  answer: {
    status: 201,
    description: 'A new token, recorded in the audit log before this answer.',
    schema: MintResponse,
  },
  problems: [
    'not_connected',
    'installation_suspended',
    'installation_deleted',
    'installation_ambiguous',
    'repository_not_accessible',
    'github_error',
    'github_unavailable',
    'minting_stopped',
    'audit_unavailable',
  ],
} as const;
