import { Fragment, type ReactNode } from 'react';
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
    <div className="reference-fields">
      <h4>{title}</h4>
      <dl>
        {fields.map(({ name, schema, required }) => (
          <div key={name}>
            <dt>
              <code>{name}</code>
              {required === input ? <span>{input ? 'required' : 'may be missing'}</span> : null}
            </dt>
            <dd>
              <TypeOf schema={schema} />
              {schema.default === undefined ? null : `, ${JSON.stringify(schema.default)} by default`}
              {schema.description ? <span>{schema.description}</span> : null}
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
  if (schema.const !== undefined) return <code>{JSON.stringify(schema.const)}</code>;
  if (schema.enum !== undefined) return schema.enum.map((value) => JSON.stringify(value)).join(' or ');
  if (schema.anyOf !== undefined)
    return schema.anyOf.map((one, index) => (
      <Fragment key={JSON.stringify(one)}>
        {index > 0 ? ' or ' : ''}
        <TypeOf schema={one} />
      </Fragment>
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
  return <a href={`#${name}`}>{name}</a>;
}
