import { readFileSync } from 'node:fs';
import { expect, it } from 'vitest';
import { API_TYPES, generateApiTypes } from './api-types';

it('keeps the client’s types as docs/openapi.json describes the API: npm run types -w client', async () => {
  expect(readFileSync(API_TYPES, 'utf8')).toBe(await generateApiTypes());
});
