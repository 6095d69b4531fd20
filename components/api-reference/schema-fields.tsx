import type { ReactNode } from 'react';
import type { JsonSchema } from '@/lib/contract/json-schema';

type Field = { name: string; schema: JsonSchema; required: boolean };

/** Returns an object's fields. A nested field is named by its path, such as `account.login`. */
export function fieldsOf({ properties = {}, required = [] }: JsonSchema, prefix = ''): Field[] {
  return Object.entries(properties).flatMap(([name, schema]) => [
    { name: `${prefix}${name}`, schema, required: required.includes(name) },
    ...fieldsOf(schema, `${prefix}${name}.`),
    ...fieldsOf(schema.items ?? {}, `${prefix}${name}[].`),
  ]);
}

type FieldListProps = {
  title: string;
  fields: Field[];
  /** Whether callers send these fields. If so, the required fields are marked; if not, the optional ones are. */
  input: boolean;
};

export function FieldList({ title, fields, input }: FieldListProps) {
  if (fields.length === 0) return null;
  return (
    <div>
      <h4 className="mb-1 font-medium text-[13px]">{title}</h4>
      <dl className="divide-y border-y">
        {fields.map(({ name, schema, required }) => (
          <div key={name} className="py-2 text-[13px] sm:flex sm:gap-4">
            <dt className="shrink-0 sm:w-56">
              <code className="wrap-anywhere font-mono">{name}</code>
              {required === input ? (
                <span className="ml-2 text-muted text-xs">{input ? 'required' : 'may be missing'}</span>
              ) : null}
            </dt>
            <dd className="wrap-anywhere min-w-0 text-muted">
              <TypeOf schema={schema} />
              {schema.default === undefined ? null : `, ${JSON.stringify(schema.default)} by default`}
              {schema.description ? (
                <span className="block text-foreground">{schema.description}</span>
              ) : null}
            </dd>
          </div>
        ))}
      </dl>
    </div>
  );
}

/** Human-readable description of a type. A named type links to its own entry on the page. */
export function TypeOf({ schema }: { schema: JsonSchema }): ReactNode {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.split('/').at(-1) ?? '';
    return name === 'Json' ? 'any JSON' : <ObjectLink name={name} />;
  }
  if (schema.const !== undefined) return <code className="font-mono">{JSON.stringify(schema.const)}</code>;
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' or ');
  if (schema.anyOf !== undefined)
    return schema.anyOf.map((one, index) => (
      <span key={JSON.stringify(one)}>
        {index > 0 ? ' or ' : ''}
        <TypeOf schema={one} />
      </span>
    ));
  if (schema.type === 'array')
    return (
      <>
        array of <TypeOf schema={schema.items ?? {}} />
      </>
    );
  const type = Array.isArray(schema.type) ? schema.type.join(' or ') : (schema.type ?? 'anything');
  return schema.format === undefined ? type : `${type} (${schema.format})`;
}

function ObjectLink({ name }: { name: string }) {
  return (
    <a href={`#${name}`} className="text-accent underline underline-offset-4">
      {name}
    </a>
  );
}
