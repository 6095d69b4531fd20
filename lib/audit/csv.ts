/** What stands between two commas; an empty cell that was quoted is text, one that was not is nothing. */
export type CsvCell = { text: string; quoted: boolean };

/** A file with longer records is no CSV, or somebody wants our memory. */
const MAX_RECORD_CHARACTERS = 10_000_000;

/** GitHub's exports have some hundred columns, ours fifteen; whoever reads does something with each. */
const MAX_RECORD_CELLS = 1000;

/**
 * Records of a CSV file (RFC 4180), one at a time.
 *
 * @throws when a quoted cell does not end, or a record is longer than any real one
 */
export async function* readCsv(pieces: AsyncIterable<string>): AsyncGenerator<CsvCell[]> {
  let record: CsvCell[] = [];
  let cell: CsvCell = { text: '', quoted: false };
  let state: 'plain' | 'quoted' | 'quote in quoted' = 'plain';
  let size = 0;
  const endCell = () => {
    if (record.length === MAX_RECORD_CELLS)
      throw new Error(`a record of the CSV file has more than ${MAX_RECORD_CELLS} cells`);
    record.push(cell);
    cell = { text: '', quoted: false };
  };
  for await (const piece of pieces) {
    for (const character of piece) {
      if (++size > MAX_RECORD_CHARACTERS) throw new Error('a record of the CSV file does not end');
      if (state === 'quoted') {
        if (character === '"') state = 'quote in quoted';
        else cell.text += character;
        continue;
      }
      if (character === '"' && state === 'quote in quoted') {
        cell.text += '"';
        state = 'quoted';
        continue;
      }
      state = 'plain';
      if (character === '"' && cell.text === '' && !cell.quoted) {
        cell.quoted = true;
        state = 'quoted';
      } else if (character === ',') endCell();
      else if (character === '\n') {
        endCell();
        yield record;
        record = [];
        size = 0;
      } else if (character !== '\r') cell.text += character;
    }
  }
  if (state === 'quoted') throw new Error('a quoted cell of the CSV file does not end');
  if (record.length > 0 || cell.text !== '' || cell.quoted) {
    endCell();
    yield record;
  }
}
