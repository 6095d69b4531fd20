import { cn } from '../ui/cn';
import { Link } from '../ui/link';
import { PRESET_NAMES, PRESETS, type PresetName } from './presets';

type PresetTabsProps = { current: PresetName; hrefOf: (name: PresetName) => string };

/** Links to the form for each kind of workload. */
export function PresetTabs({ current, hrefOf }: PresetTabsProps) {
  return (
    <nav aria-label="Kind of workload">
      <ul className="flex flex-wrap gap-2">
        {PRESET_NAMES.map((name) => (
          <li key={name}>
            <Link
              href={hrefOf(name)}
              scroll={false}
              replace
              aria-current={name === current ? 'true' : undefined}
              className={cn(
                'flex min-h-9 items-center rounded-md border px-3 py-1.5 text-sm',
                name === current
                  ? 'border-foreground bg-surface font-medium'
                  : 'border-control text-muted hover:bg-hover hover:text-foreground',
              )}
            >
              {PRESETS[name].label}
            </Link>
          </li>
        ))}
      </ul>
    </nav>
  );
}
