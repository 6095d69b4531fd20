import { Button } from '../ui/button';
import { SEARCH_FORM, SETS } from './search-form';

/** Buttons that limit a search to a period, for one that took too long without. */
export function PeriodButtons() {
  return [7, 30].map((days) => (
    <Button
      key={days}
      type="submit"
      form={SEARCH_FORM}
      size="sm"
      name={SETS}
      value={`from=${days}d&to=&zone=`}
    >
      Last {days} days
    </Button>
  ));
}
