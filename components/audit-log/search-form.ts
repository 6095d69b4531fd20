/**
 * The id of the form of the search. Its controls stand in several parts of the page and belong to it by this id. So
 * each of them sends what is typed in all others, also without a script.
 */
export const SEARCH_FORM = 'audit-search';

/**
 * The name of the buttons that set filters besides sending the fields. Their value is a query string, in which an empty
 * value removes a filter.
 */
export const SETS = 'set';

/** The id of the hidden button by which a script sets filters. */
export const SET_BY_SCRIPT = 'set-by-script';
