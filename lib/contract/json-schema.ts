/**
 * The part of JSON Schema used in our OpenAPI document.
 *
 * @see https://json-schema.org/draft/2020-12
 */
export type JsonSchema = {
  $ref?: string;
  type?: string | string[];
  description?: string;
  properties?: Record<string, JsonSchema>;
  required?: string[];
  items?: JsonSchema;
  anyOf?: JsonSchema[];
  enum?: (string | number)[];
  const?: string | number;
  format?: string;
  default?: unknown;
  additionalProperties?: boolean | JsonSchema;
};
