'use client';

import type { JsonSchema } from '@/lib/contract/json-schema';
import { Card } from '../ui/card';
import { Icon } from '../ui/icon';
import { FieldList, fieldsOf } from './schema-fields';

type ObjectCardProps = {
  name: string;
  schema: JsonSchema;
  /** True if callers send this object; false if it appears only in responses. */
  sent: boolean;
};

/** A client component for the same reason as `OperationCard`. */
export function ObjectCard({ name, schema, sent }: ObjectCardProps) {
  return (
    <Card className="overflow-hidden" data-found-by-text="">
      <details className="group">
        <summary className="flex items-center justify-between gap-3 px-4 py-3 hover:bg-hover sm:px-5">
          <h3 className="font-medium text-sm">{name}</h3>
          <Icon
            name="chevronRight"
            className="size-4 shrink-0 text-muted transition-transform group-open:rotate-90"
          />
        </summary>
        <div id={name} className="scroll-mt-16 border-t px-4 py-4 sm:px-5">
          <FieldList title="Fields" fields={fieldsOf(schema)} input={sent} />
        </div>
      </details>
    </Card>
  );
}
