import { type LucideIcon, Monitor, Moon, Sun } from 'lucide-react';
import { cn } from '../ui/cn';
import { Form } from '../ui/form';
import type { FormAction } from '../ui/submit-button';
import { THEMES, type Theme } from './preferences';

const LOOK: Record<Theme, { label: string; icon: LucideIcon }> = {
  system: { label: 'System theme', icon: Monitor },
  light: { label: 'Light theme', icon: Sun },
  dark: { label: 'Dark theme', icon: Moon },
};

/**
 * Form whose buttons set a cookie. The server renders the page in the chosen theme, so the page neither flashes nor
 * needs a script.
 */
export function ThemeSwitch({ current, action }: { current: Theme; action: FormAction }) {
  return (
    <Form action={action} className="grid justify-items-end gap-1">
      <span className="inline-flex rounded-full border bg-surface p-0.5">
        {THEMES.map((theme) => {
          const { label, icon: Icon } = LOOK[theme];
          return (
            <button
              key={theme}
              type="submit"
              name="theme"
              value={theme}
              aria-label={label}
              aria-pressed={theme === current}
              title={label}
              className={cn(
                'grid size-7 place-items-center rounded-full',
                theme === current
                  ? 'bg-card text-foreground shadow-sm ring-1 ring-border-strong forced-colors:outline-2'
                  : 'text-muted hover:text-foreground',
              )}
            >
              <Icon aria-hidden className="size-3.5" />
            </button>
          );
        })}
      </span>
    </Form>
  );
}
