const INITIAL_BYTES = 64 * 1024;
const LENGTH_BYTES = 4;
/** UTF-8 needs at most this many bytes for one character of a JavaScript string. */
const MOST_BYTES_PER_CHARACTER = 3;

/**
 * Rows of text, packed into one buffer outside V8's heap.
 *
 * A batch of an export waits here until its reader has taken the batch before it. As strings, its rows would outlive
 * V8's young generation. V8 would then leave a hundred megabytes of dead rows in the old generation before collecting
 * them. Rows that are unpacked one by one die young.
 */
export class PackedRows {
  #buffer = Buffer.allocUnsafeSlow(INITIAL_BYTES);
  #end = 0;
  #count = 0;

  /** @param width the number of values in a row */
  constructor(private readonly width: number) {}

  get count(): number {
    return this.#count;
  }

  /** Appends a row. A null becomes empty text. */
  add(values: readonly (string | null)[]): void {
    for (const each of values) {
      const value = each ?? '';
      this.#reserve(LENGTH_BYTES + value.length * MOST_BYTES_PER_CHARACTER);
      const start = this.#end + LENGTH_BYTES;
      const length = this.#buffer.write(value, start);
      this.#buffer.writeUInt32LE(length, this.#end);
      this.#end = start + length;
    }
    this.#count++;
  }

  /** Forgets all rows, but keeps the memory for the next ones. */
  clear(): void {
    this.#end = 0;
    this.#count = 0;
  }

  /** Unpacks the rows one by one. */
  *unpack(): Generator<string[]> {
    let at = 0;
    while (at < this.#end) {
      const row: string[] = [];
      while (row.length < this.width) {
        const start = at + LENGTH_BYTES;
        at = start + this.#buffer.readUInt32LE(at);
        row.push(this.#buffer.toString('utf8', start, at));
      }
      yield row;
    }
  }

  #reserve(bytes: number): void {
    const needed = this.#end + bytes;
    if (needed <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafeSlow(Math.max(needed, 2 * this.#buffer.length));
    this.#buffer.copy(larger, 0, 0, this.#end);
    this.#buffer = larger;
  }
}
