/**
 * Keeps `docs/openapi.json` equal to the document that the routes publish. Clients generate their types from this copy,
 * and a reviewer sees in it how a change affects callers.
 */
import { expect, it } from 'vitest';
import { openApiDocument } from '@/lib/openapi/document';
import { ROUTES } from './routes';

const COPY = '../../docs/openapi.json';
const REWRITE = 'npx vitest run openapi-documented --update';

it('has an up-to-date copy of the OpenAPI document in docs/openapi.json', async () => {
  // The address and the limits of the examples in the README.
  const deployment = {
    publicUrl: 'https://control-plane.example',
    rateLimits: { mint_user: 20, mint_internal: 30 },
  };
  const text = `${JSON.stringify(openApiDocument(deployment, ROUTES), null, 2)}\n`;
  await expect(text, `docs/openapi.json is stale; rewrite it: ${REWRITE}`).toMatchFileSnapshot(COPY);
});
