import { FolderGit2, Plus } from 'lucide-react';
import { Alert } from '@/components/ui/alert';
import { Avatar } from '@/components/ui/avatar';
import { Badge, type Tone } from '@/components/ui/badge';
import { Button } from '@/components/ui/button';
import { Card, CardContent, CardDescription, CardFooter, CardHeader, CardTitle } from '@/components/ui/card';
import { Checkbox } from '@/components/ui/checkbox';
import { CopyButton } from '@/components/ui/copy-button';
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuTrigger,
  dropdownItemClasses,
} from '@/components/ui/dropdown-menu';
import { EmptyState } from '@/components/ui/empty-state';
import { Field } from '@/components/ui/field';
import { Input } from '@/components/ui/input';
import { Pagination } from '@/components/ui/pagination';
import { Select } from '@/components/ui/select';
import { Skeleton } from '@/components/ui/skeleton';
import { Time } from '@/components/ui/time';
import { Row, Section, State } from './section';

const TONES = ['neutral', 'info', 'success', 'warning', 'danger'] as const satisfies Tone[];
const VARIANTS = ['primary', 'secondary', 'ghost', 'danger', 'link'] as const;

export function Primitives() {
  return (
    <>
      <Section name="Button">
        <Row label="variants">
          {VARIANTS.map((variant) => (
            <Button key={variant} variant={variant}>
              {variant}
            </Button>
          ))}
        </Row>
        <Row label="disabled">
          {VARIANTS.map((variant) => (
            <Button key={variant} variant={variant} disabled>
              {variant}
            </Button>
          ))}
        </Row>
        <Row label="sizes">
          <Button size="sm">Small</Button>
          <Button>Medium</Button>
          <Button size="lg">
            <Plus aria-hidden />
            Large
          </Button>
          <CopyButton value="x" label="sample" />
          <CopyButton value="x" label="as JSON" withText />
        </Row>
      </Section>
      <Section name="Badge">
        <Row label="tones">
          {TONES.map((tone) => (
            <Badge key={tone} tone={tone}>
              {tone}
            </Badge>
          ))}
        </Row>
      </Section>
      <Section name="Alert">
        {TONES.map((tone) => (
          <Alert
            key={tone}
            tone={tone}
            title={`A ${tone} message`}
            actions={<Button size="sm">Do it</Button>}
          >
            What happened, why, and what to do next.
          </Alert>
        ))}
      </Section>
      <Section name="Form">
        <div className="grid gap-4 sm:grid-cols-2">
          <Field id="sample-text" label="Text" hint="A hint under the field.">
            <Input id="sample-text" placeholder="Placeholder" />
          </Field>
          <Field id="sample-wrong" label="With an error" error="Use lower-case letters.">
            <Input
              id="sample-wrong"
              defaultValue="WRONG"
              aria-invalid
              aria-describedby="sample-wrong-error"
            />
          </Field>
          <Field id="sample-select" label="Select">
            <Select id="sample-select">
              <option>All events</option>
              <option>Token minted</option>
            </Select>
          </Field>
          <Field id="sample-disabled" label="Disabled">
            <Input id="sample-disabled" disabled defaultValue="Not now" />
          </Field>
        </div>
        <Row label="checkbox">
          <label className="flex items-center gap-2 text-sm" htmlFor="sample-on">
            <Checkbox id="sample-on" defaultChecked /> On
          </label>
          <label className="flex items-center gap-2 text-sm" htmlFor="sample-off">
            <Checkbox id="sample-off" /> Off
          </label>
        </Row>
      </Section>
      <Section name="Menu">
        <Row label="menu">
          <DropdownMenu>
            <DropdownMenuTrigger className="rounded-md border px-3 py-1.5">Open the menu</DropdownMenuTrigger>
            <DropdownMenuContent>
              <button type="button" className={dropdownItemClasses}>
                <Plus aria-hidden />
                First
              </button>
              <button type="button" className={dropdownItemClasses}>
                <Plus aria-hidden />
                Second
              </button>
            </DropdownMenuContent>
          </DropdownMenu>
        </Row>
      </Section>
      <Section name="Card and empty state">
        <Card>
          <CardHeader>
            <CardTitle>Title</CardTitle>
            <CardDescription>What this card is about.</CardDescription>
          </CardHeader>
          <CardContent className="text-sm">Content</CardContent>
          <CardFooter>
            <Button size="sm">Action</Button>
          </CardFooter>
        </Card>
        <Card>
          <EmptyState icon={FolderGit2} title="Nothing here yet" actions={<Button size="sm">Add one</Button>}>
            What will be here, and how it gets here.
          </EmptyState>
        </Card>
      </Section>
      <Section name="Small things">
        <Row label="avatar">
          <Avatar name="acme" />
          <Avatar name="olivia@acme.test" />
          <Avatar name="Acme Söhne" />
          <Avatar name="🦊" />
        </Row>
        <Row label="time">
          <span className="text-sm">
            <Time value={new Date(Date.now() - 200_000).toISOString()} /> ·{' '}
            <Time value="2026-11-22T20:05:35Z" format="absolute" />
          </span>
        </Row>
        <State label="skeleton">
          <Skeleton className="h-8 w-60" />
        </State>
        <Pagination
          label="Samples"
          previous={{ href: '?', text: 'Newer' }}
          next={{ href: '?', text: 'Older' }}
          summary="Times are UTC"
        />
      </Section>
    </>
  );
}
