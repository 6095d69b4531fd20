/** The shapes of the HTTP API that services use, from its OpenAPI document. */
import type { components, paths } from './generated/api-types.js';

type Schemas = components['schemas'];

export type MintAnswer = Schemas['MintResponse'];
export type MintBody = Schemas['MintRequest'];
export type ProblemAnswer = Schemas['Problem'];
export type Repository = Schemas['Repository'];
type Listing = paths['/api/v1/internal/github/repositories']['get'];
export type RepositoryPage = Listing['responses'][200]['content']['application/json'];

export const MINT_PATH = '/api/v1/internal/github/token' satisfies keyof paths;
export const REVOKE_PATH = '/api/v1/internal/github/token/revoke' satisfies keyof paths;
export const REPOSITORIES_PATH = '/api/v1/internal/github/repositories' satisfies keyof paths;
