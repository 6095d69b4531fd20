import { Card, CardContent, CardHeader, Fact } from '../ui/card';
import { Field, Input } from '../ui/field';
import { Form } from '../ui/form';
import { type FormAction, SubmitButton } from '../ui/submit-button';
import { UntrustedText } from '../ui/untrusted-text';

type RenameCardProps = {
  name: string;
  slug: string;
  /** `null` for members who may not rename the workspace. */
  action: FormAction | null;
};

/** Shows a workspace's name and address, and lets an owner change the name. */
export function RenameCard({ name, slug, action }: RenameCardProps) {
  return (
    <Card>
      <CardHeader title="Workspace">
        The address stays when the name changes, because the audit log is kept under it.
      </CardHeader>
      <CardContent>
        {action === null ? (
          <dl className="mb-4 text-sm">
            <Fact term="Name">
              <UntrustedText>{name}</UntrustedText>
            </Fact>
          </dl>
        ) : (
          <Form action={action} className="mb-5 flex flex-wrap items-end gap-3">
            <div className="min-w-0 flex-1 basis-64">
              <Field id="name" label="Name">
                <Input
                  id="name"
                  name="name"
                  defaultValue={name}
                  key={name}
                  required
                  maxLength={80}
                  autoComplete="organization"
                />
              </Field>
            </div>
            <SubmitButton>Rename</SubmitButton>
          </Form>
        )}
        <dl className="text-sm">
          <Fact term="Address">
            <code className="font-mono">/w/{slug}</code>
          </Fact>
        </dl>
      </CardContent>
    </Card>
  );
}
