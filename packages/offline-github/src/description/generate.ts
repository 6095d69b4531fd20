import type fc from 'fast-check';
import { type ArbitraryOptions, arbitraryOf } from './arbitrary';
import { restDocument, webhooksDocument } from './documents';
import { standalone } from './json-schema';
import { answerSchema, findOperation } from './operations';

/**
 * Generates responses that GitHub's OpenAPI description allows.
 *
 * @param route method and path as in GitHub's reference: `GET /app/installations`
 */
export function answersOf(route: string, status: number, options?: ArbitraryOptions): fc.Arbitrary<unknown> {
  const [method = '', path = ''] = route.split(' ');
  const operation = findOperation(method, path)?.operation;
  const schema = operation && answerSchema(operation, status);
  if (!schema) throw new Error(`GitHub describes no ${route} with ${status}`);
  return arbitraryOf(standalone(restDocument().components, schema), options);
}

/**
 * Generates webhook payloads that GitHub's OpenAPI description allows.
 *
 * @param name as in the description: `installation-created`
 */
export function payloadsOf(name: string, options?: ArbitraryOptions): fc.Arbitrary<unknown> {
  const { webhooks, components } = webhooksDocument();
  const schema = webhooks[name]?.post.requestBody?.content?.['application/json']?.schema;
  if (schema === undefined) throw new Error(`GitHub describes no webhook ${name}`);
  return arbitraryOf(standalone(components, schema), options);
}
