import type { Theme } from '../shell/preferences';
import { ThemeSwitch } from '../shell/theme-switch';
import { Card, CardContent, CardHeader } from '../ui/card';
import { Field, Select } from '../ui/field';
import { Form } from '../ui/form';
import { type FormAction, SubmitButton } from '../ui/submit-button';

type PreferencesProps = {
  zone: string;
  theme: Theme;
  actions: { setZone: FormAction; setTheme: FormAction };
};

/** Lets the user choose the time zone and the theme of all pages, in this browser. */
export function Preferences({ zone, theme, actions }: PreferencesProps) {
  const zones = [...new Set(['UTC', zone, ...Intl.supportedValuesOf('timeZone')])];
  return (
    <Card>
      <CardHeader title="Preferences">Kept in this browser.</CardHeader>
      <CardContent>
        <div className="grid gap-5">
          <Form action={actions.setZone} className="flex flex-wrap items-end gap-3">
            <div className="min-w-0 flex-1 basis-64">
              <Field id="zone" label="Time zone">
                <Select id="zone" name="zone" defaultValue={zone} key={zone}>
                  {zones.map((name) => (
                    <option key={name} value={name}>
                      {name.replaceAll('_', ' ')}
                    </option>
                  ))}
                </Select>
              </Field>
            </div>
            <SubmitButton>Save time zone</SubmitButton>
          </Form>
          <div className="grid justify-items-start gap-1.5">
            <span className="font-medium text-13">Theme</span>
            <ThemeSwitch current={theme} action={actions.setTheme} />
          </div>
        </div>
      </CardContent>
    </Card>
  );
}
