import { Download } from 'lucide-react';
import { buttonClasses } from '../ui/button';

type PackButtonsProps = {
  /** The address of the pack as PDF and as JSON. */
  pdfHref: string;
  jsonHref: string;
};

/** Saves an evidence pack. Plain links, so that they work without a script. */
export function PackButtons({ pdfHref, jsonHref }: PackButtonsProps) {
  return (
    <>
      <a href={pdfHref} className={buttonClasses({ variant: 'primary', className: 'print:hidden' })}>
        <Download aria-hidden />
        Evidence pack
      </a>
      <a href={jsonHref} className={buttonClasses({ className: 'print:hidden' })}>
        JSON
        <span className="sr-only"> of the evidence pack</span>
      </a>
    </>
  );
}
