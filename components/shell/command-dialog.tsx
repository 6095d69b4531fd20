'use client';

import { useRouter } from 'next/navigation';
import { type KeyboardEvent, useDeferredValue, useEffect, useId, useRef, useState } from 'react';
import { counted } from '@/lib/contract/counted';
import { cn } from '../ui/cn';
import { Checkbox } from '../ui/field';
import { Modal } from '../ui/modal';
import { matching, type PaletteItem, type PaletteProps } from './palette-items';
import { setSingleKeys, singleKeysAreOn } from './preferences';
import { type Found, useFound } from './use-found';

export type CommandDialogProps = PaletteProps & {
  open: number;
  onClose: () => void;
  /** Whether to show the list of shortcuts instead of the search. */
  showsKeys: boolean;
};

export function CommandDialog({ open, onClose, showsKeys, ...props }: CommandDialogProps) {
  return (
    <Modal
      open={open}
      onClose={onClose}
      aria-label={showsKeys ? 'Keyboard shortcuts' : 'Go to'}
      onClick={(event) => {
        // The dialog itself is the target only of a click on its backdrop, because its content covers it.
        if (event.target === event.currentTarget) event.currentTarget.close();
      }}
      className="fixed inset-x-0 top-[12dvh] z-50 mx-auto w-[calc(100%-2rem)] max-w-xl overflow-hidden rounded-xl border bg-card text-foreground shadow-xl backdrop:bg-overlay"
    >
      {showsKeys ? <Shortcuts /> : <Search {...props} onClose={onClose} />}
    </Modal>
  );
}

function Search({ items, onClose, ...of }: PaletteProps & { onClose: () => void }) {
  const router = useRouter();
  const id = useId();
  const list = useRef<HTMLDivElement>(null);
  const [text, setText] = useState('');
  const [active, setActive] = useState(0);
  const objects = useFound(of, useDeferredValue(text));
  const found = [...matching(items, text), ...objects.items];
  const chosen = found[Math.min(active, found.length - 1)];

  useEffect(() => {
    list.current?.querySelector('[aria-selected=true]')?.scrollIntoView({ block: 'nearest' });
  });

  const follow = (item: PaletteItem | undefined) => {
    if (item === undefined) return;
    onClose();
    router.push(item.href);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const last = Math.max(0, found.length - 1);
    const at = Math.min(active, last);
    const moves: Record<string, number> = {
      ArrowDown: at === last ? 0 : at + 1,
      ArrowUp: at === 0 ? last : at - 1,
    };
    const next = moves[event.key];
    if (next !== undefined) setActive(next);
    else if (event.key === 'Enter' && !event.nativeEvent.isComposing) follow(chosen);
    else return;
    event.preventDefault();
  };

  return (
    <>
      <input
        type="text"
        role="combobox"
        aria-expanded="true"
        aria-controls={id}
        aria-activedescendant={chosen ? `${id}-${chosen.href}` : undefined}
        aria-label="Page, action, repository, key or member"
        placeholder="Go to a page, action, repository, key or member…"
        value={text}
        maxLength={200}
        autoComplete="off"
        spellCheck={false}
        onChange={(event) => {
          setText(event.target.value);
          setActive(0);
        }}
        onKeyDown={onKeyDown}
        className="h-12 w-full border-b bg-card px-4 text-base outline-none"
      />
      <div
        ref={list}
        id={id}
        role="listbox"
        aria-label="Results"
        className="max-h-[50dvh] overflow-y-auto p-2 empty:hidden"
      >
        {found.map((item, index) => (
          <Group key={item.href} heading={item.group === found[index - 1]?.group ? null : item.group}>
            <div
              id={`${id}-${item.href}`}
              role="option"
              tabIndex={-1}
              aria-selected={item === chosen}
              onPointerMove={() => setActive(index)}
              onClick={() => follow(item)}
              onKeyDown={onKeyDown}
              className={cn(
                'flex min-h-9 cursor-pointer items-center rounded-md border border-transparent px-2.5 py-1.5 text-sm',
                item === chosen && 'border-border-strong bg-hover',
              )}
            >
              <bdi className="wrap-anywhere">{item.label}</bdi>
            </div>
          </Group>
        ))}
      </div>
      <Status found={found.length} objects={objects} />
    </>
  );
}

function Group({ heading, children }: { heading: string | null; children: React.ReactNode }) {
  return (
    <>
      {heading === null ? null : (
        <p role="presentation" className="px-2.5 pt-2 pb-1 text-muted text-xs">
          {heading}
        </p>
      )}
      {children}
    </>
  );
}

/** Says what the list can't: that nothing was found, or that something is still missing from it. */
function Status({ found, objects }: { found: number; objects: Found }) {
  const says = {
    idle: found === 0 ? 'Nothing found' : '',
    searching: 'Searching…',
    failed: 'Not everything could be searched. Try again in a moment.',
    found: found === 0 ? 'Nothing found' : '',
  }[objects.state];
  return (
    <p role="status" className={cn('border-t px-4 py-2.5 text-13 text-muted', says === '' && 'sr-only')}>
      {says === '' ? counted(found, 'result') : says}
    </p>
  );
}

const KEYS = [
  { keys: ['Ctrl or ⌘', 'K'], about: 'Go to a page, action, repository, key or member' },
  { keys: ['/'], about: 'Search this page' },
  { keys: ['J', 'K'], about: 'Go to the next or previous event of the audit log' },
  { keys: ['O'], about: 'Open that event' },
  { keys: ['?'], about: 'Show these shortcuts' },
  { keys: ['Esc'], about: 'Close a dialog, drawer or menu' },
] as const;

function Shortcuts() {
  const id = useId();
  const [areOn, setAreOn] = useState(singleKeysAreOn);
  return (
    <div className="p-6 text-sm">
      <h2 className="font-semibold text-lg tracking-tight">Keyboard shortcuts</h2>
      <dl className="mt-4 grid gap-2">
        {KEYS.map(({ keys, about }) => (
          <div key={about} className="flex items-center justify-between gap-4">
            <dt>{about}</dt>
            <dd className="flex gap-1">
              {keys.map((key) => (
                <kbd key={key} className="rounded border bg-surface px-1.5 py-0.5 font-sans text-xs">
                  {key}
                </kbd>
              ))}
            </dd>
          </div>
        ))}
      </dl>
      <label htmlFor={id} className="mt-5 flex items-center gap-2.5 border-t pt-4">
        <Checkbox
          id={id}
          checked={areOn}
          onChange={({ target }) => {
            setSingleKeys(target.checked);
            setAreOn(target.checked);
          }}
        />
        Shortcuts of a single key, in this browser
      </label>
    </div>
  );
}
