/** A pulse in a square, in the colour of the text around it. */
export function Logo({ className = 'size-6' }: { className?: string }) {
  return (
    <svg viewBox="0 0 24 24" aria-hidden="true" className={className} fill="none">
      <rect width="24" height="24" rx="6" fill="currentColor" />
      <path
        d="M4 12.5h3.5l2.2-6 4 11 2.3-5H20"
        stroke="var(--background)"
        strokeWidth="1.9"
        strokeLinecap="round"
        strokeLinejoin="round"
      />
    </svg>
  );
}
